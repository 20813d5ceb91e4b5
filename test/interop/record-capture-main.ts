/**
 * Records packages/inspect/test/recorded/life.pcap.gz again: a short life of an ensemble
 * of Apache's servers and ours. Needs Java, ZooKeeper's jars, tcpdump and root.
 *
 *   tsx -C @jute-ts/source test/interop/record-capture-main.ts
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { prepareJava } from "./kit/java.js";
import { withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { capturing, whyNoCapture } from "./kit/network-capture.js";
import { live, LIVING, portsOf } from "./kit/recorded-life.js";

const WRITES = 40;
const recorded = fileURLToPath(new URL("../../packages/inspect/test/recorded/", import.meta.url));
const why = whyNoCapture();
if (why !== undefined) throw new Error(why);
const directory = await mkdtemp(join(tmpdir(), "jute-ts-record-"));
try {
  await mkdir(join(directory, "classes"));
  const found = await prepareJava(join(directory, "classes"));
  if (found.kind === "missing") throw new Error(found.text);
  const options = { java: found.java, servers: LIVING };
  const file = join(directory, "life.pcap");
  const ports = await withMixedEnsemble(options, async (ensemble) => {
    const all = portsOf(ensemble);
    const list = [...all.client, ...all.quorum, ...all.election];
    await capturing(file, list, () => live(ensemble, WRITES));
    return all;
  });
  await mkdir(recorded, { recursive: true });
  await writeFile(join(recorded, "life.pcap.gz"), gzipSync(await readFile(file), { level: 9 }));
  await writeFile(join(recorded, "life.ports.json"), `${JSON.stringify(ports, null, 2)}\n`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
