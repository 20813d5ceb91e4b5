/** The packages that are published, and the entry points that each of them exports. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What the scripts read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly repository?: unknown;
  readonly homepage?: unknown;
  readonly bugs?: unknown;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface PublishedPackage {
  /** The absolute path of its folder. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** What a program may import from it, `.` first. */
  readonly entries: readonly EntryPoint[];
}

export interface EntryPoint {
  /** As an import names it: `@jute-ts/quorum/wire`. */
  readonly specifier: string;
  /** One word for file names: `quorum.wire`. */
  readonly label: string;
  /** Absolute paths; what is in `dist` is there after a build. */
  readonly source: string;
  readonly declarations: string;
}

export const root: string = path.resolve(import.meta.dirname, "../..");

export function publishedPackages(): PublishedPackage[] {
  const inPackages = readdirSync(path.join(root, "packages")).map((name) => `packages/${name}`);
  return ["generated", ...inPackages]
    .map((folder) => path.join(root, folder))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map((each) => ({ ...each, entries: entriesOf(each.folder, each.manifest) }));
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
}

function entriesOf(folder: string, { name, exports = {} }: Manifest): EntryPoint[] {
  return Object.entries(exports).flatMap(([entry, target]) => {
    // What has no types is a file to be read, or the way that only this repository may go.
    if (typeof target === "string" || target["types"] === undefined) return [];
    const specifier = path.posix.join(name, entry);
    return {
      specifier,
      label: specifier.replace(/^@jute-ts\//, "").replaceAll("/", "."),
      source: path.join(folder, target["@jute-ts/source"] ?? ""),
      declarations: path.join(folder, target["types"]),
    };
  });
}
