/**
 * The examples in the documentation, as a reader would use them: each is
 * type-checked under strict settings, and run by Node in a directory of its own.
 * What a comment behind `console.log` promises must be printed.
 */
import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import { compile } from "@jute-ts/compiler";

const root = path.resolve(import.meta.dirname, "..");

interface Example {
  /** E.g. `README.md, line 35`. */
  readonly place: string;
  readonly code: string;
  /** Absolute; the example stands in a file of its own here. */
  readonly directory: string;
}

/** What an example needs around it that a reader has, told by words of the example. */
interface Surroundings {
  readonly words: string;
  /** Code in front of it. */
  readonly before?: string;
  /** A source that is compiled to `records` beside it. */
  readonly jute?: string;
  /** Why it is only type-checked. */
  readonly notRun?: string;
}

const SURROUNDINGS: readonly Surroundings[] = [
  {
    words: 'from "./records/shop/Item.js"',
    jute: "module shop { class Item { ustring name; long price; } }",
  },
  { words: 'from "vitest"', notRun: "it is a test of its own" },
  { words: 'from "node:net"', notRun: "it needs a server" },
  { words: 'loadConfiguration("zoo.cfg")', notRun: "it goes on until it is stopped" },
  {
    words: 'readTxnLog(readFileSync("version-2/log',
    notRun: "packages/persistence/src/readme.test.ts runs it",
  },
  {
    words: "new TxnLogDecoder()",
    before: `import { createReadStream } from "node:fs";
      import { TxnLogDecoder, type TxnLogRecord } from "@jute-ts/persistence";
      declare const path: string;
      declare function replay(record: TxnLogRecord): void;`,
    notRun: "it leaves open what it reads",
  },
];

const workshop = mkdtempSync(path.join(tmpdir(), "jute-examples-"));
symlinkSync(path.join(root, "node_modules"), path.join(workshop, "node_modules"));
writeFileSync(path.join(workshop, "package.json"), '{ "type": "module" }\n');
afterAll(() => {
  rmSync(workshop, { recursive: true, force: true });
});

const examples = documents().flatMap(examplesIn);

describe("the examples of the documentation", () => {
  test("are all found, and what stands around some of them has its use", () => {
    expect(examples.length).toBeGreaterThan(12);
    for (const { words } of SURROUNDINGS) {
      expect(
        examples.filter(({ code }) => code.includes(words)),
        words,
      ).not.toEqual([]);
    }
  });

  test("type-check under strict settings", async () => {
    const files = await Promise.all(examples.map(writeExample));
    const program = ts.createProgram({ rootNames: files, options: STRICT });
    const problems = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
      const example = examples.find(({ directory }) => file?.fileName.startsWith(`${directory}/`));
      const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line;
      const text = ts.flattenDiagnosticMessageText(messageText, "\n");
      return `${example?.place ?? file?.fileName ?? ""}: ${file?.text.split("\n")[line] ?? ""}: ${text}`;
    });
    expect(problems).toEqual([]);
  }, 120_000);

  const run = examples.filter(({ code }) =>
    surroundingsOf(code).every(({ notRun }) => notRun === undefined),
  );
  test.each(run)(
    "$place: prints what its comments promise",
    async (example) => {
      const file = await writeExample(example);
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--import", "tsx", "-C", "@jute-ts/source", file],
        { cwd: example.directory, timeout: 60_000 },
      );
      const promised = Array.from(
        example.code.matchAll(/console\.log\(.*\); \/\/ (.*)/g),
        ([, text]) => text,
      );
      const printed = stdout.trimEnd().split("\n");
      expect(
        printed.filter((line) => promised.includes(line)),
        stdout,
      ).toEqual(promised);
    },
    90_000,
  );
});

/** Every page that a reader may open, relative to the root. */
function documents(): string[] {
  const pagesIn = (directory: string): string[] =>
    readdirSync(path.join(root, directory), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => path.join(directory, entry.name));
  const packages = readdirSync(path.join(root, "packages")).map((name) => `packages/${name}`);
  return [".", "docs", "docs/decisions", "generated", ...packages].flatMap(pagesIn);
}

function examplesIn(page: string): Example[] {
  const text = readFileSync(path.join(root, page), "utf8");
  return Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), (match) => {
    const line = text.slice(0, match.index).split("\n").length;
    const name = `${page.replaceAll(/\W/g, "-")}-${String(line)}`;
    return {
      place: `${page}, line ${String(line)}`,
      code: match[1] ?? "",
      directory: path.join(workshop, name),
    };
  });
}

function surroundingsOf(code: string): readonly Surroundings[] {
  return SURROUNDINGS.filter(({ words }) => code.includes(words));
}

/** Puts an example into a file, with what it needs beside it. */
async function writeExample({ code, directory }: Example): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const surroundings = surroundingsOf(code);
  for (const { jute } of surroundings) {
    if (jute === undefined) continue;
    const { files } = await compile([{ path: "a.jute", text: jute }]);
    for (const { path: name, text } of files) {
      const file = path.join(directory, "records", name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  const file = path.join(directory, "example.ts");
  const before = surroundings.map((each) => each.before ?? "").join("\n");
  writeFileSync(file, `${before}\n${code}\nexport {};\n`);
  return file;
}

const STRICT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  types: ["node"],
  typeRoots: [path.join(root, "node_modules/@types")],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ["@jute-ts/source"],
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
};
