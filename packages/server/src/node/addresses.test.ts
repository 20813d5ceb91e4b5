/**
 * Ensembles whose servers are known by names and several addresses, from the
 * outside: whatever a server is said to have leads to it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { MajorityVerifier, type Member, type MemberAddress } from "@jute-ts/quorum";
import { DataTree } from "@jute-ts/data-tree";
import { start } from "../cli/start.js";
import { findFreePorts } from "../ensemble/free-ports.js";
import type { Lookup } from "./name-lookup.js";
import { type Peer, startPeer } from "./peer.js";

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === "::1"),
);
const peers: Peer<DataTree>[] = [];
const endings: (() => Promise<unknown>)[] = [];
const directories: string[] = [];

afterEach(async () => {
  await Promise.all(endings.splice(0).map((end) => end()));
  await Promise.all(peers.splice(0).map((peer) => peer.stop()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

describe("an ensemble on a name with two families", () => {
  it.skipIf(!hasIPv6)(
    "forms though its servers do not see the same addresses of the name",
    async () => {
      const seen: Record<number, readonly string[]> = {
        1: ["127.0.0.1"],
        2: ["::1"],
        3: ["::1", "127.0.0.1"],
      };
      // Each listens on what it sees itself, so 1 and 2 do not reach each other. 3 reaches both.
      const members = await makeMembers(() => ["both.test"]);
      for (const sid of [3, 1, 2]) {
        await startOne(members, sid, () => Promise.resolve(seen[sid] ?? []));
      }
      await Promise.all(peers.map((peer) => peer.waitUntilServing({ timeoutMs: 10_000 })));
      expect(peers[0]?.status().role).toBe("leading");
    },
  );
});

describe("an ensemble of servers with several addresses", () => {
  it("opens all of them, and forms over whichever are left", async () => {
    const members = await makeMembers(() => ["127.0.0.1", "127.0.0.2"]);
    // Nobody believes in the first address any more: it leads to somewhere else.
    const lost = members.map((member) => ({
      ...member,
      addresses: member.addresses.map((address, index) =>
        index === 0 ? { ...address, quorumPort: 1, electionPort: 2 } : address,
      ),
    }));
    for (const sid of [1, 2, 3]) {
      const view = lost.map((member, index) => (index + 1 === sid ? members[index] : member));
      await startOne(
        view.filter((member) => member !== undefined),
        sid,
      );
    }
    await Promise.all(peers.map((peer) => peer.waitUntilServing({ timeoutMs: 10_000 })));
    for (const { addresses } of members) {
      for (const { host, electionPort } of addresses) {
        expect(await ask(host, electionPort)).toBe("");
      }
    }
    const leader = peers.findIndex((peer) => peer.status().role === "leading");
    for (const { host, quorumPort } of members[leader]?.addresses ?? []) {
      expect(await ask(host, quorumPort)).toBe("");
    }
  });
});

describe("zk-server start", () => {
  it.skipIf(!hasIPv6).each([
    ["clientPort alone", "clientPort=PORT", ["127.0.0.1", "127.0.0.2", "::1"]],
    [
      "clientPortAddress=0.0.0.0",
      "clientPort=PORT\nclientPortAddress=0.0.0.0",
      ["127.0.0.1", "::1"],
    ],
    ["clientPortAddress=[::1]", "clientPort=PORT\nclientPortAddress=[::1]", ["::1"]],
  ])("with %s answers commands there", async (_what, lines, hosts) => {
    const [port = 0] = await findFreePorts(1);
    await run([lines.replace("PORT", String(port))]);
    for (const host of hosts) {
      expect(await ask(host, port, "srvr")).toMatch(/^Zookeeper version|^This ZooKeeper instance/u);
    }
  });

  it.skipIf(!hasIPv6)(
    "with quorumListenOnAllIPs=true opens its ports in both families",
    async () => {
      const { election } = await run(["quorumListenOnAllIPs=true"]);
      expect(await ask("127.0.0.5", election)).toBe("");
      expect(await ask("::1", election)).toBe("");
    },
  );

  it("says without --verbose which servers it cannot reach, and why", async () => {
    const { lines } = await run([]);
    await expect
      .poll(() => lines.join("\n"), { timeout: 10_000 })
      .toMatch(
        /server 1 cannot reach server 2 on its election port: 127\.0\.0\.1:\d+: the connection was refused/u,
      );
  });
});

/** Runs server 1 of three by its zoo.cfg, as an operator does, until the test is over. */
async function run(extra: readonly string[]): Promise<{ lines: string[]; election: number }> {
  const home = mkdtempSync(join(tmpdir(), "jute-ts-addresses-"));
  directories.push(home);
  mkdirSync(join(home, "data"));
  writeFileSync(join(home, "data", "myid"), "1\n");
  const ports = await findFreePorts(6);
  const servers = [1, 2, 3].map(
    (sid, index) => `server.${sid}=127.0.0.1:${ports[2 * index]}:${ports[2 * index + 1]}`,
  );
  const settings = [
    `dataDir=${join(home, "data")}`,
    "tickTime=200",
    "initLimit=20",
    "syncLimit=10",
  ];
  writeFileSync(join(home, "zoo.cfg"), [...settings, ...servers, ...extra, ""].join("\n"));
  const lines: string[] = [];
  let stop: () => void = () => undefined;
  const ended = start(
    join(home, "zoo.cfg"),
    { format: "text", verbose: false },
    {
      write: (text) => lines.push(text),
      error: (text) => lines.push(text),
      onEnd: (then) => {
        stop = then;
      },
      tellStarted: () => undefined,
      program: "",
      columns: 80,
    },
  );
  endings.push(() => {
    stop();
    return ended;
  });
  await expect.poll(() => lines.join("\n"), { timeout: 10_000 }).toContain("LOOKING");
  return { lines, election: ports[1] ?? 0 };
}

async function startOne(members: readonly Member[], sid: number, lookup?: Lookup): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "jute-ts-addresses-"));
  directories.push(dataDir);
  const peer = await startPeer(
    {
      sid: BigInt(sid),
      ensemble: new MajorityVerifier(members),
      dataDir,
      tickTimeMs: 200,
      initLimit: 20,
      syncLimit: 10,
      minNotificationIntervalMs: 50,
      maxNotificationIntervalMs: 500,
      random: Math.random,
      storage: { preAllocSizeBytes: 4096 },
      lookup,
    },
    new DataTree(),
  );
  peers.push(peer);
}

async function makeMembers(hostsOf: (sid: number) => readonly string[]): Promise<Member[]> {
  const ports = await findFreePorts(6 * hostsOf(1).length);
  const nextPort = (): number => ports.pop() ?? 0;
  return [1, 2, 3].map((sid) => ({
    sid: BigInt(sid),
    role: "participant",
    addresses: hostsOf(sid).map((host): MemberAddress => ({
      host,
      quorumPort: nextPort(),
      electionPort: nextPort(),
    })),
    client: undefined,
  }));
}

/** What a port answers; undefined when nobody listens. */
async function ask(host: string, port: number, word?: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.on("connect", () => {
      if (word === undefined) {
        socket.destroy();
        resolve("");
      } else {
        socket.write(word);
      }
    });
    socket.on("error", () => {
      resolve(undefined);
    });
    socket.on("close", () => {
      resolve(answer);
    });
  });
}
