/**
 * What a tarball must hold and must not, and whether its manifest leads importers of every
 * kind to the right files: publint and "are the types wrong" say that.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  checkPackage,
  createPackageFromTarballData,
  type Package,
  type Problem,
} from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { PublishedPackage } from "./published.js";
import { run, writeFiles } from "./shell.js";

export interface PackedPackage extends PublishedPackage {
  /** The path of the .tgz. */
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

interface PackListing {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs a package as npm publishes it. */
export function pack(each: PublishedPackage, destination: string): PackedPackage {
  const output = run("npm", ["pack", "--json", "--pack-destination", destination], each.folder);
  const listing = JSON.parse(output) as PackListing[] | Record<string, PackListing>;
  const [first] = Object.values(listing);
  if (first === undefined) throw new Error(`npm pack lists nothing: ${output}`);
  const tarball = path.join(destination, first.filename);
  return { ...each, tarball, files: first.files.map((file) => file.path) };
}

/** Everything that is wrong with a tarball, a line each. */
export async function problemsOf(packed: PackedPackage): Promise<string[]> {
  const { manifest, tarball } = packed;
  const bytes = new Uint8Array(readFileSync(tarball));
  const contents = createPackageFromTarballData(bytes);
  const problems = [...missingFiles(packed), ...strayFiles(packed), ...simulated(packed, contents)];
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  for (const message of messages) {
    problems.push(formatMessage(message, pkg, { color: false }) ?? message.code);
  }
  const analysis = await checkPackage(contents);
  if (analysis.types !== false) {
    problems.push(...analysis.problems.filter((each) => !isKnown(each)).map(describeProblem));
  }
  return problems.map((text) => `${manifest.name}: ${text}`);
}

/** What manifests leave out and only their owner can fill in: said, but no reason to fail. */
export function notesOn(packages: readonly PublishedPackage[]): string[] {
  return (["repository", "homepage", "bugs"] as const).flatMap((key) => {
    const without = packages.filter(({ manifest }) => manifest[key] === undefined);
    if (without.length === 0) return [];
    const who = without.map(({ manifest }) => manifest.name).join(", ");
    return `no ${key} in the manifest of ${who}: npm's page will lead to none`;
  });
}

function missingFiles({ manifest, entries, files }: PackedPackage): string[] {
  const targets = [
    ...Object.values(manifest.bin ?? {}),
    ...entries.flatMap(({ specifier }) => {
      const target = manifest.exports?.[`.${specifier.slice(manifest.name.length)}`];
      return typeof target === "object" ? Object.values(target) : [];
    }),
  ];
  const bundled = BUNDLED.has(manifest.name);
  const needed = [
    "README.md",
    "LICENSE",
    ...targets.map((target) => target.replace(/^\.\//, "")),
    // Who bundles other packages must pass their licences on.
    ...(bundled ? ["dist/THIRD-PARTY-NOTICES.txt"] : []),
  ];
  return needed.filter((file) => !files.includes(file)).map((file) => `the tarball has no ${file}`);
}

function strayFiles({ files }: PackedPackage): string[] {
  return files
    .filter((file) => /\.test\.|\.tsbuildinfo$|^test\//.test(file))
    .map((file) => `the tarball has ${file}, which no user needs`);
}

/** Code and source maps of the simulator in a package that is not the simulator. */
function simulated({ manifest }: PackedPackage, contents: Package): string[] {
  if (manifest.name === SIMULATOR) return [];
  return contents
    .listFiles()
    .filter((name) => /\.(js|ts|map)$/.test(name))
    .filter((name) => IN_SIMULATOR.test(contents.readFile(name)))
    .map((name) => `${name} has to do with the simulator`);
}

/** Those whose JavaScript, or whose command, `scripts/bundle.ts` makes. */
const BUNDLED: ReadonlySet<string> = new Set([
  "@jute-ts/compiler",
  "@jute-ts/cli",
  "@jute-ts/server",
]);
const SIMULATOR = "@jute-ts/simulator";
/** An import of it, a source map that leads to it, or the comment by which a bundler names its files. */
const IN_SIMULATOR = /@jute-ts\/simulator|packages\/simulator|\bsimulator\/(src|dist)\//;

/**
 * All packages are ES modules only. TypeScript's old way to resolve knows no `exports`, and for
 * `require` it warns of what Node does since 20.19: load an ES module.
 */
function isKnown(problem: Problem): boolean {
  return (
    ("resolutionKind" in problem && problem.resolutionKind === "node10") ||
    problem.kind === "CJSResolvesToESM"
  );
}

function describeProblem(problem: Problem): string {
  return `the types are wrong: ${JSON.stringify(problem)}`;
}

/** An empty project that has the packages, from their tarballs, beside what the registry has. */
export function installAsStranger(
  directory: string,
  packed: readonly PackedPackage[],
  wanted: readonly string[],
  devDependencies: Readonly<Record<string, string>>,
): void {
  const locations = Object.fromEntries(
    packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]),
  );
  const direct = Object.fromEntries(wanted.map((name) => [name, locations[name]]));
  // What the wanted ones depend on is in no registry either.
  const overrides = Object.fromEntries(
    Object.entries(locations).filter(([name]) => !wanted.includes(name)),
  );
  writeFiles(directory, {
    "package.json": JSON.stringify({
      private: true,
      type: "module",
      dependencies: direct,
      overrides,
      devDependencies,
    }),
  });
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent"], directory);
}
