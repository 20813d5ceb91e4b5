/**
 * Generated classes where TypeScript does not define class fields, as it does not for targets before
 * ES2022: a field that is never assigned is not there at all then.
 */
import path from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type * as proto from "@jute-ts/records/proto";
import type * as runtime from "@jute-ts/runtime";

async function withoutClassFields() {
  const { outputFiles } = await build({
    absWorkingDir: path.resolve(import.meta.dirname, "../.."),
    stdin: {
      contents: `
        export { ConnectRequest, ConnectResponse } from "@jute-ts/records/proto";
        export { BinaryInputArchive } from "@jute-ts/runtime";
      `,
      resolveDir: import.meta.dirname,
    },
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    conditions: ["@jute-ts/source"],
    bundle: true,
    format: "esm",
    write: false,
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? "").toString("base64");
  return (await import(`data:text/javascript;base64,${code}`)) as Pick<
    typeof proto,
    "ConnectRequest" | "ConnectResponse"
  > &
    Pick<typeof runtime, "BinaryInputArchive">;
}

test("a message without an optional field clears the one of an earlier message", async () => {
  const { ConnectRequest, ConnectResponse, BinaryInputArchive } = await withoutClassFields();
  for (const type of [ConnectRequest, ConnectResponse]) {
    const record = new type({ readOnly: true });
    record.deserialize(new BinaryInputArchive(new type({ timeOut: 7 }).encode()));
    expect(record).toMatchObject({ timeOut: 7, readOnly: undefined });
  }
});

test("a decoded record has the properties of one that was made", async () => {
  const { ConnectRequest } = await withoutClassFields();
  const made = new ConnectRequest({ timeOut: 7 });
  expect(Object.keys(ConnectRequest.decode(made.encode())).sort()).toEqual(
    Object.keys(made).sort(),
  );
});
