/**
 * Makes the JavaScript of @jute-ts/cli, the executable, a part for each command, of @jute-ts/compiler, the
 * library, which needs nothing of Node's, and of the command of @jute-ts/server. What they
 * import is inside, because loading Chevrotain's hundreds of modules takes longer than
 * compiling ZooKeeper's schemas, and loading a server's two hundred takes half of its start;
 * Prettier stays outside, because most runs do not need it. The types come from tsc.
 *
 * The licences of what is inside go into dist/THIRD-PARTY-NOTICES.txt of each.
 */
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, type Metafile } from "esbuild";
import { commandParts, serverBundle, sharedBundle } from "./packages/bundles.js";
import { noticesOf } from "./packages/notices.js";
import { publishedPackages, root } from "./packages/published.js";

const cli = path.join(root, "packages/cli");
const compiler = path.join(root, "packages/compiler");
const server = path.join(root, "packages/server");

rmSync(path.join(cli, "dist/chunks"), { recursive: true, force: true });
const executable = await build({ ...commandParts, outdir: path.join(cli, "dist") });
// Beside what programs import, which tsc makes.
const serverCommand = await build({
  ...serverBundle,
  outfile: path.join(server, "dist/main.js"),
});
rmSync(path.join(compiler, "dist/chunks"), { recursive: true, force: true });
const library = await build({
  ...sharedBundle,
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

writeNotices(cli, executable.metafile, "The JavaScript files contain");
writeNotices(server, serverCommand.metafile, "The file main.js contains");
writeNotices(compiler, library.metafile, "The JavaScript files contain");

/** The sources of everything that the compiler exports. */
function compilerEntries(): string[] {
  return publishedPackages()
    .filter(({ folder }) => folder === compiler)
    .flatMap(({ entries }) => entries.map(({ source }) => source));
}

function writeNotices(directory: string, metafile: Metafile, heading: string): void {
  const text = noticesOf([metafile], `${heading} these packages, unchanged in content:`);
  writeFileSync(path.join(directory, "dist/THIRD-PARTY-NOTICES.txt"), text);
}
