/** The licences of what a bundle holds, which whoever passes the bundle on must pass on, too. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Metafile } from "esbuild";
import { root } from "./published.js";

/** Throws for a package in a bundle that has no licence file. Bundles are made with the root as working directory. */
export function noticesOf(bundles: readonly Metafile[], heading: string): string {
  const directories = new Set(
    bundles.flatMap(({ inputs }) => Object.keys(inputs).flatMap((each) => thirdParty(each) ?? [])),
  );
  const sections = [...directories]
    .map((directory) => ({ directory, manifest: readManifest(directory) }))
    .sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1))
    .map(({ directory, manifest: { name, version, license } }) =>
      [`${name} ${version} (${license})`, licenceText(directory)].join("\n\n"),
    );
  return `${[heading, ...sections].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** The directory of the package in node_modules that a file belongs to, relative to the root. */
function thirdParty(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

function licenceText(directory: string): string {
  const file = readdirSync(path.join(root, directory)).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${directory} has no licence file to pass on`);
  return readFileSync(path.join(root, directory, file), "utf8").trim();
}

function readManifest(directory: string) {
  const text = readFileSync(path.join(root, directory, "package.json"), "utf8");
  return JSON.parse(text) as { name: string; version: string; license: string };
}
