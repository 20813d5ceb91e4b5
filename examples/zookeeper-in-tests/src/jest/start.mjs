/** Once, before all test files: the server runs beside them, because Jest loads what tests import in its own way. */
import { startServer } from "@jute-ts/server";

export default async function start() {
  globalThis.zk = await startServer({ storage: "memory" });
  // Test files get what is in the environment.
  process.env.ZOOKEEPER = globalThis.zk.connectString;
}
