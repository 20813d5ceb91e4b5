import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:net";
import { CreateRequest, OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";
import { afterEach, describe, expect, it } from "vitest";
import { MajorityVerifier, type Member } from "@jute-ts/quorum";
import { DataTree } from "@jute-ts/data-tree";
import { findFreePorts } from "../ensemble/ensemble.js";
import { type Peer, startPeer } from "./peer.js";
import { TlsTransport } from "./tls-transport.js";

const CERTIFICATES = new URL("../../../../test/tls/", import.meta.url);

describe("an ensemble whose links are encrypted", () => {
  const peers: Peer<DataTree>[] = [];
  const directories: string[] = [];

  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.stop()));
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
  });

  it("elects and replicates among servers whose certificates name their hosts", async () => {
    const members = await makeMembers();
    await Promise.all([
      start(members, 1, "server1"),
      start(members, 2, "server2"),
      start(members, 3, "server3"),
    ]);
    await Promise.all(peers.map((peer) => peer.waitUntilServing(10_000)));
    const follower = peers.find((peer) => peer.status().role === "following");
    const body = CreateRequest.encode({
      path: "/a",
      data: null,
      acl: [...OPEN_ACL_UNSAFE],
      flags: 0,
    });
    const committed = await follower?.propose({ opCode: OpCode.create, body });
    expect(committed?.result.err).toBe(0);
  });

  it("leaves out a server whose certificate names another host, and one that a stranger vouches for", async () => {
    const members = await makeMembers();
    await Promise.all([start(members, 1, "server1"), start(members, 3, "server3")]);
    await Promise.all(peers.map((peer) => peer.waitUntilServing(10_000)));
    for (const certificate of ["unnamed", "forged", "server1"]) {
      const intruder = await start(members, 2, certificate);
      await expect(intruder.waitUntilServing(1000)).rejects.toThrow("not within 1000 ms");
      peers.splice(peers.indexOf(intruder), 1);
      await intruder.stop();
    }
    // The honest ones go on all the while.
    expect(peers.every((peer) => peer.status().serving)).toBe(true);
  });

  it("says nothing to a connection without encryption", async () => {
    const members = await makeMembers();
    await Promise.all([start(members, 1, "server1"), start(members, 3, "server3")]);
    await Promise.all(peers.map((peer) => peer.waitUntilServing(10_000)));
    const leader = peers.find((peer) => peer.status().role === "leading")?.status().sid ?? 0n;
    const address = members.find(({ sid }) => sid === leader)?.addresses[0];
    const heard = await new Promise<number>((resolve) => {
      let bytes = 0;
      const socket = connect({ host: address?.host ?? "", port: address?.quorumPort ?? 0 });
      // A FOLLOWERINFO of server 2, in the clear.
      socket.write(
        Buffer.from(
          `0000000b00000000000000000000001400000000000000020001${"0".repeat(20)}ffffffff`,
          "hex",
        ),
      );
      socket.on("data", (chunk) => (bytes += chunk.length));
      socket.on("error", () => undefined);
      socket.on("close", () => {
        resolve(bytes);
      });
    });
    // At most a TLS alert.
    expect(heard).toBeLessThan(20);
  });

  async function start(
    members: Member[],
    sid: number,
    certificate: string,
  ): Promise<Peer<DataTree>> {
    const dataDir = await mkdtemp(join(tmpdir(), "jute-ts-tls-"));
    directories.push(dataDir);
    const ensemble = new MajorityVerifier(members);
    const peer = await startPeer(
      {
        sid: BigInt(sid),
        ensemble,
        dataDir,
        tickTimeMs: 200,
        initLimit: 20,
        syncLimit: 10,
        minNotificationIntervalMs: 50,
        maxNotificationIntervalMs: 500,
        random: Math.random,
        storage: { preAllocSizeBytes: 4096 },
        transport: new TlsTransport({
          identity: { format: "pem", text: read(`${certificate}.pem`) },
          authorities: read("authority.pem"),
          members: ensemble.members,
        }),
      },
      new DataTree(),
    );
    peers.push(peer);
    return peer;
  }
});

async function makeMembers(): Promise<Member[]> {
  const ports = await findFreePorts(6);
  return [1, 2, 3].map((sid, index) => ({
    sid: BigInt(sid),
    role: "participant",
    addresses: [
      {
        host: `127.0.0.${sid}`,
        quorumPort: ports[2 * index] ?? 0,
        electionPort: ports[2 * index + 1] ?? 0,
      },
    ],
    client: undefined,
  }));
}

function read(name: string): string {
  return readFileSync(new URL(name, CERTIFICATES), "utf8");
}
