/**
 * Makes the JavaScript of @jute-ts/cli, the executable, of @jute-ts/compiler, the
 * library, which needs nothing of Node's, and of the command of @jute-ts/server. What they
 * import is inside, because loading Chevrotain's hundreds of modules takes longer than
 * compiling ZooKeeper's schemas, and loading a server's two hundred takes half of its start;
 * Prettier stays outside, because most runs do not need it. The types come from tsc.
 *
 * The licences of what is inside go into dist/THIRD-PARTY-NOTICES.txt of each.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, type BuildOptions, type Metafile } from "esbuild";
import { publishedPackages } from "./packages/published.js";

const root = path.resolve(import.meta.dirname, "..");
const cli = path.join(root, "packages/cli");
const compiler = path.join(root, "packages/compiler");
const server = path.join(root, "packages/server");

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "node20.19",
  external: ["prettier"],
  conditions: ["@jute-ts/source"],
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

const forNode = {
  ...shared,
  platform: "node",
  // Commander and others are CommonJS and ask for Node's own modules with require.
  banner: {
    js: 'import { createRequire as createRequireForBundle } from "node:module";\nconst require = createRequireForBundle(import.meta.url);',
  },
} satisfies BuildOptions;

const executable = await build({
  ...forNode,
  entryPoints: [path.join(cli, "src/main.ts")],
  outfile: path.join(cli, "dist/main.js"),
});
// Beside what programs import, which tsc makes.
const serverCommand = await build({
  ...forNode,
  entryPoints: [path.join(server, "src/main.ts")],
  outfile: path.join(server, "dist/main.js"),
});
rmSync(path.join(compiler, "dist/chunks"), { recursive: true, force: true });
const library = await build({
  ...shared,
  entryPoints: compilerEntries(),
  outbase: path.join(compiler, "src"),
  outdir: path.join(compiler, "dist"),
  // What several entry points need is loaded once.
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  platform: "neutral",
  target: "es2022",
  mainFields: ["module", "main"],
  // Picocolors asks the process whether its terminal has colours, where there may be no process.
  define: { process: "globalThis.process" },
});

writeNotices(cli, executable.metafile, "The file main.js contains");
writeNotices(server, serverCommand.metafile, "The file main.js contains");
writeNotices(compiler, library.metafile, "The JavaScript files contain");

/** The sources of everything that the compiler exports. */
function compilerEntries(): string[] {
  return publishedPackages()
    .filter(({ folder }) => folder === compiler)
    .flatMap(({ entries }) => entries.map(({ source }) => source));
}

function writeNotices(directory: string, metafile: Metafile, heading: string): void {
  const packages = Object.keys(metafile.inputs).flatMap((input) => thirdPartyPackage(input) ?? []);
  const text = notices(new Set(packages), `${heading} these packages, unchanged in content:`);
  writeFileSync(path.join(directory, "dist/THIRD-PARTY-NOTICES.txt"), text);
}

/** The directory of the package in node_modules that a file belongs to, relative to the root. */
function thirdPartyPackage(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

function notices(packages: ReadonlySet<string>, heading: string): string {
  const sections = [...packages]
    .map((directory) => ({ directory, manifest: readManifest(directory) }))
    .sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1))
    .map(({ directory, manifest: { name, version, license } }) =>
      [`${name} ${version} (${license})`, licenceText(directory)].join("\n\n"),
    );
  return `${[heading, ...sections].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** The package's own licence file. Without one, it must not be bundled. */
function licenceText(directory: string): string {
  const file = readdirSync(path.join(root, directory)).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${directory} has no licence file to pass on`);
  return readFileSync(path.join(root, directory, file), "utf8").trim();
}

function readManifest(directory: string) {
  const text = readFileSync(path.join(root, directory, "package.json"), "utf8");
  return JSON.parse(text) as { name: string; version: string; license: string };
}
