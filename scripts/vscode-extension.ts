/** npm run vscode: leaves the VS Code extension in editors/vscode/dist, and says how to install it. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./packages/published.js";
import { buildVsix } from "./vsix/extension.js";

const { name, bytes } = await buildVsix();
const file = path.join(root, "editors/vscode/dist", name);
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, bytes);
console.log(`${file} (${(bytes.length / 1024).toFixed(0)} KiB). To install it:

  code --install-extension ${path.relative(process.cwd(), file)}
`);
