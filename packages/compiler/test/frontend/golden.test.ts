/**
 * One folder for each case: `input.jute` (and files it includes), `expected`
 * with code and place of every diagnostic, written by hand, and `output.txt`
 * with the text as a person sees it. `UPDATE_GOLDEN=1` rewrites the latter only.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDiagnostics, summarize } from "../../src/diagnostics/render.js";
import { checkSources, type CheckResult } from "../../src/schema/check.js";
import { LineTable } from "../../src/syntax/source.js";

const here = new URL("./", import.meta.url);
const cases = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function run(name: string): CheckResult {
  const directory = new URL(`${name}/`, here);
  const read = (path: string): string | undefined => {
    const file = new URL(path, directory);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  return checkSources([{ path: "input.jute", text: read("input.jute") ?? "" }], {
    readInclude: read,
  });
}

/** E.g. `JUTE020 input.jute 3:5-3:9`. */
function places({ diagnostics, texts }: CheckResult): readonly string[] {
  return diagnostics.map(({ code, span }) => {
    const lines = new LineTable(texts.get(span.file) ?? "");
    const show = (offset: number): string => {
      const { line, column } = lines.positionOf(offset);
      return `${String(line)}:${String(column)}`;
    };
    return `${code} ${span.file} ${show(span.start)}-${show(span.end)}`;
  });
}

describe.each(cases)("the diagnostics of %s", (name) => {
  it("have the codes and places that were written down by hand", () => {
    const expected = readFileSync(new URL(`${name}/expected`, here), "utf8");
    expect(places(run(name))).toEqual(expected.split("\n").filter((line) => line !== ""));
  });

  it("read as they did before", () => {
    const { diagnostics, texts } = run(name);
    const text = `${renderDiagnostics(diagnostics, texts, { output: "text" })}\n${summarize(diagnostics)}\n`;
    const path = new URL(`${name}/output.txt`, here);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, "utf8"));
  });
});

describe("the file with ten different mistakes", () => {
  it("is explained in one run and well under a second", () => {
    const start = performance.now();
    const { diagnostics, schema } = run("ten-errors");
    expect(performance.now() - start).toBeLessThan(1000);
    expect(schema).toBeUndefined();
    expect(new Set(diagnostics.map(({ code }) => code)).size).toBe(10);
    expect(diagnostics).toHaveLength(10);
  });
});
