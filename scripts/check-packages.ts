/**
 * Are the packages fit to publish? Packs each of them, examines the tarballs, then
 * does what a user would do: installs them into an empty project outside this repository,
 * generates records from a .jute file, type-checks them strictly, and runs them.
 *
 * Third-party dependencies come from the registry, from npm's cache where it has them.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface PackedPackage {
  readonly manifest: Manifest;
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

const root = path.resolve(import.meta.dirname, "..");
const problems: string[] = [];

const workspace = mkdtempSync(path.join(tmpdir(), "jute-ts-packages-"));

async function main(): Promise<void> {
  step("build", () => run("npm", ["run", "build", "--silent"], root));
  const packed = publishablePackages().map((directory) => pack(directory));
  for (const each of packed) await examine(each);
  useAsAStranger(packed);
}

function publishablePackages(): string[] {
  const inPackages = readdirSync(path.join(root, "packages")).map((name) => `packages/${name}`);
  return [...inPackages, "generated"]
    .map((directory) => path.join(root, directory))
    .filter((directory) => readManifest(directory).private !== true);
}

function pack(directory: string): PackedPackage {
  const manifest = readManifest(directory);
  return step(`pack ${manifest.name}`, () => {
    const output = run("npm", ["pack", "--json", "--pack-destination", workspace], directory);
    const listing = JSON.parse(output) as PackListing[] | Record<string, PackListing>;
    const [first] = Object.values(listing);
    if (first === undefined) throw new Error(`npm pack lists nothing: ${output}`);
    const tarball = path.join(workspace, first.filename);
    return { manifest, tarball, files: first.files.map((file) => file.path) };
  });
}

interface PackListing {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
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
      devDependencies: versions(["typescript", "fast-check"]),
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
    "inventory.jute": INVENTORY_JUTE,
    "src/main.ts": MAIN_TS,
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
  step("import every package and run the emitted code", () => {
    const output = run("node", ["out/main.js"], project).trim();
    if (output !== EXPECTED_OUTPUT) {
      throw new Error(`expected ${EXPECTED_OUTPUT}, the project printed ${output}`);
    }
  });
}

/** Prints what is done and how long it took. A failure ends the whole check: what follows needs this. */
function step<T>(title: string, action: () => T): T {
  const startedMs = performance.now();
  const result = action();
  console.log(`${title} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  return result;
}

/** Runs a program to its end and returns what it wrote to stdout. Throws, with all that it said, when it fails. */
function run(command: string, arguments_: readonly string[], directory: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, arguments_, {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    // An outer npm tells its children where they are; a stranger's npm would not.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE_OPTIONS$)/.test(name)),
    ),
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    const line = [command, ...arguments_].join(" ");
    throw new Error(`${line} failed with ${String(status)}\n${stdout}${stderr}`);
  }
  return stdout;
}

function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as Manifest;
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
