import { describe, expect, it } from "vitest";
import type { ClassAst } from "./ast.js";
import { parse } from "./parse.js";

function classesOf(body: string): readonly ClassAst[] {
  const { ast, errors } = parse({ path: "a.jute", text: `module m {\n${body}\n}\n` });
  expect(errors).toEqual([]);
  return ast.items.flatMap((item) => (item.kind === "module" ? item.classes : []));
}

function docsOf(body: string): Record<string, string> {
  const docs: Record<string, string> = {};
  for (const declared of classesOf(body)) {
    docs[declared.name] = declared.doc;
    for (const field of declared.fields) docs[`${declared.name}.${field.name}`] = field.doc;
  }
  return docs;
}

describe("comments", () => {
  it.each([
    [
      "before a class and before a field",
      "// C\nclass A {\n// x\nint x; }",
      { A: "C", "A.x": "x" },
    ],
    ["after fields", "class A {\nint x; // x\nint y; /* y */\n}", { "A.x": "x", "A.y": "y" }],
    ["after the last field, before the brace", "class A { int x; /* x */ }", { "A.x": "x" }],
    [
      "between two fields of a line",
      "class A { int x; /* y */ int y; }",
      { "A.x": "", "A.y": "y" },
    ],
    [
      "that go on below in the same column",
      "class A {\n  int x; // one\n         // two\n  // y\n  int y;\n}",
      { "A.x": "one\ntwo", "A.y": "y" },
    ],
    ["after the brace of a class", "class A { // about A\n int x; }", { A: "about A", "A.x": "" }],
    ["after the brace, before a field", "class A { /* x */ int x; }", { A: "", "A.x": "x" }],
    [
      "inside of a field",
      "class A { vector</* ids */int> x /* more */; }",
      { "A.x": "ids\n\nmore" },
    ],
    ["after a class", "class A { int x; } // end of A\nclass B { int x; }", { A: "", B: "" }],
    [
      "before the end of a class",
      "class A {\nint x;\n// gone\n}\nclass B { int y; }",
      { "A.x": "", B: "", "B.y": "" },
    ],
    ["in front and after", "class A {\n// front\nint x; // after\n}", { "A.x": "front\n\nafter" }],
    ["with an empty line between", "// one\n\n// two\nclass A { int x; }", { A: "one\n\ntwo" }],
    [
      "in Javadoc's form",
      "/**\n * One.\n *\n *  - two\n */\nclass A { int x; }",
      { A: "One.\n\n - two" },
    ],
    ["without words", "//\n/**/ /***/ /* */\nclass A { int x; }", { A: "" }],
  ] as const)("%s", (_, body, expected) => {
    expect(docsOf(body)).toMatchObject(expected);
  });

  it("lose their annotations, and the line that held nothing else", () => {
    const [declared] = classesOf(
      "class A {\n/* Words.\n * @jute:optional\n * More. */ int x; // @jute:nonnull indeed\n}",
    );
    const [field] = declared?.fields ?? [];
    expect(field?.doc).toBe("Words.\nMore.\n\nindeed");
    expect(field?.annotations.map(({ name }) => name)).toEqual(["optional", "nonnull"]);
  });

  it("are not annotated by mail addresses", () => {
    const [declared] = classesOf("class A { int x; // me@jute:optional\n}");
    expect(declared?.fields[0]?.annotations).toEqual([]);
  });

  it("give annotations the place of their words", () => {
    const text = "module m { class A { int x; // see @jute:optional\n} }";
    const { ast } = parse({ path: "a.jute", text });
    const [item] = ast.items;
    const annotation =
      item?.kind === "module" ? item.classes[0]?.fields[0]?.annotations[0] : undefined;
    expect(text.slice(annotation?.span.start, annotation?.span.end)).toBe("@jute:optional");
  });
});

describe("a comment in the heading of a module", () => {
  it("describes no class", () => {
    const { ast } = parse({
      path: "a.jute",
      text: "module // of shops\n m {\n // C\n class A { int x; } }",
    });
    const [first] = ast.items.flatMap((item) => (item.kind === "module" ? item.classes : []));
    expect(first?.doc).toBe("C");
  });
});
