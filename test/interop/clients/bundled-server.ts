/** `zk-server` as one file, as users get it: it starts in a fraction of the time that the sources take. */
import { join } from "node:path";
import { build } from "esbuild";
import { serverBundle } from "../../../scripts/packages/bundles.js";
import { root } from "../../../scripts/packages/published.js";

/** Makes the file and returns its path. */
export async function bundleServer(): Promise<string> {
  const outfile = join(root, "node_modules/.cache/jute-ts/zk-server.mjs");
  await build({ ...serverBundle, outfile });
  return outfile;
}
