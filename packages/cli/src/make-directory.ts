/**
 * Makes a directory with those above it. Node's own way to do that never returns where the file
 * system says of a directory in one that exists that it does not exist, as `/proc` and automounters do.
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";

/** Nothing where it is there already. Throws the system's error. */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const above = path.dirname(directory);
    if (code === "EEXIST" && statSync(directory).isDirectory()) return;
    if (code !== "ENOENT" || above === directory || existsSync(above)) throw error;
    makeDirectory(above);
    makeDirectory(directory);
  }
}
