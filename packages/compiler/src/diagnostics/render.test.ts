import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../diagnostics.js";
import { renderDiagnostics, summarize } from "./render.js";

const text = "module m {\n\tclass A { Strng 名前; }\n}\n";
const texts = new Map([["a,b:c.jute", text]]);

function at(word: string, extra: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.indexOf(word);
  const span = { file: "a,b:c.jute", start, end: start + word.length };
  return { code: "JUTE999", severity: "error", message: "no good", span, ...extra };
}

describe("text", () => {
  it("quotes the line with a caret under the place, tabs counted as shown", () => {
    expect(renderDiagnostics([at("Strng")], texts, { output: "text" })).toBe(
      [
        "a,b:c.jute:2:12 - error JUTE999: no good",
        "      class A { Strng 名前; }",
        "                ^^^^^",
        "",
      ].join("\n"),
    );
  });

  it("marks wide characters with two carets each", () => {
    const [, , carets] = renderDiagnostics([at("名前")], texts, { output: "text" }).split("\n");
    expect(carets).toBe(`${" ".repeat(22)}^^^^`);
  });

  it("shows a place without extent as one caret, even after the last character", () => {
    const span = { file: "a,b:c.jute", start: text.length, end: text.length };
    const [first, , carets] = renderDiagnostics([{ ...at("m"), span }], texts, {
      output: "text",
    }).split("\n");
    expect(first).toContain(":4:1 - ");
    expect(carets).toBe("    ^");
  });

  it("cuts very long lines around the place", () => {
    const long = `${"x".repeat(5000)}HERE${"y".repeat(5000)}`;
    const span = { file: "long", start: 5000, end: 5004 };
    const [, line = "", carets = ""] = renderDiagnostics(
      [{ ...at("m"), span }],
      new Map([["long", long]]),
      { output: "text" },
    ).split("\n");
    expect(line.length).toBeLessThan(200);
    expect(line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1)).toBe("HERE");
  });

  it("never sends control characters to the terminal", () => {
    const nasty = "\u001b[2Jx";
    const span = { file: "n", start: 4, end: 5 };
    const shown = renderDiagnostics([{ ...at("m"), span }], new Map([["n", nasty]]), {
      output: "text",
    });
    expect(shown).not.toContain("\u001b");
  });

  it("is coloured only when asked", () => {
    const plain = renderDiagnostics([at("Strng")], texts, { output: "text" });
    const coloured = renderDiagnostics([at("Strng")], texts, { output: "text", color: true });
    expect(plain).not.toContain("\u001b[");
    expect(coloured).toContain("\u001b[31m");
    // eslint-disable-next-line no-control-regex -- colours are control sequences
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(plain);
  });

  it("is empty when there is nothing to say", () => {
    expect(renderDiagnostics([], texts, { output: "text" })).toBe("");
  });
});

describe("JSON", () => {
  it("holds lines and columns, the suggestion, and related places", () => {
    const { span } = at("class");
    const diagnostic = at("Strng", {
      suggestion: "try harder",
      related: [{ message: "see", span }],
    });
    expect(JSON.parse(renderDiagnostics([diagnostic], texts, { output: "json" }))).toEqual([
      {
        code: "JUTE999",
        severity: "error",
        message: "no good",
        file: "a,b:c.jute",
        line: 2,
        column: 12,
        endLine: 2,
        endColumn: 17,
        suggestion: "try harder",
        related: [
          { message: "see", file: "a,b:c.jute", line: 2, column: 2, endLine: 2, endColumn: 7 },
        ],
      },
    ]);
  });

  it("is an empty array when there is nothing to say", () => {
    expect(JSON.parse(renderDiagnostics([], texts, { output: "json" }))).toEqual([]);
  });
});

describe("GitHub's workflow commands", () => {
  it("escape what would end a property or the message", () => {
    const diagnostic = at("Strng", { message: "100%\nbad", severity: "warning" });
    expect(renderDiagnostics([diagnostic], texts, { output: "github" })).toBe(
      "::warning file=a%2Cb%3Ac.jute,line=2,endLine=2,col=12,endColumn=17,title=JUTE999::100%25%0Abad\n",
    );
  });
});

describe("the summary", () => {
  const warning = at("Strng", { severity: "warning" });
  const elsewhere = at("m", { span: { file: "other", start: 0, end: 1 } });
  it.each([
    [[], "no problems"],
    [[at("Strng")], "1 error in 1 file"],
    [[warning, warning], "2 warnings in 1 file"],
    [[at("m"), elsewhere, at("A"), warning], "3 errors and 1 warning in 2 files"],
  ] as const)("counts (%#)", (diagnostics, expected) => {
    expect(summarize(diagnostics)).toBe(expected);
  });
});
