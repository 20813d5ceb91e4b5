/**
 * The pages of documentation that the compiler makes: what they say of sizes and offsets is compared with encoded
 * records, their links lead somewhere, and the HTML is judged by another project's validator.
 */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { HtmlValidate } from "html-validate";
import { describe, expect, it } from "vitest";
import { compile } from "@jute-ts/compiler";
import { recordArbitrary } from "@jute-ts/fast-check";
import { registry } from "@jute-ts/records";
import type { AnyRecordType, JuteRecord } from "@jute-ts/runtime";
import { effort } from "../effort.js";

const folder = new URL("../../jute-defs/", import.meta.url);
const sources = readdirSync(folder).map((path) => ({
  path,
  text: readFileSync(new URL(path, folder), "utf8"),
}));
const types = [...registry];
const markdown = await pageOf("markdown", sources);
const html = await pageOf("html", sources);

/** What the page says of a field: `offset`, `size`, `type`, `field`, `what it is`. */
type Row = readonly string[];

describe.each(types.map((type) => ({ type, name: type.descriptor.name })))("$name", ({ type }) => {
  const block = sectionOf(type.descriptor.name);
  const rows = rowsOf(block);

  it("has its fields, its signature and its comments", () => {
    const { fields, signature } = type.descriptor;
    expect(rows.map(([, , , field]) => field)).toEqual(fields.map(({ name }) => `\`${name}\``));
    expect(block).toContain(`\`${signature}\``);
    for (const row of rows) expect(row[4]?.length).toBeGreaterThan(3);
  });

  it("has the size of what is encoded", () => {
    const [least, most] = sizeOf(block);
    fc.assert(
      fc.property(recordArbitrary(type), (record) => {
        const { length } = record.encode();
        expect(length).toBeGreaterThanOrEqual(least);
        expect(length).toBeLessThanOrEqual(most);
      }),
      { numRuns: effort(100, 20) },
    );
    // The least is no smaller than need be.
    expect(leastEncoding(type)).toBe(least);
  });

  it("has each field where it is encoded", () => {
    fc.assert(
      fc.property(recordArbitrary(type), (record) => {
        const bytes = Buffer.from(record.encode());
        rows.forEach(([offset = ""], index) => {
          const field = type.descriptor.fields[index];
          if (field === undefined || offset.endsWith("+")) return;
          const value = (record as unknown as Record<string, unknown>)[field.property];
          if (value !== undefined) expectAt(bytes, Number(offset), value, field.type.kind);
        });
      }),
      { numRuns: effort(50, 10) },
    );
  });
});

describe("the pages", () => {
  it("link to what is there", () => {
    const targets = new Set([...markdown.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id));
    const links = [...markdown.matchAll(/\]\(#([^)]+)\)/g)].map(([, id]) => id);
    expect(targets.size).toBe(72);
    expect(links.filter((id) => !targets.has(id))).toEqual([]);
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const hrefs = [...html.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect([...ids].sort()).toEqual([...targets].sort());
    expect(hrefs.filter((id) => !ids.has(id))).toEqual([]);
  });

  it("say the same, in both forms", () => {
    const cells = [...html.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell = ""]) => textOf(cell));
    const rows = markdown
      .split("\n")
      .filter((line) => /^\| /.test(line) && !/^\| -+ \|/.test(line));
    const others = rows.filter(
      (row) => !/^\| (?:offset|type) .*\|$/.test(row) || row.includes("`"),
    );
    expect(cells).toEqual(others.flatMap((row) => cellsOf(row).map(plainMarkdown)));
  });

  it("are valid HTML, and need no other file", async () => {
    const report = await new HtmlValidate({ extends: ["html-validate:standard"] }).validateString(
      html,
    );
    expect(report.results.flatMap(({ messages }) => messages)).toEqual([]);
    expect(html).not.toMatch(/<(?:script|link|img|iframe)\b|\bsrc=|url\(/);
  });

  it("take comments for texts", async () => {
    const text = `module m { /** <script>alert(1)</script> & "x" | \`a<b|c\` --> */ class A {
      vector<B> b; // *not* [a](link) | <b>
    } class B { map<int, A> a; } }`;
    const hostile = [{ path: "<x>--y.jute", text }];
    const page = await pageOf("html", hostile);
    expect(page).not.toMatch(/<script|<b>/);
    const report = await new HtmlValidate({ extends: ["html-validate:standard"] }).validateString(
      page,
    );
    expect(report.results.flatMap(({ messages }) => messages)).toEqual([]);
    const other = await pageOf("markdown", hostile);
    expect(other).toContain("\\<script>");
    expect(other).toContain("\\[a\\](link)");
    expect(other).toContain("| 0      | 4 + n | vector\\<[B](#b)> |");
  });

  it.each([
    ["a # at the start", "# Title", "\\# Title", "# Title"],
    ["a > at the start", "> text", "\\> text", "&gt; text"],
    ["lines of = and -", "a\n==\n\nb\n---", "a\n\\==\n\nb\n\\---", "<p>b<br>\n---</p>"],
    ["what would head a table", "a | b\n--|--", "a | b\n\\--|--", "a | b<br>\n--|--"],
    ["entities and backslashes", "&lt; & \\*", "\\&lt; & \\\\\\*", "&amp;lt; &amp; \\*"],
    ["strokes", "~~a~~ _b_", "\\~\\~a\\~\\~ \\_b\\_", "~~a~~ _b_"],
    ["single backticks", "a ` b", "a \\` b", "a ` b"],
    ["several backticks", "```js", "\\`\\`\\`js", "```js"],
    ["code", "`a_b < c`", "`a_b < c`", "<code>a_b &lt; c</code>"],
    ["deep indentation", "a\n\n      b", "a\n\n   b", "<p>      b</p>"],
    ["lists", "- a\n* b\n+ c\n1. d", "- a\n- b\n- c\n1. d", "- a<br>\n* b<br>\n+ c<br>\n1. d"],
  ])("show comments as they stand: %s", async (_what, comment, inMarkdown, inHtml) => {
    const lines = comment.split("\n").map((line) => `// ${line}`);
    const given = [
      { path: "m.jute", text: `module m {\n${lines.join("\n")}\nclass A { int a; }\n}` },
    ];
    expect(await pageOf("markdown", given)).toContain(`\n### A\n\n${inMarkdown}\n\n`);
    expect(await pageOf("html", given)).toContain(inHtml);
  });

  it("keep cells together where a backslash stands before a bar", async () => {
    const text = "module m { class A {\n int a; // b \\| c\n} }";
    const page = await pageOf("markdown", [{ path: "m.jute", text }]);
    expect(page).toContain("| `a`   | b \\\\\\| c   |");
  });
});

async function pageOf(
  target: "markdown" | "html",
  given: readonly { readonly path: string; readonly text: string }[],
): Promise<string> {
  const { files, diagnostics } = await compile(given, { target });
  return files[0]?.text ?? expect.fail(JSON.stringify(diagnostics));
}

/** What the Markdown page says of a record. */
function sectionOf(name: string): string {
  const [, after = ""] = markdown.split(`\n### ${name}\n`);
  return after.split(/\n(?:<a id|## )/)[0] ?? "";
}

function rowsOf(block: string): readonly Row[] {
  const lines = block.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map(cellsOf);
}

function cellsOf(line: string): string[] {
  return line
    .slice(2, -2)
    .split(" | ")
    .map((cell) => cell.trim());
}

function sizeOf(block: string): readonly [least: number, most: number] {
  const range = /, (\d+) to (\d+) bytes/.exec(block);
  if (range !== null) return [Number(range[1]), Number(range[2])];
  const least = /, at least (\d+) bytes?/.exec(block);
  if (least !== null) return [Number(least[1]), Infinity];
  const exact = /, (\d+) bytes?/.exec(block) ?? expect.fail(block);
  return [Number(exact[1]), Number(exact[1])];
}

/** The bytes of a record whose texts, lists and options are empty. */
function leastEncoding(type: AnyRecordType): number {
  const json = Object.fromEntries(
    type.descriptor.fields
      .filter(({ optional, type: { kind } }) => optional !== true && kind !== "record")
      .map(({ name, type: { kind } }) => [name, EMPTY[kind] ?? 0]),
  );
  return type.fromJSON(json).encode().length;
}

const EMPTY: Readonly<Record<string, string | boolean | readonly never[]>> = {
  long: "0",
  boolean: false,
  ustring: "",
  buffer: "",
  vector: [],
  map: [],
};

/** Checks that a value begins at this offset. Of what has a length, the length. */
function expectAt(bytes: Buffer, offset: number, value: unknown, kind: string): void {
  if (kind === "record") {
    const inner = Buffer.from((value as JuteRecord).encode());
    expect(bytes.subarray(offset, offset + inner.length)).toEqual(inner);
    return;
  }
  const [found, expected] = numbersAt(bytes, offset, value, kind);
  expect(found).toBe(expected);
}

/** The number that stands there, and the one that should. */
function numbersAt(
  bytes: Buffer,
  offset: number,
  value: unknown,
  kind: string,
): readonly [found: unknown, expected: unknown] {
  switch (kind) {
    case "boolean":
      return [bytes.readInt8(offset) !== 0, value];
    case "int":
      return [bytes.readInt32BE(offset), value];
    case "long":
      return [bytes.readBigInt64BE(offset), value];
    case "ustring":
    case "buffer":
    case "vector": {
      const content = typeof value === "string" ? Buffer.from(value) : value;
      const length = content === null ? -1 : (content as { readonly length: number }).length;
      return [bytes.readInt32BE(offset), length];
    }
    default:
      return expect.fail(`no record of ZooKeeper has a ${kind}`);
  }
}

/** The text of a cell of HTML. */
function textOf(cell: string): string {
  return cell
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .trim();
}

/** The text of a cell of Markdown. */
function plainMarkdown(cell: string): string {
  return cell
    .replaceAll(/\[([^\]]*)\]\(#[^)]*\)/g, "$1")
    .replaceAll(/^_([^_]*)_/g, "$1")
    .replaceAll("`", "")
    .replaceAll(/\\(.)/g, "$1")
    .trim();
}
