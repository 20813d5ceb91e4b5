/** Expected names are those of Java 17: `X509Certificate.getSubjectX500Principal().getName()` of the same bytes. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { distinguishedName } from "./distinguished-name.js";

interface Row {
  readonly java: string;
  /** Base64. */
  readonly der: string;
}

const rows = readFileSync(new URL("../../test/certificate-subjects.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Row);

it.each(rows)("is $java", ({ java, der }) => {
  expect(distinguishedName(Buffer.from(der, "base64"))).toBe(java);
});

it("of bytes that are cut anywhere is a RangeError or the same", () => {
  const [first] = rows;
  if (first === undefined) throw new Error("no certificate");
  const { java, der } = first;
  const whole = Buffer.from(der, "base64");
  for (let length = 0; length < whole.length; length++) {
    let name = java;
    try {
      name = distinguishedName(whole.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
    expect(name).toBe(java);
  }
});

/** A value as DER has it, with a length of three bytes. */
function der(tag: number, ...content: Uint8Array[]): Uint8Array {
  const { length } = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag, 0x83, length >> 16, length >> 8, length), ...content]);
}

/** What is looked at of a certificate whose subject is one attribute of text. */
function certificateOf(type: Uint8Array, text: string): Uint8Array {
  const attribute = der(0x30, der(0x06, type), der(0x0c, Buffer.from(text)));
  const before = Array.from({ length: 4 }, () => der(0x30));
  return der(0x30, der(0x30, ...before, der(0x30, der(0x31, attribute))));
}

it("takes object identifiers as long as Java does, and no longer ones", () => {
  const type = (length: number): Uint8Array =>
    Buffer.alloc(length, 0xff)
      .fill(0x2a, 0, 1)
      .fill(1, length - 1);
  expect(distinguishedName(certificateOf(type(10), "A"))).toMatch(/^1\.2\.9223372036854775681=#/u);
  expect(distinguishedName(certificateOf(type(4096), "A"))).toMatch(/^1\.2\.10588287085243424703/u);
  expect(() => distinguishedName(certificateOf(type(4097), "A"))).toThrow(RangeError);
});

it("takes as long for spaces as for other text", () => {
  const commonName = Buffer.of(0x55, 4, 3);
  const text = `a${" ".repeat(200_000)}b`;
  const beganMs = performance.now();
  expect(distinguishedName(certificateOf(commonName, text))).toBe(`CN=${text}`);
  // It was some seconds when each space was looked at again for each one before it.
  expect(performance.now() - beganMs).toBeLessThan(1000);
});
