import { describe, expect, it } from "vitest";
import { formatSource, notFormatted } from "./index.js";

function formatted(text: string, options = {}): string | undefined {
  return formatSource({ path: "a.jute", text }, options).text;
}

describe("formatSource", () => {
  it("indents, sets blanks, and puts one empty line between classes", () => {
    const text =
      "module  a . b{class A\n{ vector< map < ustring ,a.b.C> >x;}class B{\n\n\nint y ;\n\n\nint z;\n\n}}";
    expect(formatted(text)).toBe(
      [
        "module a.b {",
        "    class A {",
        "        vector<map<ustring, a.b.C>> x;",
        "    }",
        "",
        "    class B {",
        "        int y;",
        "",
        "        int z;",
        "    }",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("aligns the trailing comments of neighbouring fields, and those that continue them", () => {
    const text = [
      "module a { class A {",
      "int a; // one",
      "       // two",
      "longer withoutComment;",
      "ustring name; /* three */",
      "",
      "long b; // four",
      "// of c",
      "boolean c; // five",
      "} }",
    ].join("\n");
    expect(formatted(text)).toBe(
      [
        "module a {",
        "    class A {",
        "        int a;        // one",
        "                      // two",
        "        longer withoutComment;",
        "        ustring name; /* three */",
        "",
        "        long b; // four",
        "        // of c",
        "        boolean c; // five",
        "    }",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("keeps a comment inside of a statement, or puts it before when it needs a line of its own", () => {
    const text = "module a { class A { int /* i */ x; int // j\n y; /* k */ int z; } }";
    expect(formatted(text)).toBe(
      [
        "module a {",
        "    class A {",
        "        int /* i */ x;",
        "        // j",
        "        int y;",
        "        /* k */ int z;",
        "    }",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("moves a block comment as a whole", () => {
    const text =
      "/* a\n  b\n   c */\nmodule a {\n/**\n* of A\n*\n*   indented\n*/\nclass A { /* x\n   y\n     z */\nint a; } }";
    expect(formatted(text)).toBe(
      [
        "/* a",
        "  b",
        "   c */",
        "module a {",
        "    /**",
        "     * of A",
        "     *",
        "     *   indented",
        "     */",
        "    class A { /* x",
        "       y",
        "         z */",
        "        int a;",
        "    }",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("keeps the file's line breaks, unless told otherwise", () => {
    const text = "module a {\r\nclass A {\nint a; } }";
    const lines = "module a {\n  class A {\n    int a;\n  }\n}\n";
    expect(formatted(text, { indentWidth: 2 })).toBe(lines.replaceAll("\n", "\r\n"));
    expect(formatted(text, { indentWidth: 2, endOfLine: "\n" })).toBe(lines);
    expect(formatted(text, { useTabs: true, endOfLine: "\n" })).toBe(
      "module a {\n\tclass A {\n\t\tint a;\n\t}\n}\n",
    );
  });

  it("refuses a file with errors, with the parser's diagnostics", () => {
    const { text, diagnostics } = formatSource({
      path: "a.jute",
      text: "module a { class A { int a } }",
    });
    expect(text).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toEqual(["JUTE011"]);
  });

  it("refuses a text that came with errors of its own", () => {
    const broken = notFormatted("a.jute");
    const source = { path: "a.jute", text: "module a { class A { int a; } }", errors: [broken] };
    expect(formatSource(source)).toEqual({ text: undefined, diagnostics: [broken] });
  });

  it.each([0, 9, 1.5, NaN])("refuses an indentation of %s columns", (indentWidth) => {
    expect(() => formatted("", { indentWidth })).toThrow(RangeError);
  });
});
