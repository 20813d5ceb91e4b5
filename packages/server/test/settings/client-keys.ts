/** The keys of clients, each with its effect on what a client of a running server meets. */
import { once } from "node:events";
import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { ACL, CreateMode, ErrorCode, Id, OpCode, Perms } from "@jute-ts/zookeeper";
import { expect } from "vitest";
import { findFreePorts } from "../../src/ensemble/free-ports.js";
import { loadConfiguration } from "../../src/node/server.js";
import { node } from "../client-of.js";
import { RawClient } from "../raw-client.js";
import { listens, newPlace, serving, start, writeConfiguration } from "./configured-server.js";
import type { Effects } from "./effects.js";

export const clientEffects: Effects = {
  secureClientPortAddress: async () => {
    const port = await securely("secureClientPortAddress=127.0.0.2");
    expect(await listens("127.0.0.2", port)).toBe(true);
    expect(await listens("127.0.0.1", port)).toBe(false);
  },
  "client.portUnification": async () => {
    const plain = await serving([]);
    expect(await handshake(plain.place.clientPort)).toBe("refused");
    const both = await serving([...STORES, "client.portUnification=true"]);
    expect(await handshake(both.place.clientPort)).toBe("served");
    await using client = new RawClient(both.place.clientPort);
    expect(await client.open()).toMatchObject({ timeOut: 2000 });
    expect(await both.command("ruok")).toBe("imok");
  },
  "ssl.keyStore.location": async () => {
    expect(await handshake(await securely(), { server: "server1" })).toBe("served");
    const other = await securely(`ssl.keyStore.location=${certificate("server3")}`);
    expect(await handshake(other, { server: "server3" })).toBe("served");
    await expect(start(["secureClientPort=1"])).rejects.toThrow("ssl.keyStore.location");
  },
  "client.certReload": async () => {
    const { directory } = await newPlace();
    const [store, authorities] = [join(directory, "store.pem"), join(directory, "trusted.pem")];
    copyFileSync(certificate("server1"), store);
    copyFileSync(certificate("authority"), authorities);
    const [port = 0] = await findFreePorts(1);
    const server = await serving([
      `secureClientPort=${port}`,
      "secureClientPortAddress=127.0.0.1",
      `ssl.keyStore.location=${store}`,
      `ssl.trustStore.location=${authorities}`,
      "client.certReload=true",
      "nio.sessionlessCnxnTimeout=60000",
    ]);
    const early = connectTls({
      host: "127.0.0.1",
      port,
      cert: readFileSync(certificate("server2")),
      key: readFileSync(certificate("server2")),
      rejectUnauthorized: false,
    });
    await once(early, "secureConnect");
    expect(await handshake(port, { server: "server1" })).toBe("served");
    copyFileSync(certificate("server3"), store);
    const served = async (server: string, client = "server2"): Promise<string> =>
      await handshake(port, { server, client });
    await expect.poll(() => served("server3"), { timeout: 9000 }).toBe("served");
    // Half a file: it is complained of, and what was there before stays in use.
    const whole = readFileSync(certificate("server1"));
    writeFileSync(store, whole.subarray(0, whole.length / 2));
    const kept = (): number =>
      server.reports.filter(({ kind }) => kind === "certificatesKept").length;
    await expect.poll(kept, { timeout: 9000 }).toBe(1);
    expect(await served("server3")).toBe("served");
    // Who is trusted changes as well; the file of before is in its place again by a rename.
    writeFileSync(`${store}.new`, whole);
    renameSync(`${store}.new`, store);
    expect(await served("server1", "client")).toBe("refused");
    writeFileSync(
      authorities,
      ["authority", "client"].map((name) => readFileSync(certificate(name))).join("\n"),
    );
    await expect.poll(() => served("server1", "client"), { timeout: 9000 }).toBe("served");
    expect(kept()).toBe(1);
    // A connection of before goes on.
    early.write("ruok");
    expect(String((await once(early, "data"))[0])).toBe("imok");
  },
  "ssl.keyStore.password": async () => {
    await expectRefused("ssl.keyStore.password=x", "ssl.keyStore.type=PKCS12");
  },
  "ssl.keyStore.passwordPath": async () => {
    await expectRefused("ssl.keyStore.passwordPath=/nowhere/at/all");
  },
  "ssl.keyStore.type": async () => {
    await expectRefused("ssl.keyStore.type=JKS");
  },
  "ssl.trustStore.location": async () => {
    const [port = 0] = await findFreePorts(1);
    const address = [`secureClientPort=${port}`, "secureClientPortAddress=127.0.0.1"];
    const authority = `ssl.trustStore.location=${certificate("forged")}`;
    const server = await serving([...STORES, ...address, authority]);
    expect(await handshake(port)).toBe("refused");
    expect(await server.command("mntr")).toMatch(/^zk_unsuccessful_handshake\t1$/mu);
  },
  "ssl.trustStore.type": async () => {
    await expectRefused("ssl.trustStore.type=JKS");
  },
  "ssl.clientAuth": async () => {
    const need = await securely();
    expect(await handshake(need, { client: undefined })).toBe("refused");
    const want = await securely("ssl.clientAuth=want");
    expect(await handshake(want, { client: undefined })).toBe("served");
    expect(await handshake(want, { client: "forged" })).toBe("refused");
    const none = await securely("ssl.clientAuth=none");
    expect(await handshake(none, { client: undefined })).toBe("served");
  },
  "ssl.enabledProtocols": async () => {
    const port = await securely("ssl.enabledProtocols=TLSv1.3");
    expect(await handshake(port, { protocol: "TLSv1.2" })).toBe("refused");
    expect(await handshake(port, { protocol: "TLSv1.3" })).toBe("served");
  },
  "ssl.ciphersuites": async () => {
    const suites = ["AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256"] as const;
    for (const suite of suites.map((name) => `TLS_ECDHE_ECDSA_WITH_${name}`)) {
      const port = await securely(`ssl.ciphersuites=${suite}`);
      expect(await suiteOf(port)).toBe(suite);
    }
    const newest = await securely(
      "ssl.ciphersuites=TLS_RSA_WITH_AES_128_CBC_SHA, TLS_AES_128_GCM_SHA256",
    );
    expect(await suiteOf(newest)).toBe("TLS_AES_128_GCM_SHA256");
    expect(await handshake(newest, { protocol: "TLSv1.2" })).toBe("refused");
    const unknown = start([
      ...STORES,
      "secureClientPort=1",
      "ssl.ciphersuites=TLS_RSA_WITH_RC4_128_MD5",
    ]);
    await expect(unknown).rejects.toThrow("TLS_RSA_WITH_RC4_128_MD5");
  },
  "ssl.clientHostnameVerification": async () => {
    const everybody = await securely();
    const port = await securely("ssl.clientHostnameVerification=true");
    for (const [client, from, expected] of [
      ["server2", "127.0.0.1", "refused"],
      ["server2", "127.0.0.2", "served"],
      ["server1", "127.0.0.1", "served"],
      ["unnamed", "127.0.0.1", "refused"],
    ] as const) {
      expect(await handshake(port, { client, from }), `${client} from ${from}`).toBe(expected);
      expect(await handshake(everybody, { client, from })).toBe("served");
    }
    const want = await securely("ssl.clientHostnameVerification=true", "ssl.clientAuth=want");
    expect(await handshake(want, { client: undefined })).toBe("served");
    expect(await handshake(want)).toBe("refused");
  },
  "netty.server.outstandingHandshake.limit": async () => {
    const [port = 0] = await findFreePorts(1);
    const server = await serving([
      ...STORES,
      "client.portUnification=true",
      `secureClientPort=${port}`,
      "secureClientPortAddress=127.0.0.1",
      "netty.server.outstandingHandshake.limit=1",
      "ssl.handshakeDetectionTimeoutMillis=3000",
    ]);
    const figure = async (name: string): Promise<string | undefined> =>
      new RegExp(`^zk_${name}\\t(.*)$`, "mu").exec(await server.command("mntr"))?.[1];
    expect(await handshake(port)).toBe("served");
    expect(await figure("outstanding_tls_handshake")).toBe("0");
    // One that says nothing is in the middle of its handshake.
    const silent = new RawClient(port);
    await expect.poll(() => figure("outstanding_tls_handshake")).toBe("1");
    expect(await handshake(port)).toBe("refused");
    expect(await handshake(server.place.clientPort)).toBe("refused");
    expect(await figure("tls_handshake_exceeded")).toBe("2");
    await using plain = new RawClient(server.place.clientPort);
    expect(await plain.open()).toMatchObject({ timeOut: 2000 });
    await silent.drop();
    const soon = { timeout: 15_000 };
    await expect.poll(() => figure("outstanding_tls_handshake"), soon).toBe("0");
    expect(await handshake(port)).toBe("served");
    expect(await handshake(server.place.clientPort)).toBe("served");
    expect(await figure("outstanding_tls_handshake")).toBe("0");
  },
  "ssl.handshakeDetectionTimeoutMillis": async () => {
    const port = await securely("ssl.handshakeDetectionTimeoutMillis=200");
    await using client = new RawClient(port);
    expect(await client.frame()).toBeUndefined();
  },
  clientPortListenBacklog: async () => {
    const { serving: settings } = await settingsOf("clientPortListenBacklog=7");
    expect(settings.listenBacklog).toBe(7);
    // How many wait is the system's affair; that it is asked for shows in a server that listens.
    expect(await (await serving(["clientPortListenBacklog=7"])).command("ruok")).toBe("imok");
  },
  clientTcpKeepAlive: async () => {
    const { serving: settings } = await settingsOf("clientTcpKeepAlive=true");
    expect(settings.keepsConnectionsAlive).toBe(true);
    expect((await settingsOf()).serving.keepsConnectionsAlive).toBe(false);
  },
  globalOutstandingLimit: async () => {
    const server = await serving(["globalOutstandingLimit=1"]);
    await using client = new RawClient(server.place.clientPort);
    await client.open();
    // All are answered, one after the other.
    for (let sent = 0; sent < 50; sent++) client.post(OpCode.create, node(`/n${sent}`));
    for (let sent = 0; sent < 50; sent++) {
      expect(await client.response(OpCode.create)).toMatchObject({ ok: true });
    }
    const three = ["server.2=h:1:2", "server.3=h:1:3", "globalOutstandingLimit=100"];
    expect((await settingsOf(...three)).serving.maxOutstandingRequests).toBe(50);
  },
  enableEagerACLCheck: async () => {
    // A refusal of the leader is a txn.
    expect(await refusals("enableEagerACLCheck=false")).toEqual({ costs: 5n, zxids: "txns" });
    expect(await refusals("enableEagerACLCheck=true")).toEqual({ costs: 0n, zxids: "none" });
  },
  leaderServes: async () => {
    const server = await serving(["leaderServes=no"]);
    await using client = new RawClient(server.place.clientPort);
    await expect(client.open()).rejects.toThrow("closed");
    expect(await server.command("ruok")).toBe("imok");
  },
  localSessionsUpgradingEnabled: async () => {
    const ephemeral = async (...lines: string[]) => {
      const server = await serving(["localSessionsEnabled=true", ...lines]);
      await using client = new RawClient(server.place.clientPort);
      const { sessionId } = await client.open();
      expect(server.peer.state.sessions.has(sessionId)).toBe(false);
      expect(await client.ask(OpCode.create, node("/plain"))).toMatchObject({ ok: true });
      const answer = await client.ask(OpCode.create, node("/e", "", CreateMode.EPHEMERAL));
      const owner = server.peer.state.getNode("/e")?.stat.ephemeralOwner;
      return { err: answer.ok ? 0 : answer.err, isOwner: owner === sessionId };
    };
    expect(await ephemeral()).toEqual({ err: ErrorCode.EPHEMERALONLOCALSESSION, isOwner: false });
    expect(await ephemeral("localSessionsUpgradingEnabled=true")).toEqual({
      err: 0,
      isOwner: true,
    });
  },
  "readonlymode.enabled": async () => {
    // One of two that vote: it finds no leader.
    const lines = ["server.2=127.0.0.1:1:2", "tickTime=100"];
    const cutOff = await start([...lines, "readonlymode.enabled=true"]);
    await using writer = new RawClient(cutOff.place.clientPort);
    await expect(writer.open({ readOnly: false })).rejects.toThrow("closed");
    const reader = await readOnlyClient(cutOff.place.clientPort);
    expect(reader.session).toMatchObject({ readOnly: true });
    expect(await reader.ask(OpCode.getChildren, { path: "/", watch: false })).toMatchObject({
      body: { children: ["zookeeper"] },
    });
    expect(await cutOff.command("isro")).toBe("ro");
    expect(await cutOff.command("srvr")).toContain("Mode: read-only");
    expect(await reader.ask(OpCode.create, node("/a"))).toMatchObject({
      err: ErrorCode.NOTREADONLY,
    });
    expect(await reader.ask(OpCode.sync, { path: "/" })).toMatchObject({
      err: ErrorCode.NOTREADONLY,
    });
    expect(await reader.ask(OpCode.closeSession)).toMatchObject({ ok: true });
    await reader.drop();
    expect((await settingsOf(...lines)).serving.readOnlyAfterMs).toBeUndefined();
  },
};

/** What refused changes cost: how many txns, and whether the answers name them. */
async function refusals(...lines: string[]) {
  const server = await serving(lines);
  await using client = new RawClient(server.place.clientPort);
  await client.open();
  const nobody = [new ACL({ perms: Perms.ALL, id: new Id({ scheme: "digest", id: "a:b" }) })];
  await client.ask(OpCode.create, node("/closed"));
  await client.ask(OpCode.create, node("/closed/a"));
  await client.ask(OpCode.setACL, { path: "/closed", acl: nobody, version: -1 });
  const before = server.peer.state.lastProcessedZxid;
  const answers = [
    await client.ask(OpCode.create, node("/closed/b")),
    await client.ask(OpCode.delete, { path: "/closed/a", version: -1 }),
    await client.ask(OpCode.setData, { path: "/closed", data: null, version: -1 }),
    await client.ask(OpCode.setACL, { path: "/closed", acl: nobody, version: -1 }),
    await client.ask(OpCode.create2, { ...node("/open"), acl: [] }),
  ];
  const { NOAUTH, INVALIDACL } = ErrorCode;
  expect(answers.map(({ err }) => err)).toEqual([NOAUTH, NOAUTH, NOAUTH, NOAUTH, INVALIDACL]);
  const costs = server.peer.state.lastProcessedZxid - before;
  expect(await client.ask(OpCode.create, node("/open"))).toMatchObject({ ok: true });
  expect(await client.ask(OpCode.delete, { path: "/missing/a", version: -1 })).toMatchObject({
    err: ErrorCode.NONODE,
  });
  return { costs, zxids: answers.every(({ zxid }) => zxid === 0n) ? "none" : "txns" };
}

/** A client that tries until it is served. */
async function readOnlyClient(port: number): Promise<RawClient> {
  for (let tries = 0; ; tries++) {
    const client = new RawClient(port);
    try {
      await client.open({ readOnly: true });
      return client;
    } catch (error) {
      await client.drop();
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function settingsOf(...lines: string[]) {
  return loadConfiguration(writeConfiguration(await newPlace(), lines)).settings;
}

/** A server with a port for TLS beside its others. */
async function securely(...lines: string[]): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  const address = [`secureClientPort=${port}`, "secureClientPortAddress=127.0.0.1"];
  await serving([...STORES, ...address, ...lines]);
  return port;
}

async function expectRefused(...lines: string[]): Promise<void> {
  const key = lines[0]?.replace(/=.*$/u, "") ?? "";
  const prefix = key.replace(/\.[^.]*$/u, "");
  await expect(start([...STORES, "secureClientPort=1", ...lines])).rejects.toThrow(prefix);
}

interface Handshake {
  readonly client?: string | undefined;
  readonly server?: string;
  readonly protocol?: "TLSv1.2" | "TLSv1.3";
  /** The address that it comes from. */
  readonly from?: string;
}

/** The cipher suite that a client and the server agree on, by the standard's name. */
async function suiteOf(port: number): Promise<string> {
  const pem = readFileSync(certificate("server2"));
  const ca = readFileSync(certificate("authority"));
  const socket = connectTls({ host: "127.0.0.1", port, cert: pem, key: pem, ca });
  await once(socket, "secureConnect");
  const { standardName } = socket.getCipher();
  socket.destroy();
  return standardName;
}

/** Whether a client that shows this certificate is answered to a word inside TLS. */
async function handshake(port: number, options: Handshake = {}): Promise<"served" | "refused"> {
  const { server = "server1", protocol, from } = options;
  const client = "client" in options ? options.client : "server2";
  const pem = client === undefined ? undefined : readFileSync(certificate(client));
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    ...(from !== undefined && { localAddress: from }),
    ...(pem && { cert: pem, key: pem }),
    ca: readFileSync(certificate("authority")),
    checkServerIdentity: (_, { subject }) =>
      subject.CN === server ? undefined : new Error(`it is ${String(subject.CN)}`),
    ...(protocol && { minVersion: protocol, maxVersion: protocol }),
  });
  return await new Promise((resolve) => {
    socket.once("secureConnect", () => socket.write("ruok"));
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(String(bytes) === "imok" ? "served" : "refused");
    });
    socket.once("error", () => {
      resolve("refused");
    });
    socket.once("close", () => {
      resolve("refused");
    });
  });
}

function certificate(name: string): string {
  return fileURLToPath(new URL(`../../../../test/tls/${name}.pem`, import.meta.url));
}

const STORES = [
  `ssl.keyStore.location=${certificate("server1")}`,
  `ssl.trustStore.location=${certificate("authority")}`,
];
