/** The version of an installed peer, from its package.json. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

export function installedVersion(packageName: string): string {
  // Walks up from the entry point, because many packages do not export their package.json.
  let folder = dirname(require.resolve(packageName));
  for (;;) {
    try {
      const text = readFileSync(join(folder, "package.json"), "utf8");
      const manifest = JSON.parse(text) as { name?: string; version?: string };
      if (manifest.name === packageName) return manifest.version ?? "?";
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No package.json of ${packageName} was found`);
    folder = parent;
  }
}
