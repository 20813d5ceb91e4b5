/** The cache of `jute generate`: files below the project's node_modules that may be deleted, damaged or outdated at any time. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { makeDirectory } from "../make-directory.js";
import { removeTemporary } from "../remove-temporary.js";

/**
 * Where the cache keeps something about an output directory (absolute); `kind` tells its files apart. Undefined for a
 * project without node_modules: it gets no cache, and no stray directory.
 */
export function cacheFile(outDir: string, kind: string): string | undefined {
  for (let current = outDir; ; current = path.dirname(current)) {
    const modules = path.join(current, "node_modules");
    if (existsSync(modules)) {
      return path.join(modules, ".cache", "jute", `${hash(outDir).slice(0, 16)}${kind}.json`);
    }
    if (path.dirname(current) === current) return undefined;
  }
}

/** The JSON in a file of the cache; undefined when there is none that can be read. */
export function readCache(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written is no error: the next run is slower. */
export function writeCache(file: string, content: unknown): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    makeDirectory(path.dirname(file));
    writeFileSync(temporary, JSON.stringify(content));
    renameSync(temporary, file);
  } catch {
    removeTemporary(temporary);
  }
}

export function hash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url");
}

let version: string | undefined;

/** Read from the manifest, because asking Prettier would load it. */
export function prettierVersion(): string {
  if (version === undefined) {
    const manifest = createRequire(import.meta.url)("prettier/package.json") as { version: string };
    version = manifest.version;
  }
  return version;
}
