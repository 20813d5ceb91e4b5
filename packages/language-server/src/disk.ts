/** Files on disk, read again only when they have changed. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { SourceText } from "@jute-ts/compiler/analysis";
import type { FileSystem } from "./workspace.js";

/** Larger files are no schemas, and reading them would stop the editor. */
const MAX_BYTES = 16 * 1024 * 1024;

/** `decode` makes a text of bytes, and says what is wrong with their encoding. */
export function diskFiles(decode: (bytes: Uint8Array, path: string) => SourceText): FileSystem {
  const known = new Map<string, { readonly stamp: string; readonly source: SourceText }>();
  return {
    read: (file) => {
      try {
        const { mtimeMs, size } = statSync(file);
        if (size > MAX_BYTES) return undefined;
        const stamp = `${mtimeMs} ${size}`;
        const last = known.get(file);
        if (last?.stamp === stamp) return last.source;
        const source = decode(readFileSync(file), file);
        known.set(file, { stamp, source });
        return source;
      } catch {
        // It is not there, or not for us: the same to whoever includes it.
        known.delete(file);
        return undefined;
      }
    },
    list: listJuteFiles,
  };
}

/** Breadth first, so that what is near the top comes before the limit. Hidden folders and node_modules are left out. */
function listJuteFiles(folder: string, limit: number): readonly string[] {
  const found: string[] = [];
  const pending = [folder];
  let visited = 0;
  for (const directory of pending) {
    if (found.length >= limit || visited++ >= MOST_FOLDERS) break;
    for (const entry of entriesOf(directory)) {
      const full = path.posix.join(directory, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && !entry.name.startsWith(".")) pending.push(full);
      } else if (entry.isFile() && entry.name.endsWith(".jute")) {
        found.push(full);
      }
    }
  }
  return found.slice(0, Math.max(limit, 0)).sort();
}

const MOST_FOLDERS = 10_000;

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
