/**
 * Are the packages fit to publish? Packs each of them, examines the tarballs, then
 * does what a user would do: installs them into an empty project outside this repository,
 * generates records from a .jute file, type-checks them strictly, and runs them. What
 * a program sees of the packages is checked with the oldest TypeScript that is supported, too.
 *
 * Third-party dependencies come from the registry, from npm's cache where it has them.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packAll, type PackedPackage, readManifest, root, run, step } from "./packages.js";

/**
 * The oldest TypeScript whose users need no skipLibCheck; README.md names it. Older
 * ones fail on fast-check's own declarations and on those of Node.
 */
const OLDEST_TYPESCRIPT = "5.0.4";

const problems: string[] = [];

const workspace = mkdtempSync(path.join(tmpdir(), "jute-ts-packages-"));

async function main(): Promise<void> {
  const packed = packAll(workspace);
  for (const each of packed) await examine(each);
  useAsAStranger(packed);
}

async function examine({ manifest, tarball, files }: PackedPackage): Promise<void> {
  const { name } = manifest;
  console.log(`examine ${name}`);
  const entry = name === "@jute-ts/cli" ? ["dist/main.js"] : ["dist/index.js", "dist/index.d.ts"];
  for (const needed of ["README.md", "LICENSE", ...entry]) {
    if (!files.includes(needed)) problems.push(`${name}: the tarball has no ${needed}`);
  }
  const bundled = name === "@jute-ts/compiler" || name === "@jute-ts/cli";
  if (bundled && !files.includes("dist/THIRD-PARTY-NOTICES.txt")) {
    problems.push(`${name}: the tarball bundles other packages without their licences`);
  }
  for (const file of files) {
    if (/\.test\.|\.tsbuildinfo$|^test\//.test(file)) {
      problems.push(`${name}: the tarball has ${file}, which no user needs`);
    }
  }
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(bytes).buffer },
    strict: true,
  });
  for (const message of messages) {
    problems.push(`${name}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
  }
}

function useAsAStranger(packed: readonly PackedPackage[]): void {
  const project = path.join(workspace, "project");
  const { devDependencies = {} } = readManifest(root);
  const versions = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, devDependencies[name] ?? "*"]));
  writeFiles(project, {
    "package.json": JSON.stringify({
      private: true,
      type: "module",
      dependencies: Object.fromEntries(
        packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]),
      ),
      devDependencies: versions(["typescript", "fast-check", "@types/node"]),
    }),
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
    // Nothing that an old TypeScript does not know, and no skipLibCheck.
    "tsconfig.declarations.json": JSON.stringify({
      compilerOptions: {
        target: "ES2022",
        module: "NodeNext",
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        verbatimModuleSyntax: true,
        types: ["node"],
        noEmit: true,
      },
      include: ["src", "every-entry.ts"],
    }),
    "inventory.jute": INVENTORY_JUTE,
    "src/main.ts": MAIN_TS,
    "every-entry.ts": everyEntry(packed),
  });
  step("install the tarballs into an empty project", () =>
    run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent"], project),
  );
  step("jute --version, jute check", () => {
    run("npx", ["--no-install", "jute", "--version"], project);
    run("npx", ["--no-install", "jute", "check", "inventory.jute"], project);
  });
  step("zk-peer --version, zk-peer help", () => {
    run("npx", ["--no-install", "zk-peer", "--version"], project);
    run("npx", ["--no-install", "zk-peer", "help", "ensemble"], project);
  });
  step("jute generate, then --check", () => {
    const arguments_ = ["--no-install", "jute", "generate", "inventory.jute", "-o", "src/records"];
    run("npx", arguments_, project);
    run("npx", [...arguments_, "--check"], project);
  });
  step("type-check and build under strict settings", () =>
    run("npx", ["--no-install", "tsc"], project),
  );
  for (const version of [OLDEST_TYPESCRIPT, devDependencies["typescript"] ?? "latest"]) {
    step(`type-check the declarations of every package with TypeScript ${version}`, () =>
      run("node", [installTypeScript(version), "-p", "tsconfig.declarations.json"], project),
    );
  }
  step("import every package and run the emitted code", () => {
    const output = run("node", ["out/main.js"], project).trim();
    if (output !== EXPECTED_OUTPUT) {
      throw new Error(`expected ${EXPECTED_OUTPUT}, the project printed ${output}`);
    }
  });
}

/** Imports whatever a program can import. */
function everyEntry(packed: readonly PackedPackage[]): string {
  const entries = packed.flatMap(({ manifest: { name, exports = {} } }) =>
    Object.entries(exports).flatMap(([subpath, target]) =>
      typeof target !== "string" && target.types !== undefined ? [name + subpath.slice(1)] : [],
    ),
  );
  return entries.map((entry, i) => `export * as entry${String(i)} from "${entry}";\n`).join("");
}

/** Puts a TypeScript into a directory of its own, since each of them brings a `tsc`. Returns the path of its compiler. */
function installTypeScript(version: string): string {
  const directory = path.join(workspace, `typescript-${version}`);
  const manifest = { private: true, dependencies: { typescript: version } };
  writeFiles(directory, { "package.json": JSON.stringify(manifest) });
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent"], directory);
  return path.join(directory, "node_modules/typescript/bin/tsc");
}

function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
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
