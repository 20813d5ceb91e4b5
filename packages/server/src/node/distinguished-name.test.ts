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
