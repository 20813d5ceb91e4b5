/** Random Jute files, laid out by nobody: any blanks, line breaks and comments between any two words. */
import fc from "fast-check";

const name = fc.constantFrom("a", "Id", "x_1", "moduleName", "longerNameOfAField", "classes");
const dotted = fc.array(name, { minLength: 1, maxLength: 3 }).map(separatedBy("."));

const { type } = fc.letrec<{ type: readonly string[] }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc
      .constantFrom("boolean", "byte", "int", "long", "float", "double", "ustring", "buffer")
      .map((word) => [word]),
    dotted,
    tie("type").map((element) => ["vector", "<", ...element, ">"]),
    fc
      .tuple(tie("type"), tie("type"))
      .map(([key, value]) => ["map", "<", ...key, ",", ...value, ">"]),
  ),
}));

const field = fc.tuple(type, name).map(([words, word]) => [...words, word, ";"]);
const record = fc
  .tuple(name, fc.array(field, { minLength: 1, maxLength: 5 }))
  .map(([word, fields]) => ["class", word, "{", ...fields.flat(), "}"]);
const module = fc
  .tuple(dotted, fc.array(record, { minLength: 1, maxLength: 3 }))
  .map(([words, records]) => ["module", ...words, "{", ...records.flat(), "}"]);
const include = fc.constantFrom("a.jute", "../b/c.jute").map((path) => ["include", `"${path}"`]);
const words = fc
  .array(fc.oneof(include, module), { minLength: 1, maxLength: 3 })
  .map((statements) => statements.flat());

const lineBreak = fc.constantFrom("\n", "\n", "\r\n", "\r");
const remark = fc.constantFrom("", "x", " two words ", " @jute:optional", "* star", "\t ä", " // ");
const lineComment = fc.tuple(remark, lineBreak).map(([text, end]) => `//${text}${end}`);
const blockComment = fc
  .array(fc.tuple(remark, fc.oneof(lineBreak, fc.constant(""))), { minLength: 1, maxLength: 3 })
  .map((lines) => `/*${lines.map(([text, end]) => text + end).join(" ")}*/`);
const space = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(" ", "  ", "    ", "\t") },
  { weight: 4, arbitrary: lineBreak },
  { weight: 2, arbitrary: lineComment },
  { weight: 2, arbitrary: blockComment },
);

/** Texts that the grammar accepts. */
export const randomLayout: fc.Arbitrary<string> = words.chain((all) =>
  fc
    .tuple(
      fc.array(fc.array(space, { maxLength: 5 }), {
        minLength: all.length + 1,
        maxLength: all.length + 1,
      }),
      fc.constantFrom("", "\uFEFF"),
    )
    .map(
      ([spaces, mark]) =>
        mark +
        all.map((word, index) => joined(spaces[index]) + word).join(" ") +
        joined(spaces[all.length]),
    ),
);

function joined(spaces: readonly string[] | undefined): string {
  return (spaces ?? []).join("");
}

function separatedBy(separator: string): (parts: readonly string[]) => readonly string[] {
  return (parts) => parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
}
