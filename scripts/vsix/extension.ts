/** The files of the VS Code extension: what lies in editors/vscode, and what is bundled for it. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { strToU8 } from "fflate";
import { build } from "esbuild";
import { commandBundle, sharedBundle } from "../packages/bundles.js";
import { noticesOf } from "../packages/notices.js";
import { readManifest, root } from "../packages/published.js";
import { type ExtensionManifest, vsixOf } from "./vsix.js";

const folder = path.join(root, "editors/vscode");

export interface Vsix {
  /** `jute-0.1.0.vsix` */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Builds the extension from source. It has the version of the command that is inside of it. */
export async function buildVsix(): Promise<Vsix> {
  const manifest = extensionManifest();
  const bundles = await bundle();
  const files = new Map([
    ["package.json", strToU8(`${JSON.stringify(manifest, null, 2)}\n`)],
    ["README.md", readFileSync(path.join(folder, "README.md"))],
    ["LICENSE.txt", readFileSync(path.join(folder, "LICENSE"))],
    ["language-configuration.json", readFileSync(path.join(folder, "language-configuration.json"))],
    ...filesIn("syntaxes"),
    ...filesIn("snippets"),
    [
      "dist/jute.config.schema.json",
      readFileSync(path.join(root, "packages/cli/jute.config.schema.json")),
    ],
    ...bundles,
  ]);
  return { name: `${manifest.name}-${manifest.version}.vsix`, bytes: vsixOf(manifest, files) };
}

/** Without what only a workspace of npm needs. */
function extensionManifest(): ExtensionManifest {
  const text = readFileSync(path.join(folder, "package.json"), "utf8");
  const { version } = readManifest(path.join(root, "packages/cli"));
  const {
    private: _private,
    type: _type,
    devDependencies: _devDependencies,
    ...manifest
  } = JSON.parse(text) as ExtensionManifest & Record<string, unknown>;
  return { ...manifest, version };
}

async function bundle(): Promise<readonly (readonly [string, Uint8Array])[]> {
  const extension = await build({
    ...sharedBundle,
    entryPoints: ["editors/vscode/src/extension.ts"],
    outfile: "dist/extension.cjs",
    platform: "node",
    // What the editor itself offers.
    external: ["vscode"],
    format: "cjs",
    minify: true,
    write: false,
  });
  const command = await build({
    ...commandBundle,
    outfile: "dist/jute.mjs",
    minify: true,
    write: false,
  });
  const notices = noticesOf(
    [extension.metafile, command.metafile],
    "The JavaScript files contain these packages, unchanged in content:",
  );
  return [
    ...[...extension.outputFiles, ...command.outputFiles].map(
      ({ path: file, contents }) => [`dist/${path.basename(file)}`, contents] as const,
    ),
    ["dist/THIRD-PARTY-NOTICES.txt", strToU8(notices)],
  ];
}

function filesIn(subfolder: string): readonly (readonly [string, Uint8Array])[] {
  return readdirSync(path.join(folder, subfolder)).map((name) => [
    `${subfolder}/${name}`,
    readFileSync(path.join(folder, subfolder, name)),
  ]);
}
