/** Sources that are not UTF-8: refused by name and place, and never read with letters missing. */
import { describe, expect, test } from "vitest";
import { Scratch } from "./scratch.js";

const TEXT = "module m {\n  // caf\u00e9\n  class A { int x; }\n}\n";

function utf16(text: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
}

describe("a source", () => {
  test("in UTF-8 keeps its letters, with and without a byte order mark", async () => {
    for (const mark of ["", "\ufeff"]) {
      const scratch = new Scratch({ "a.jute": mark + TEXT });
      expect(await scratch.jute("generate", "a.jute", "-o", "out")).toMatchObject({ exitCode: 0 });
      expect(scratch.read("out/m/A.ts")).toContain("caf\u00e9");
    }
  });

  test.each([
    [
      "Latin-1",
      Buffer.from(TEXT, "latin1"),
      "a.jute:2:9 - error JUTE006: the byte 0xe9 is not UTF-8",
    ],
    ["cut off", Buffer.from([0x2f, 0x2f, 0xc3]), "a.jute:1:3 - error JUTE006: the byte 0xc3"],
    [
      "CESU-8",
      Buffer.from([0x2f, 0x2f, 0xed, 0xa0, 0xbd]),
      "a.jute:1:3 - error JUTE006: the byte 0xed",
    ],
    [
      "overlong",
      Buffer.from([0x2f, 0x2f, 0xc0, 0xaf]),
      "a.jute:1:3 - error JUTE006: the byte 0xc0",
    ],
    [
      "UTF-16 with its mark",
      utf16(`\ufeff${TEXT}`, false),
      "a.jute:1:1 - error JUTE007: the file is UTF-16 (little-endian), not UTF-8",
    ],
    [
      "UTF-16, big-endian",
      utf16(`\ufeff${TEXT}`, true),
      "a.jute:1:1 - error JUTE007: the file is UTF-16 (big-endian), not UTF-8",
    ],
    [
      "UTF-16 without its mark",
      utf16(TEXT, false),
      "a.jute:1:1 - error JUTE007: the file is UTF-16 (little-endian), not UTF-8",
    ],
    [
      "UTF-16, big-endian, without",
      utf16(TEXT, true),
      "a.jute:1:1 - error JUTE007: the file is UTF-16 (big-endian), not UTF-8",
    ],
  ])("%s is refused by name and place", async (_name, bytes, message) => {
    const scratch = new Scratch();
    scratch.write("a.jute", bytes);
    for (const command of [["check"], ["generate", "-o", "out"]]) {
      const { exitCode, stderr } = await scratch.jute(...command, "a.jute");
      expect(exitCode).toBe(1);
      expect(stderr).toContain(message);
      expect(stderr).toContain("help: save the file as UTF-8");
    }
  });

  test("is told only of its encoding when nothing else is wrong with it", async () => {
    for (const bytes of [Buffer.from(TEXT, "latin1"), utf16(TEXT, false)]) {
      const scratch = new Scratch();
      scratch.write("a.jute", bytes);
      expect((await scratch.jute("check", "a.jute")).stdout).toContain("1 error in 1 file");
    }
  });

  test("is told of its NUL bytes where they stand", async () => {
    const scratch = new Scratch({ "a.jute": "module m { class A { int\0 x; } }" });
    const { exitCode, stderr } = await scratch.jute("check", "a.jute");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("a.jute:1:25 - error JUTE001: unexpected character U+0000");
  });
});

test("a file that is no text is told so, once", async () => {
  const scratch = new Scratch();
  scratch.write(
    "a.jute",
    Uint8Array.from({ length: 200_000 }, (_, i) => (i * i * 31) >> 3),
  );
  const { exitCode, stdout, stderr } = await scratch.jute("check", "a.jute");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("a.jute:1:1 - error JUTE008: the file holds bytes that no text has");
  expect(stdout).toBe("1 file: 1 error in 1 file\n");
});

test("an included file in another encoding is refused as well", async () => {
  const scratch = new Scratch({ "b.jute": 'include "a.jute"\nmodule n { class B { m.A a; } }' });
  scratch.write("a.jute", Buffer.from(TEXT, "latin1"));
  const { exitCode, stderr } = await scratch.jute("check", "b.jute");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("a.jute:2:9 - error JUTE006");
});

test("so is a config", async () => {
  const scratch = new Scratch({ "a.jute": TEXT });
  const config = JSON.stringify({ generate: [{ files: ["a.jute"], outDir: "s\u00fc\u00df" }] });
  scratch.write("jute.config.json", Buffer.from(config, "latin1"));
  const { exitCode, stderr } = await scratch.jute("generate");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("the byte 0xfc is not UTF-8; save the file as UTF-8");
});
