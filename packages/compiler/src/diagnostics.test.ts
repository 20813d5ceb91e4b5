import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { kinds } from "./diagnostics.js";

const page = readFileSync(new URL("../../../docs/language.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .map((line) => /^\| (JUTE\d{3}) +\| (error|warning) +\| (.*?) +\|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, code, severity, summary]) => ({ code, severity, summary }));

describe("the table of diagnostics", () => {
  it("gives each kind a code of its own", () => {
    const codes = Object.values(kinds).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(/^JUTE0\d\d$/);
  });

  it("stands in docs/language.md as it is, ordered by code", () => {
    const table = Object.values(kinds)
      .map(({ code, severity, summary }) => ({ code, severity, summary }))
      .sort((a, b) => a.code.localeCompare(b.code, "en"));
    expect(rows).toEqual(table);
  });
});
