import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { CreateRequest, OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";
import { afterEach, describe, expect, it } from "vitest";
import { MajorityVerifier, type Member } from "@jute-ts/quorum";
import { DataTree } from "@jute-ts/data-tree";
import { findFreePorts } from "../ensemble/free-ports.js";
import { type Peer, startPeer } from "./peer.js";
import { TlsTransport } from "./tls-transport.js";
import type { OpenSocket, RefusedSocket } from "./transport.js";

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
    await Promise.all(peers.map((peer) => peer.waitUntilServing({ timeoutMs: 10_000 })));
    const follower = peers.find((peer) => peer.status().role === "following");
    const body = CreateRequest.encode({
      path: "/a",
      data: null,
      acl: [...OPEN_ACL_UNSAFE],
      flags: 0,
    });
    const committed = await follower?.proposeRaw({ opCode: OpCode.create, body });
    expect(committed?.result.err).toBe(0);
  });

  it("leaves out a server whose certificate names another host, and one that a stranger vouches for", async () => {
    const members = await makeMembers();
    await Promise.all([start(members, 1, "server1"), start(members, 3, "server3")]);
    await Promise.all(peers.map((peer) => peer.waitUntilServing({ timeoutMs: 10_000 })));
    for (const certificate of ["unnamed", "forged", "server1"]) {
      const intruder = await start(members, 2, certificate);
      await expect(intruder.waitUntilServing({ timeoutMs: 1000 })).rejects.toThrow(
        "did not serve within 1000 ms",
      );
      peers.splice(peers.indexOf(intruder), 1);
      await intruder.stop();
    }
    // The honest ones go on all the while.
    expect(peers.every((peer) => peer.status().serving)).toBe(true);
  });

  it("says nothing to a connection without encryption", async () => {
    const members = await makeMembers();
    await Promise.all([start(members, 1, "server1"), start(members, 3, "server3")]);
    await Promise.all(peers.map((peer) => peer.waitUntilServing({ timeoutMs: 10_000 })));
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

describe("a server of the TLS transport", () => {
  const servers: Server[] = [];
  const sockets: Socket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  describe.each(["TLSv1.2", "TLSv1.3"] as const)("by %s", (version) => {
    it.each([
      ["no certificate", undefined, "NO_CERTIFICATE"],
      ["a certificate that a stranger vouches for", "forged", "SELF_SIGNED_CERT_IN_CHAIN"],
      ["a certificate of another host", "unnamed", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ])("hands over nobody with %s, and says why", async (_what, certificate, code) => {
      const { port, opened, refused } = await listen(true);
      // Twice, the second time with the session of the first, where there is one.
      const session = await knock(port, version, certificate, undefined);
      await knock(port, version, certificate, session);
      await expect.poll(() => refused).toHaveLength(2);
      for (const { error, address } of refused) {
        // How OpenSSL calls it depends on what it was shown of the chain.
        if (certificate === "forged")
          expect(error).toHaveProperty("code", expect.stringMatching(/SELF_SIGNED|UNABLE_TO/u));
        else expect(error).toHaveProperty("code", code);
        expect(address).toBe("127.0.0.1");
      }
      expect(opened).toEqual([]);
    });

    it("hands over nobody without a certificate, though hosts are not compared", async () => {
      const { port, opened, refused } = await listen(false);
      const session = await knock(port, version, undefined, undefined);
      await knock(port, version, undefined, session);
      await expect.poll(() => refused).toHaveLength(2);
      expect(opened).toEqual([]);
      await knock(port, version, "unnamed", undefined);
      await expect.poll(() => opened).toHaveLength(1);
    });
  });

  async function listen(verifiesClientHosts: boolean) {
    const opened: OpenSocket[] = [];
    const refused: RefusedSocket[] = [];
    const members = await makeMembers();
    const transport = new TlsTransport({
      identity: { format: "pem", text: read("server1.pem") },
      authorities: read("authority.pem"),
      members: new Map(members.map((member) => [member.sid, member])),
      verifiesClientHosts,
    });
    const server = transport.createServer(
      (open) => {
        open.socket.on("error", () => undefined);
        sockets.push(open.socket);
        opened.push(open);
      },
      (refusal) => refused.push(refusal),
    );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return { port, opened, refused };
  }

  /** Connects, waits a moment, and leaves with the session that it was given, if any. */
  async function knock(
    port: number,
    version: "TLSv1.2" | "TLSv1.3",
    certificate: string | undefined,
    session: Buffer | undefined,
  ): Promise<Buffer | undefined> {
    const pem = certificate === undefined ? undefined : read(`${certificate}.pem`);
    const socket = connectTls({
      host: "127.0.0.1",
      port,
      minVersion: version,
      maxVersion: version,
      rejectUnauthorized: false,
      ...(pem === undefined ? {} : { cert: pem, key: pem }),
      ...(session === undefined ? {} : { session }),
    });
    sockets.push(socket);
    let given: Buffer | undefined;
    socket.on("session", (each: Buffer) => {
      given = each;
    });
    socket.on("error", () => undefined);
    socket.resume();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return given;
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
