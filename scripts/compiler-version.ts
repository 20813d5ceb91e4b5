/**
 * Writes the compiler's version into its source, where it has to stand because the compiler reads
 * no files. Part of `npm run version`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readManifest, root } from "./packages/published.js";

const { version } = readManifest(path.join(root, "packages/compiler"));
const file = path.join(root, "packages/compiler/src/version.ts");
const text = readFileSync(file, "utf8");
writeFileSync(file, text.replace(/VERSION = "[^"]*"/, `VERSION = ${JSON.stringify(version)}`));
