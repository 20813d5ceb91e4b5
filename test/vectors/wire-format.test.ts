/** What docs/wire-format.md says about bytes, held against the runtime. Java's view of the same is in the vectors. */
import { readFileSync } from "node:fs";
import { CreateRequest, GetDataResponse, Id, LearnerInfo, SetWatches } from "@jute-ts/zookeeper";
import { BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import { describe, expect, test } from "vitest";

const page = readFileSync(new URL("../../docs/wire-format.md", import.meta.url), "utf8");

describe("the page on the wire format", () => {
  test("gives an example that encodes as it says", () => {
    const example = /### An example[\s\S]*?```\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    const hex = example.replace(/ {2,}\S+:.*$/gm, "").replace(/\s/g, "");
    const request = new CreateRequest({
      path: "/a",
      data: new Uint8Array([1, 2]),
      acl: [{ perms: 31, id: { scheme: "world", id: "anyone" } }],
      flags: 1,
    });
    expect(hex).toBe(toHex(request.encode()));
  });

  test("gives the two forms of strings as they are written, and both are read", () => {
    const rows = [...page.matchAll(/^\| .*\(U\+([0-9A-F]+)\) +\| (.+?) +\| `(.+?)` +\|$/gm)];
    expect(rows).toHaveLength(4);
    for (const [, code = "", utf8 = "", java = ""] of rows) {
      const scheme = String.fromCodePoint(parseInt(code, 16));
      const id = new Id({ scheme, id: "" });
      const javaHex = toHex(id.encode({ strings: "java" }).subarray(4, -4));
      expect(javaHex).toBe(java.replace(/ /g, ""));
      const hex = toHex(id.encode().subarray(4, -4));
      // Where standard UTF-8 has no form, Java's is taken.
      expect(hex).toBe(utf8.startsWith("`") ? utf8.replace(/[` ]/g, "") : javaHex);
      for (const form of [hex, javaHex]) {
        const length = (form.length / 2).toString(16).padStart(8, "0");
        expect(Id.decode(fromHex(`${length}${form}00000000`)).scheme).toBe(scheme);
      }
    }
  });

  const stat = "00".repeat(68);
  test.each([
    ["length below -1", () => Id.decode(fromHex("fffffffe")), "length"],
    [
      "length above the limit",
      () =>
        GetDataResponse.decode(fromHex("00000801" + "00".repeat(0x801) + stat), {
          maxBuffer: 1024,
        }),
      "length",
    ],
    ["length beyond the end", () => Id.decode(fromHex("0000000461")), "truncated"],
    [
      "vector count below -1",
      () => SetWatches.decode(fromHex("00".repeat(8) + "fffffffe")),
      "count",
    ],
    ["map count below -1", () => new BinaryInputArchive(fromHex("fffffffe")).startMap(), "count"],
    ["too large a count", () => SetWatches.decode(fromHex("00".repeat(8) + "7fffffff")), "count"],
    ["bytes behind the record", () => Id.decode(fromHex("ffffffffffffffff00")), "trailing"],
    ["a part of an optional field", () => LearnerInfo.decode(fromHex("00".repeat(9))), "truncated"],
    ["bytes that are no text", () => Id.decode(fromHex("00000001ffffffffff")), "utf8"],
  ])("names the kind of error for %s", (_what, decode, kind) => {
    const error = caught(decode);
    expect(error).toBeInstanceOf(JuteDecodeError);
    expect(error).toMatchObject({ kind });
    expect(page).toContain(`kind \`${kind}\``);
  });

  test("says that the limit includes what it names", () => {
    const data = "00".repeat(0x800);
    const bytes = fromHex(`00000800${data}${stat}`);
    // 1024, and the extra size, which is as large and 1024 at least.
    expect(GetDataResponse.decode(bytes, { maxBuffer: 1024 }).data).toHaveLength(2048);
  });

  test("says how a null map reads", () => {
    expect(new BinaryInputArchive(fromHex("ffffffff")).startMap()).toBe(0);
  });
});

function caught(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
