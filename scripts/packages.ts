/** The packages of this repository as tarballs, for whoever checks, installs or keeps them. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

interface Manifest {
  readonly name: string;
  /** What can be imported, by path; an entry with types is for programs. */
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>;
  readonly private?: boolean;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface PackedPackage {
  readonly manifest: Manifest;
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

export const root: string = path.resolve(import.meta.dirname, "..");

/** Builds everything and packs each package that may be published into `destination`. */
export function packAll(destination: string): PackedPackage[] {
  step("build", () => run("npm", ["run", "build", "--silent"], root));
  return publishablePackages().map((directory) => pack(directory, destination));
}

function publishablePackages(): string[] {
  const inPackages = readdirSync(path.join(root, "packages")).map((name) => `packages/${name}`);
  return [...inPackages, "generated"]
    .map((directory) => path.join(root, directory))
    .filter((directory) => readManifest(directory).private !== true);
}

function pack(directory: string, destination: string): PackedPackage {
  const manifest = readManifest(directory);
  return step(`pack ${manifest.name}`, () => {
    const output = run("npm", ["pack", "--json", "--pack-destination", destination], directory);
    const listing = JSON.parse(output) as PackListing[] | Record<string, PackListing>;
    const [first] = Object.values(listing);
    if (first === undefined) throw new Error(`npm pack lists nothing: ${output}`);
    const tarball = path.join(destination, first.filename);
    return { manifest, tarball, files: first.files.map((file) => file.path) };
  });
}

interface PackListing {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Prints what is done and how long it took. A failure ends the whole check: what follows needs this. */
export function step<T>(title: string, action: () => T): T {
  const startedMs = performance.now();
  const result = action();
  console.log(`${title} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  return result;
}

/** Runs a program to its end and returns what it wrote to stdout. Throws, with all that it said, when it fails. */
export function run(command: string, arguments_: readonly string[], directory: string): string {
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

export function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as Manifest;
}
