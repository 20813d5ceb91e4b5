/** The keys of places, ports, times and files, each with its effect on a running server or on what its peer is made with. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { Certificates } from "../../src/node/certificates.js";
import { loadConfiguration, peerConfiguration } from "../../src/node/server.js";
import type { PeerConfiguration } from "../../src/node/peer.js";
import {
  closedAfter,
  type ConfiguredServer,
  endServers,
  listens,
  newPlace,
  type Place,
  serving,
  start,
  writeConfiguration,
} from "./configured-server.js";
import { type Effects, until } from "./effects.js";

export const serverEffects: Effects = {
  tickTime: async () => {
    const server = await serving(["tickTime=50"]);
    expect(server.peer.sessionTimeout(1)).toBe(100);
  },
  initLimit: async () => {
    const { place } = await serving(["initLimit=3"]);
    expect(await closedAfter("127.0.0.1", place.quorumPort, 900)).toBeLessThan(700);
  },
  syncLimit: async () => {
    const { place } = await serving(["syncLimit=2"]);
    expect(await closedAfter("127.0.0.1", place.electionPort, 450)).toBeLessThan(400);
  },
  connectToLearnerMasterLimit: async () => {
    const options = await optionsOf("connectToLearnerMasterLimit=7");
    expect(options.connectToLearnerMasterLimit).toBe(7);
  },
  dataDir: async () => {
    const server = await serving([]);
    expect(server.files("snapshot.")).toEqual(["snapshot.0"]);
  },
  dataLogDir: async () => {
    const place = await newPlace();
    const server = await serving([`dataLogDir=${join(place.directory, "logs")}`], place);
    await server.create("/a");
    expect(server.files("log.", "logs")).toHaveLength(1);
    expect(server.files("log.")).toEqual([]);
  },
  clientPort: async () => {
    const server = await serving([]);
    expect(await server.command("ruok")).toBe("imok");
  },
  clientPortAddress: async () => {
    const { place } = await serving(["clientPortAddress=127.0.0.2"]);
    expect(await listens("127.0.0.2", place.clientPort)).toBe(true);
    expect(await listens("127.0.0.1", place.clientPort)).toBe(false);
  },
  "server.*": async () => {
    const place = await newPlace();
    writeFileSync(join(place.directory, "data", "myid"), "7");
    const server = await serving(
      [
        `server.7=127.0.0.1:${place.quorumPort}:${place.electionPort}`,
        "server.1=127.0.0.1:1:2:observer",
        "standaloneEnabled=false",
      ],
      place,
    );
    expect(server.peer.status()).toMatchObject({ sid: 7n, role: "leading" });
  },
  "group.*": async () => {
    const { ensemble } = await optionsOf(...THREE, "group.1=1:2", "group.2=3");
    // A majority of the groups, of each of which a majority agrees.
    expect(ensemble.containsQuorum([1n, 3n])).toBe(false);
    expect(ensemble.containsQuorum([1n, 2n, 3n])).toBe(true);
  },
  "weight.*": async () => {
    const { ensemble } = await optionsOf(...THREE, "group.1=1:2:3", "weight.1=9");
    expect(ensemble.containsQuorum([1n])).toBe(true);
    expect(ensemble.containsQuorum([2n, 3n])).toBe(false);
  },
  version: async () => {
    const { ensemble } = await optionsOf("version=1f");
    expect(ensemble.version).toBe(0x1fn);
  },
  dynamicConfigFile: async () => {
    const place = await newPlace();
    const file = join(place.directory, "zoo.cfg.dynamic.2a");
    writeFileSync(file, `server.1=127.0.0.1:${place.quorumPort}:${place.electionPort}\n`);
    const server = await serving([`dynamicConfigFile=${file}`], place);
    expect(await listens("127.0.0.1", server.place.electionPort)).toBe(true);
    expect(optionsIn(place, `dynamicConfigFile=${file}`).ensemble.version).toBe(0x2an);
  },
  peerType: async () => {
    const place = await newPlace();
    const { notes } = loadConfiguration(writeConfiguration(place, ["peerType=observer"]));
    expect(notes.map(({ message }) => message).join()).toContain("peerType is observer, but");
  },
  standaloneEnabled: async () => {
    const lines = ["server.2=127.0.0.1:1:2:observer", "standaloneEnabled=true"];
    await expect(start(lines)).rejects.toThrow("Write standaloneEnabled=false");
    await serving([...lines, "standaloneEnabled=false"]);
  },
  quorumListenOnAllIPs: async () => {
    const { place } = await serving(["quorumListenOnAllIPs=true"]);
    expect(await listens("127.0.0.3", place.electionPort)).toBe(true);
    expect(await listens("127.0.0.3", (await serving([])).place.electionPort)).toBe(false);
  },
  "multiAddress.enabled": async () => {
    const place = await newPlace();
    const { quorumPort, electionPort } = place;
    const addresses = [1, 2].map((n) => `127.0.0.${n}:${quorumPort}:${electionPort}`).join("|");
    await expect(start([`server.1=${addresses}`], place)).rejects.toThrow("multiAddress");
    await serving([`server.1=${addresses}`, "multiAddress.enabled=true"], place);
  },
  maxClientCnxns: async () => {
    const { place } = await serving(["maxClientCnxns=1"]);
    const first = connect(place.clientPort, "127.0.0.1");
    await new Promise((resolve) => first.once("connect", resolve));
    expect(await closedAfter("127.0.0.1", place.clientPort, 2000)).toBeLessThan(1000);
    first.destroy();
  },
  "autopurge.snapRetainCount": async () => {
    const { place, snapshots } = await placeWithSnapshots();
    const lines = ["autopurge.purgeInterval=1", "autopurge.snapRetainCount=4"];
    const server = await serving(lines, place);
    await until(() => server.reports.some(({ kind }) => kind === "removedFiles"));
    expect(server.files("snapshot.")).toEqual(snapshots.slice(-4));
  },
  "autopurge.purgeInterval": async () => {
    const { place, snapshots } = await placeWithSnapshots();
    const before = await serving([], place);
    const nodeCount = before.peer.state.nodeCount;
    expect(before.files("snapshot.")).toEqual(snapshots);
    await before.stop();
    const server = await serving(["autopurge.purgeInterval=1"], place);
    await until(() => server.files("snapshot.").length === 3);
    await server.stop();
    // What is left is enough.
    expect((await serving([], place)).peer.state.nodeCount).toBe(nodeCount);
  },
  snapCount: async () => {
    const server = await serving(["snapCount=4"]);
    for (let index = 0; index < 5; index++) await server.create(`/${index}`);
    await until(() => server.files("snapshot.").length > 1);
  },
  preAllocSize: async () => {
    const server = await serving(["preAllocSize=333"]);
    await server.create("/a");
    const [log = ""] = server.files("log.");
    const { size } = statSync(join(server.place.directory, "data", "version-2", log));
    expect(size).toBe(333 * 1024 + 16);
  },
  commitLogCount: async () => {
    expect((await optionsOf("commitLogCount=777")).commitLogCount).toBe(777);
  },
  maxBatchSize: async () => {
    expect((await optionsOf("maxBatchSize=7")).storage?.maxBatchTxns).toBe(7);
  },
  "fsync.inPlace": async () => {
    const quick = quickDirectory();
    try {
      const lines = ["preAllocSize=65536"];
      const server = await serving([...lines, `dataLogDir=${join(quick, "1")}`]);
      await until(() => {
        void server.create(`/${performance.now()}`);
        return syncedInPlace(server) > 0;
      });
      const off = [...lines, "fsync.inPlace=false", `dataLogDir=${join(quick, "2")}`];
      const other = await serving(off);
      for (let index = 0; index < 100; index++) await other.create(`/${index}`);
      expect(syncedInPlace(other)).toBe(0);
    } finally {
      await endServers();
      rmSync(quick, { recursive: true });
    }
  },
  cnxTimeout: async () => {
    expect((await optionsOf("cnxTimeout=321")).dialTimeoutMs).toBe(321);
  },
  quorumCnxnTimeoutMs: async () => {
    const { place } = await serving(["quorumCnxnTimeoutMs=1500", "syncLimit=2"]);
    const ms = await closedAfter("127.0.0.1", place.electionPort, 4000);
    expect(ms).toBeGreaterThan(1400);
    expect(ms).toBeLessThan(3500);
  },
  electionPortBindRetry: async () => {
    const place = await newPlace();
    const taken = await listenOn(place.electionPort);
    const beginMs = performance.now();
    await expect(start(["electionPortBindRetry=1"], place)).rejects.toThrow("is taken");
    expect(performance.now() - beginMs).toBeGreaterThan(900);
    expect(performance.now() - beginMs).toBeLessThan(1900);
    taken.close();
  },
  "fastleader.minNotificationInterval": async () => {
    const options = await optionsOf("fastleader.minNotificationInterval=33");
    expect(options.minNotificationIntervalMs).toBe(33);
  },
  "fastleader.maxNotificationInterval": async () => {
    const options = await optionsOf("fastleader.maxNotificationInterval=44");
    expect(options.maxNotificationIntervalMs).toBe(44);
  },
  "snapshot.trust.empty": async () => {
    const place = await newPlace();
    const server = await serving([], place);
    await server.create("/a");
    await server.stop();
    rmSync(join(place.directory, "data", "version-2", "snapshot.0"));
    await expect(start([], place)).rejects.toThrow("no snapshot");
    const trusting = await serving(["snapshot.trust.empty=true"], place);
    expect(trusting.peer.state.getNode("/a")).toBeDefined();
  },
  "db.autocreate": async () => {
    const server = await start(["db.autocreate=false"]);
    await expect(server.peer.waitUntilServing({ timeoutMs: 800 })).rejects.toThrow(
      "did not serve within",
    );
  },
  "datadir.autocreate": async () => {
    const place = await newPlace();
    const logs = join(place.directory, "logs");
    const lines = [`dataLogDir=${logs}`];
    await expect(start([...lines, "datadir.autocreate=false"], place)).rejects.toThrow("Make it");
    expect(existsSync(logs)).toBe(false);
    await serving(lines, place);
    expect(existsSync(logs)).toBe(true);
  },
  "4lw.commands.whitelist": async () => {
    const server = await serving(["4lw.commands.whitelist=ruok"]);
    expect(await server.command("ruok")).toBe("imok");
    expect(await server.command("mntr")).toContain("not in the whitelist");
  },
};

/** A directory on a disk of which no fsync takes long, where there is one. */
function quickDirectory(): string {
  const memory = "/dev/shm";
  return mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "jute-ts-settings-"));
}

function syncedInPlace(server: ConfiguredServer): number {
  return server.peer.metrics().find(({ name }) => name === "fsyncs_in_place")?.value ?? NaN;
}

const THREE = ["server.1=a:1:2", "server.2=b:1:2", "server.3=c:1:2"];

/** What the peer of these lines is made with. */
async function optionsOf(...lines: string[]): Promise<PeerConfiguration> {
  return optionsIn(await newPlace(), ...lines);
}

function optionsIn(place: Place, ...lines: string[]): PeerConfiguration {
  const loaded = loadConfiguration(writeConfiguration(place, lines));
  return peerConfiguration(loaded, new Certificates(loaded.positionOf, () => undefined));
}

/** A data directory in which a server has left seven snapshots or more. */
async function placeWithSnapshots(): Promise<{ place: Place; snapshots: readonly string[] }> {
  const server = await serving(["snapCount=2"]);
  for (let index = 0; server.files("snapshot.").length < 7; index++) {
    await server.create(`/${index}`);
    await delay(5);
  }
  await server.stop();
  const snapshots = server.files("snapshot.").sort((a, b) => zxidOf(a) - zxidOf(b));
  return { place: server.place, snapshots };
}

function zxidOf(name: string): number {
  return Number.parseInt(name.slice(name.indexOf(".") + 1), 16);
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}
