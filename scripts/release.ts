/**
 * npm run release: makes the tarballs of a release, tries them as a user would, and leaves
 * them in release/, to be published as they are. Needs no network beyond npm's cache.
 *
 * The version comes first: npm run version turns the changesets into it and into CHANGELOG.md.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { publishedPackages, root } from "./packages/published.js";

const changesets = readdirSync(path.join(root, ".changeset")).filter(
  (name) => name.endsWith(".md") && name !== "README.md",
);
const [first, ...rest] = publishedPackages().map(({ manifest }) => manifest.version);
if (changesets.length > 0) {
  fail(`no version has these changes yet: ${changesets.join(", ")}\nRun: npm run version`);
} else if (first === undefined || rest.some((version) => version !== first)) {
  fail("the packages have different versions\nRun: npm run version");
} else {
  release(first);
}

function release(version: string): void {
  const folder = path.join(root, "release");
  rmSync(folder, { recursive: true, force: true });
  const { status } = spawnSync("npm", ["run", "--silent", "pack:check", "--", "--keep", folder], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) {
    fail("the packages are not fit to publish");
    return;
  }
  const tarballs = readdirSync(folder).map((name) => `npm publish release/${name}`);
  console.log(
    [
      `\njute-ts ${version} is in release/. To publish it:`,
      ...tarballs,
      `git tag v${version}`,
    ].join("\n  "),
  );
}

function fail(text: string): void {
  console.error(`release: ${text}`);
  process.exitCode = 1;
}
