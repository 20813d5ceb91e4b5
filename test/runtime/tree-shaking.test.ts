/** Bundlers drop the records that a program does not import. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build as buildWithEsbuild } from "esbuild";
import { build } from "vite";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const generated = path.join(root, "generated/src/");

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

/** What generated classes have from the runtime must not get lost, either. */
const USE_OF_ONE_RECORD = `
  import { CreateRequest } from "@jute-ts/records/proto";
  export const text = CreateRequest.decode(new CreateRequest({ path: "/a" }).clone().encode()).toString();`;

describe("a bundle of generated classes in a project that does not rule out side effects", () => {
  it.each([
    ["Vite", () => bundle(USE_OF_ONE_RECORD, { sideEffects: true })],
    ["esbuild", () => bundleWithEsbuild(USE_OF_ONE_RECORD)],
  ])("holds what is used, whole, by %s", async (_name, bundled) => {
    const code = await bundled();
    expect(recordsIn(code)).toEqual(["ACL", "CreateRequest", "Id"]);
    const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
    expect(await import(url)).toMatchObject({
      text: 'CreateRequest { path: "/a", data: null, acl: null, flags: 0 }',
    });
  });
});

/** The names in the descriptors of a bundle. */
function recordsIn(code: string): string[] {
  return Array.from(code.matchAll(/fullName: ?"[a-z.]+\.(\w+)"/g), ([, name]) => name ?? "").sort();
}

/** `sideEffects` is what a manifest says about generated files: false in that of `@jute-ts/records`, nothing in most projects. */
async function bundle(program: string, { sideEffects = false } = {}): Promise<string> {
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
        transform: (code, id) =>
          sideEffects && id.startsWith(generated)
            ? { code, map: null, moduleSideEffects: true }
            : null,
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

async function bundleWithEsbuild(program: string): Promise<string> {
  const { outputFiles } = await buildWithEsbuild({
    stdin: { contents: program, resolveDir: root },
    conditions: ["@jute-ts/source"],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    plugins: [
      {
        name: "side-effects",
        setup(bundler) {
          bundler.onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path: specifier, resolveDir }) => {
            const file = path.resolve(resolveDir, specifier.replace(/\.js$/, ".ts"));
            return file.startsWith(generated) ? { path: file, sideEffects: true } : null;
          });
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}
