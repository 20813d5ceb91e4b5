/** Bundlers drop the records that a program does not import. */
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("a bundle of a program that uses one record", () => {
  it("holds that record and what it refers to, and no other", async () => {
    const code = await bundle(
      `import { CreateRequest } from "@jute-ts/zookeeper";
       export const bytes = CreateRequest.encode({ path: "/a" });`,
    );
    expect(recordsIn(code)).toEqual(["ACL", "CreateRequest", "Id"]);
  });

  it("holds none for a program that only wants an op code", async () => {
    const code = await bundle(
      `import { OpCode } from "@jute-ts/zookeeper";
       export const code = OpCode.create;`,
    );
    expect(recordsIn(code)).toEqual([]);
  });
});

/** The names in the descriptors of a bundle. */
function recordsIn(code: string): string[] {
  return Array.from(code.matchAll(/fullName: ?"[a-z.]+\.(\w+)"/g), ([, name]) => name ?? "").sort();
}

async function bundle(program: string): Promise<string> {
  const entry = "\0program.js";
  const result = await build({
    root,
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@jute-ts/source"] },
    plugins: [
      {
        name: "program",
        enforce: "pre",
        resolveId: (id) => (id === "program" ? entry : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rollupOptions: { input: "program", preserveEntrySignatures: "strict" },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs
    .flatMap((each) => ("output" in each ? each.output : []))
    .map((chunk) => ("code" in chunk ? chunk.code : ""))
    .join("");
}
