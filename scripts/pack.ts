/**
 * Puts the packages into `packed/` as tarballs, which is how to get them as long as
 * no registry has them: `npm install …/packed/*.tgz` installs them into a project.
 */
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { packAll, root } from "./packages.js";

const destination = path.join(root, "packed");
rmSync(destination, { recursive: true, force: true });
mkdirSync(destination);
const packed = packAll(destination);
console.log(`
${String(packed.length)} packages. To install them, in your project:

  npm install ${path.join(destination, "*.tgz")}
`);
