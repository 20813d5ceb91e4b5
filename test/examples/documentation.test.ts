/**
 * Every `ts` example of the documentation compiles, and every one that promises to print
 * something is run, as a program of its own, and prints that. Links lead somewhere.
 */
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, posix } from "node:path";
import { build } from "esbuild";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeBundle } from "../../scripts/packages/bundles.js";
import { anchorsOf, type Example, examplesOf, linksOf, pages, root } from "./extract.js";

const examples = pages().flatMap((page) => examplesOf(page));
const printing = examples.filter(({ given, promised }) => given === "" && promised.length > 0);

it("are found", () => {
  const withExamples = new Set(examples.map(({ page }) => page));
  expect([...withExamples]).toEqual(
    expect.arrayContaining(["README.md", "packages/server/README.md", "generated/README.md"]),
  );
});

/** A part of a program that the repository has, without its indentation, under a comment that names the file. */
const excerpts = pages().flatMap((page) =>
  Array.from(
    readFileSync(join(root, page), "utf8").matchAll(
      /^<!-- from (\S+) -->\n+```typescript\n([^]*?)^```$/gm,
    ),
    ([, file = "", text = ""], index) => ({ title: `${page}, ${index + 1}`, file, text }),
  ),
);

it.each(excerpts)("an excerpt is still in its program: $title", ({ file, text }) => {
  const flat = (lines: string): string => lines.replaceAll(/^ +/gm, "").trim();
  expect(flat(readFileSync(join(root, file), "utf8"))).toContain(flat(text));
});

const withoutExamples = [
  "bench/results/README.md",
  "editors/vscode/README.md",
  "packages/simulator/docs/extending.md",
];

it.each([...pages(), ...withoutExamples])(
  "the links of %s lead to files and headings that there are",
  (page) => {
    const dead = linksOf(page).filter((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? page : posix.join(posix.dirname(page), file);
      if (!existsSync(join(root, target))) return true;
      // A folder is shown with its README.
      const isFolder = statSync(join(root, target)).isDirectory();
      const shown = isFolder ? posix.join(target, "README.md") : target;
      return anchor !== undefined && !anchorsOf(shown).has(anchor);
    });
    expect(dead).toEqual([]);
  },
);

describe("an example", () => {
  const mistakes = typeCheck(examples);

  it.each(examples)("compiles: $title", ({ title }) => {
    expect(mistakes.get(title)).toEqual([]);
  });

  mkdirSync(join(root, "node_modules/.cache/jute-ts"), { recursive: true });
  // Inside the repository, for that is where the packages are found.
  const folder = mkdtempSync(join(root, "node_modules/.cache/jute-ts/examples-"));
  const recorded = join(root, "test/java/persistence/recorded");
  cpSync(join(recorded, "logs"), join(folder, "version-2"), { recursive: true });
  cpSync(join(recorded, "two-seals"), join(folder, "version-2"), { recursive: true });
  beforeAll(async () => {
    for (const each of printing) writeFileSync(sourceOf(each, folder), each.text);
    // One bundle each, for loading the packages' sources one by one takes seconds.
    const entryPoints = printing.map((each) => sourceOf(each, folder));
    const outExtension = { ".js": ".mjs" };
    await build({ ...nodeBundle, entryPoints, outdir: folder, outbase: folder, outExtension });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.concurrent.each(printing)("prints what it promises: $title", async (example) => {
    const { printed, complaints } = await run(example, folder);
    expect(complaints).toBe("");
    expect(printed.map(anyPort)).toEqual(example.promised.map(anyPort));
  });
});

/** Free ports are other ones each time. */
function anyPort(line: string): string {
  return line.replaceAll(/(?<=127\.0\.0\.1:)\d+/g, "…");
}

/** What the compiler has to say about each example, by title. */
function typeCheck(all: readonly Example[]): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, "tsconfig.tests.json"), (name) =>
    ts.sys.readFile(name),
  ) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, files: [], include: [] },
    ts.sys,
    root,
  );
  Object.assign(options, {
    // A reader leaves out what he does not need yet.
    noUnusedLocals: false,
    noUnusedParameters: false,
    // Looking at an error without asking what it is keeps an example short.
    useUnknownInCatchVariables: false,
    // Two examples may use the same names, so each must be a module, even one without imports.
    moduleDetection: ts.ModuleDetectionKind.Force,
  });
  const texts = new Map(
    all.map((each, index) => [
      join(root, `test/examples/example-${index}.ts`),
      { title: each.title, text: `${each.given}\n${each.text}` },
    ]),
  );
  const host = ts.createCompilerHost(options);
  const onDisk = { ...host };
  host.fileExists = (name) => texts.has(name) || onDisk.fileExists(name);
  host.readFile = (name) => texts.get(name)?.text ?? onDisk.readFile(name);
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const text = texts.get(name)?.text;
    return text === undefined
      ? onDisk.getSourceFile(name, languageVersion, ...rest)
      : ts.createSourceFile(name, text, languageVersion);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return new Map(
    Array.from(texts, ([name, { title }]) => {
      const file = program.getSourceFile(name);
      const found = [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ];
      const said = found.map((each) => ts.flattenDiagnosticMessageText(each.messageText, "\n"));
      // A file beside the reader's own is not here.
      return [title, said.filter((text) => !/^Cannot find module '\.\//.test(text))];
    }),
  );
}

function sourceOf({ title }: Example, folder: string): string {
  return join(folder, `${title.replaceAll(/\W/g, "-")}.mts`);
}

/** Runs the bundle of an example in the folder. */
async function run(
  example: Example,
  folder: string,
): Promise<{ printed: string[]; complaints: string }> {
  const program = sourceOf(example, folder).replace(/\.mts$/, ".mjs");
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let complaints = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (complaints += bytes.toString()));
  await new Promise((resolve) => child.on("close", resolve));
  return { printed: output.trimEnd().split("\n"), complaints };
}
