/**
 * Are the packages fit to publish? Packs each of them, examines the tarballs, then
 * does what a user would do: installs them into an empty project outside this repository,
 * generates records from a .jute file, type-checks them strictly, and runs them.
 *
 * Third-party dependencies come from the registry, from npm's cache where it has them.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { checkWithOldestTypeScript } from "./packages/oldest-typescript.js";
import { publishedPackages, readManifest, root } from "./packages/published.js";
import { run, step, writeFiles } from "./packages/shell.js";
import {
  installAsStranger,
  notesOn,
  pack,
  type PackedPackage,
  problemsOf,
} from "./packages/tarball.js";
import { EXAMPLES_NEED, useExamples } from "./packages/use-examples.js";
import { importEverything } from "./packages/use-libraries.js";
import { useServerAsAStranger } from "./packages/use-server.js";

const { values } = parseArgs({
  // --keep DIRECTORY: where the tarballs go when nothing is wrong with them.
  options: { keep: { type: "string" } },
});
const problems: string[] = [];

const workspace = mkdtempSync(path.join(tmpdir(), "jute-ts-packages-"));

async function main(): Promise<void> {
  step("build", () => run("npm", ["run", "build", "--silent"], root));
  const packed = publishedPackages().map((each) =>
    step(`pack ${each.manifest.name}`, () => pack(each, workspace)),
  );
  for (const each of packed) {
    console.log(`examine ${each.manifest.name}`);
    problems.push(...(await problemsOf(each)));
  }
  for (const note of notesOn(packed)) console.log(`note: ${note}`);
  useAsAStranger(packed);
  await useServerAsAStranger(packed, path.join(workspace, "server"));
  if (values.keep !== undefined && problems.length === 0) keep(packed, values.keep);
}

function keep(packed: readonly PackedPackage[], directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const { tarball } of packed) {
    copyFileSync(tarball, path.join(directory, path.basename(tarball)));
  }
}

function useAsAStranger(packed: readonly PackedPackage[]): void {
  const project = path.join(workspace, "project");
  const { devDependencies = {} } = readManifest(root);
  const versions = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, devDependencies[name] ?? "*"]));
  const names = packed.map(({ manifest }) => manifest.name);
  step("install the tarballs into an empty project", () => {
    const tools = versions(["fast-check", ...EXAMPLES_NEED]);
    installAsStranger(project, packed, names, tools);
  });
  writeFiles(project, {
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        target: "ES2022",
        module: "NodeNext",
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        erasableSyntaxOnly: true,
        isolatedDeclarations: true,
        verbatimModuleSyntax: true,
        declaration: true,
        types: [],
        rootDir: "src",
        outDir: "out",
      },
      include: ["src"],
    }),
    "inventory.jute": INVENTORY_JUTE,
    "src/main.ts": MAIN_TS,
  });
  step("jute --version, the help of every command, jute check", () => {
    const version = run("npx", ["--no-install", "jute", "--version"], project).trim();
    const cli = packed.find(({ manifest }) => manifest.name === "@jute-ts/cli");
    if (version !== cli?.manifest.version) throw new Error(`jute --version says ${version}`);
    const help = run("npx", ["--no-install", "jute", "--help"], project);
    const commands = [...help.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, name]) => name ?? "");
    if (!commands.includes("generate")) throw new Error(`no commands in the help:\n${help}`);
    for (const command of commands.filter((each) => each !== "help")) {
      run(path.join(project, "node_modules/.bin/jute"), [command, "--help"], project);
    }
    run("npx", ["--no-install", "jute", "check", "inventory.jute"], project);
  });
  step("jute generate, then --check", () => {
    const arguments_ = ["--no-install", "jute", "generate", "inventory.jute", "-o", "src/records"];
    run("npx", arguments_, project);
    run("npx", [...arguments_, "--check"], project);
  });
  step("type-check and build under strict settings", () =>
    run("npx", ["--no-install", "tsc"], project),
  );
  step("run the emitted code", () => {
    const output = run("node", ["out/main.js"], project).trim();
    if (output !== EXPECTED_OUTPUT) {
      throw new Error(`expected ${EXPECTED_OUTPUT}, the project printed ${output}`);
    }
  });
  importEverything(packed, project);
  checkWithOldestTypeScript(project);
  useExamples(project);
}

const INVENTORY_JUTE = `module shop.stock {
  /** Something on a shelf. */
  class Item {
    ustring name;
    long count;
    map<ustring, vector<int>> shelves; // row and column by hall
    buffer label;
  }
  class Stock {
    vector<Item> items;
    /* @jute:optional */
    boolean closed;
  }
}
`;

const MAIN_TS = `import { compile } from "@jute-ts/compiler";
import * as generators from "@jute-ts/fast-check";
import * as zookeeper from "@jute-ts/zookeeper";
import * as records from "@jute-ts/records";
import { JuteDecodeError } from "@jute-ts/runtime";
import { Item } from "./records/shop/stock/Item.js";
import { Stock } from "./records/shop/stock/Stock.js";

const stock: Stock = Stock.from({ items: [{ name: "tea", count: 2n ** 62n, shelves: new Map([["A", [1, 2]]]) }] });
const back: Stock = Stock.decode(stock.encode());
const item: Item | undefined = back.items?.[0];
let refused: string = "nothing";
try {
  Stock.decode(stock.encode().subarray(0, 9));
} catch (error) {
  if (error instanceof JuteDecodeError) refused = error.name;
}
const { files, diagnostics } = await compile([{ path: "a.jute", text: "module a { class B { int c; } }" }]);

declare const console: { log(text: string): void };
console.log(
  [
    back.equals(stock),
    item?.count,
    refused,
    files.length > 0,
    diagnostics.length,
    [generators, zookeeper, records].every((each) => Object.keys(each).length > 0),
  ].join(" "),
);
`;

const EXPECTED_OUTPUT = `true ${String(2n ** 62n)} JuteDecodeError true 0 true`;

try {
  await main();
} catch (error) {
  problems.push((error as Error).message);
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
if (problems.length > 0) {
  console.error(`\n${problems.join("\n")}`);
  process.exitCode = 1;
}
