/** Which version of this package runs: what its manifest says, and nothing else. */
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Above what is evaluated with them.
const SCOPE = "@jute-ts/";
/** Inside a program that was bundled with this package, no manifest is left to ask. */
const UNKNOWN = "unknown";

/** When this file was built or installed, to the minute: `2026-01-31 12:00 UTC`. */
export const installed: string = readInstalled(fileURLToPath(import.meta.url));

function readInstalled(path: string): string {
  const time = statSync(path, { throwIfNoEntry: false })?.mtime ?? new Date(0);
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The version of the nearest manifest above this file, which is this package's wherever it was built to. */
export const version: string = readVersion(new URL(".", import.meta.url));

function readVersion(directory: URL): string {
  const manifest = readManifest(new URL("package.json", directory));
  if (manifest !== undefined) {
    const isOurs = manifest.name?.startsWith(SCOPE) === true;
    return (isOurs ? manifest.version : undefined) ?? UNKNOWN;
  }
  const parent = new URL("..", directory);
  return parent.href === directory.href ? UNKNOWN : readVersion(parent);
}

function readManifest(
  file: URL,
): { readonly name?: string; readonly version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { name?: string; version?: string };
  } catch {
    // No manifest here: the next directory may have one.
    return undefined;
  }
}
