/**
 * How long an editor waits over the real protocol, with ten times the time that an answer should take, because
 * other work on the machine counts, too: what grows with a class of schemas is seen all the same. Of several
 * questions the quickest counts. `npm run bench:tools` measures.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCommand, Editor } from "./editor.js";

const defs = path.resolve(import.meta.dirname, "../../../jute-defs");

let command: Awaited<ReturnType<typeof bundleCommand>>;
beforeAll(async () => {
  command = await bundleCommand();
}, 60_000);
afterAll(() => {
  command.remove();
});

/** A hundred files of a hundred records, each with a reference to the one before. */
function manyFiles(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: 100 }, (_, file) => {
      const classes = Array.from({ length: 100 }, (_each, index) => {
        const before = index === 0 ? "int" : `R${String(index - 1)}`;
        return `    class R${String(index)} {\n        long id; // which one\n        ${before} before;\n    }\n`;
      });
      return [`part${String(file)}.jute`, `module part${String(file)} {\n${classes.join("")}}\n`];
    }),
  );
}

const zooKeeper = Object.fromEntries(
  readdirSync(defs)
    .filter((name) => name.endsWith(".jute"))
    .map((name) => [name, readFileSync(path.join(defs, name), "utf8")]),
);

type Question = readonly [method: string, parameters: object];

const REFERENCES: Question = ["textDocument/references", { context: { includeDeclaration: true } }];
const SYMBOLS: Question = ["workspace/symbol", { query: "R" }];

const QUESTIONS: readonly Question[] = [
  ["textDocument/hover", {}],
  ["textDocument/definition", {}],
  REFERENCES,
  ["textDocument/completion", {}],
  ["textDocument/rename", { newName: "Renamed" }],
  ["textDocument/documentSymbol", {}],
  SYMBOLS,
  ["textDocument/formatting", { options: { tabSize: 4, insertSpaces: true } }],
];

describe.each([
  ["72 records", zooKeeper, "data.jute", "Id id;", 500],
  ["10,000 records", manyFiles(), "part7.jute", "R40 before;", 2000],
] as const)("an answer after a key with %s", (_title, files, file, mark, mostMs) => {
  test(`comes in ${String(mostMs)} ms`, { timeout: 120_000 }, async () => {
    const editor = new Editor(command.program, files);
    await editor.start();
    await editor.open(file, files[file] ?? "");
    // Before the folder has been parsed ahead.
    const quickestMs = new Map<string, number>();
    for (const [method, parameters] of [REFERENCES, SYMBOLS]) {
      const start = performance.now();
      const asked = { ...editor.at(file, mark), ...parameters };
      expect(await editor.connection.sendRequest(method, asked)).not.toHaveLength(0);
      quickestMs.set(`first ${method}`, performance.now() - start);
    }
    const time = async (question: string, ask: () => Promise<unknown>) => {
      for (let round = 0; round < 3; round++) {
        const start = performance.now();
        await editor.type(file, mark, ` ${mark}`);
        expect(await ask(), question).toBeTruthy();
        const took = performance.now() - start;
        quickestMs.set(question, Math.min(took, quickestMs.get(question) ?? Infinity));
      }
    };
    await editor.diagnostics(file);
    await time("diagnostics", () => editor.diagnostics(file));
    for (const [method, parameters] of QUESTIONS) {
      await time(method, () =>
        editor.connection.sendRequest(method, { ...editor.at(file, mark), ...parameters }),
      );
    }
    expect(await editor.stop()).toBe(0);
    const slow = [...quickestMs].filter(([, took]) => took > mostMs);
    expect(slow).toEqual([]);
  });
});
