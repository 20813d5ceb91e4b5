/**
 * Puts the packages into `packed/` as tarballs, which is how to get them as long as
 * no registry has them: `npm install …/packed/*.tgz` installs them into a project.
 */
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { publishedPackages, root } from "./packages/published.js";
import { run, step } from "./packages/shell.js";
import { pack } from "./packages/tarball.js";

const destination = path.join(root, "packed");
rmSync(destination, { recursive: true, force: true });
mkdirSync(destination);
step("build", () => run("npm", ["run", "build", "--silent"], root));
const packed = publishedPackages().map((each) =>
  step(`pack ${each.manifest.name}`, () => pack(each, destination)),
);
console.log(`
${packed.length} packages. To install them, in your project:

  npm install ${path.join(destination, "*.tgz")}
`);
