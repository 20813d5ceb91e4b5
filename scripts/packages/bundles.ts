/** What the bundles of this repository have in common, and how the `jute` command becomes one file. */
import type { BuildOptions } from "esbuild";
import { root } from "./published.js";

export const sharedBundle = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "node20.19",
  // Most runs do not need it.
  external: ["prettier"],
  conditions: ["@jute-ts/source"],
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

export const nodeBundle = {
  ...sharedBundle,
  platform: "node",
  // Commander and others are CommonJS and ask for Node's own modules with require.
  banner: {
    js: 'import { createRequire as createRequireForBundle } from "node:module";\nconst require = createRequireForBundle(import.meta.url);',
  },
} satisfies BuildOptions;

/** The command of @jute-ts/server. Its source stays in memory, so it is short, and a byte for each character. */
export const serverBundle = {
  ...nodeBundle,
  entryPoints: ["packages/server/src/main.ts"],
  minifySyntax: true,
  minifyWhitespace: true,
  charset: "ascii",
} satisfies BuildOptions;

export const commandBundle = {
  ...nodeBundle,
  entryPoints: ["packages/cli/src/main.ts"],
} satisfies BuildOptions;

/** The same as a file for each part that a command loads by itself, and one for each kind of thread; `outdir` is the package's `dist`. */
export const commandParts = {
  ...nodeBundle,
  entryPoints: [
    { in: "packages/cli/src/main.ts", out: "main" },
    { in: "packages/cli/src/generate/format-thread.ts", out: "chunks/format-thread" },
    { in: "packages/cli/src/inspect/log-thread.ts", out: "chunks/log-thread" },
  ],
  splitting: true,
  // The hash says which code it is; packages/cli/src/generate/run-stamp.ts reads it.
  chunkNames: "chunks/[name]-[hash]",
  // What is short is read sooner.
  minifySyntax: true,
  minifyWhitespace: true,
} satisfies BuildOptions;
