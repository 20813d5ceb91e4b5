/**
 * Makes a directory with those above it. Node's own way to do that never returns where the file
 * system says of a directory in one that exists that it does not exist, as `/proc` and automounters do.
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { systemErrorOf } from "./system-error.js";

/** Nothing where it is there already. Throws the system's error; ENOENT: none can be made there. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const above = dirname(path);
    const code = systemErrorOf(error)?.code;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || above === path || existsSync(above)) throw error;
    makeDirectory(above);
    mkdirSync(path);
  }
}
