/** `zk-server` as one file, as users get it: it starts in a fraction of the time that the sources take. */
import { join } from "node:path";
import { build } from "esbuild";

/** Makes the file and returns its path. */
export async function bundleServer(): Promise<string> {
  const outfile = join(ROOT, "node_modules/.cache/jute-ts/zk-server.mjs");
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["packages/server/src/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    conditions: ["@jute-ts/source"],
    logLevel: "warning",
    // Commander is CommonJS and asks for Node's own modules with require.
    banner: {
      js: 'import { createRequire as createRequireForBundle } from "node:module";\nconst require = createRequireForBundle(import.meta.url);',
    },
  });
  return outfile;
}

const ROOT = join(import.meta.dirname, "../../..");
