/** The keys that decide about requests, txns, sessions and znodes, each with its effect on a running server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSnapshot } from "@jute-ts/persistence";
import { CreateMode, decodeTxn, DeleteRequest, ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { expect } from "vitest";
import { type ConfiguredServer, newPlace, serving, start } from "./configured-server.js";
import { findFreePorts } from "../../src/ensemble/free-ports.js";
import { bytes, type Effects, until } from "./effects.js";

const AMY = { scheme: "digest", id: "amy:x" };
const KIM = { scheme: "sasl", id: "kim" };
const AUTH = "org.apache.zookeeper.server.auth";
const SASL = `authProvider.1=${AUTH}.SASLAuthenticationProvider`;

export const requestEffects: Effects = {
  minSessionTimeout: async () => {
    const server = await serving(["minSessionTimeout=123000", "maxSessionTimeout=200000"]);
    await server.create("/a");
    expect([...server.peer.state.sessions.values()]).toEqual([123_000]);
  },
  maxSessionTimeout: async () => {
    const server = await serving(["maxSessionTimeout=1234"]);
    await server.create("/a");
    expect([...server.peer.state.sessions.values()]).toEqual([1234]);
  },
  "jute.maxbuffer": async () => {
    const data = new Uint8Array(3_000_000);
    expect(await (await serving([])).create("/a", { data })).toBe(ErrorCode.MARSHALLINGERROR);
    const place = await newPlace();
    const server = await serving(["jute.maxbuffer=8388608"], place);
    expect(await server.create("/a", { data })).toBe(0);
    await server.stop();
    // Also with less than that, for it was committed.
    const again = await serving([], place);
    expect(again.peer.state.getNode("/a")?.data?.length).toBe(data.length);
  },
  "jute.maxbuffer.extrasize": async () => {
    const server = await serving(["jute.maxbuffer=1024", "jute.maxbuffer.extrasize=3000"]);
    expect(await server.create("/a", { data: new Uint8Array(3500) })).toBe(0);
    const err = await server.create("/b", { data: new Uint8Array(4100) });
    expect(err).toBe(ErrorCode.MARSHALLINGERROR);
  },
  "digest.enabled": async () => {
    const server = await serving(["digest.enabled=false"]);
    const { txn } = await server.ask({
      opCode: OpCode.closeSession,
      body: new Uint8Array(),
      sessionId: 5n,
    });
    expect(decodeTxn(txn.bytes).digest).toBeNull();
    expect(trailerOf(server).digest).toBeUndefined();
    expect(trailerOf(await serving([])).digest).toBeDefined();
  },
  "serializeLastProcessedZxid.enabled": async () => {
    const server = await serving(["serializeLastProcessedZxid.enabled=false"]);
    expect(trailerOf(server).lastProcessedZxid).toBeUndefined();
    expect(trailerOf(await serving([])).lastProcessedZxid).toBe(0n);
  },
  extendedTypesEnabled: async () => {
    const flags = CreateMode.PERSISTENT_WITH_TTL;
    const plain = await serving([]);
    expect(await plain.create("/t", { flags, ttlMs: 50 })).toBe(ErrorCode.UNIMPLEMENTED);
    const lines = ["extendedTypesEnabled=true", "znode.container.checkIntervalMs=100"];
    const server = await serving(lines);
    expect(await server.create("/t", { flags, ttlMs: 50 })).toBe(0);
    expect(await server.create("/u", { flags, ttlMs: 50 })).toBe(0);
    expect(await server.create("/u/child")).toBe(0);
    await until(() => server.peer.state.getNode("/t") === undefined);
    expect(server.peer.state.getNode("/u")).toBeDefined();
  },
  emulate353TTLNodes: async () => {
    // The owner of a TTL znode of 3.5.3; for others it is a session's ephemeral.
    const sessionId = BigInt.asIntN(64, (1n << 63n) | 50n);
    const ephemeral = async (server: ConfiguredServer): Promise<number> => {
      const body = new Uint8Array([0, 0, 64, 0]);
      await server.ask({ opCode: OpCode.createSession, body, sessionId, cxid: 0 });
      await server.create("/e", { flags: CreateMode.EPHEMERAL, sessionId });
      return await server.create("/e/child");
    };
    const types = "extendedTypesEnabled=true";
    expect(await ephemeral(await serving([types]))).toBe(ErrorCode.NOCHILDRENFOREPHEMERALS);
    expect(await ephemeral(await serving([types, "emulate353TTLNodes=true"]))).toBe(0);
  },
  "znode.container.checkIntervalMs": async () => {
    const server = await serving(["znode.container.checkIntervalMs=100"]);
    await useUpContainers(server, 1);
    await until(() => server.peer.state.getNode("/box0") === undefined);
  },
  "znode.container.maxPerMinute": async () => {
    const server = await serving([
      "znode.container.checkIntervalMs=300",
      "znode.container.maxPerMinute=100",
    ]);
    await useUpContainers(server, 4);
    const left = (): number =>
      server.peer.state.getChildren("/")?.filter((name) => name !== "zookeeper").length ?? 0;
    const beginMs = performance.now();
    await until(() => left() === 0);
    expect(performance.now() - beginMs).toBeGreaterThan(800);
  },
  "znode.container.maxNeverUsedIntervalMs": async () => {
    const check = "znode.container.checkIntervalMs=100";
    const patient = await serving([check]);
    const server = await serving([check, "znode.container.maxNeverUsedIntervalMs=50"]);
    await patient.createContainer("/box");
    await server.createContainer("/box");
    await until(() => server.peer.state.getNode("/box") === undefined);
    expect(patient.peer.state.getNode("/box")).toBeDefined();
  },
  localSessionsEnabled: async () => {
    const sessionId = 2n << 56n;
    const plain = await serving([]);
    expect(await plain.create("/a", { sessionId })).toBe(ErrorCode.SESSIONEXPIRED);
    const server = await serving(["localSessionsEnabled=true"]);
    expect(await server.create("/a", { sessionId })).toBe(0);
    // What would have to end with it, and what this server itself must know of.
    const flags = CreateMode.EPHEMERAL;
    expect(await server.create("/e", { sessionId, flags })).toBe(ErrorCode.SESSIONEXPIRED);
    expect(await server.create("/b", { sessionId: 1n << 56n })).toBe(ErrorCode.SESSIONEXPIRED);
  },
  skipACL: async () => {
    const acl = [["digest", AMY.id]] as const;
    const errOf = async (server: ConfiguredServer): Promise<number> => {
      expect(await server.create("/a", { acl })).toBe(0);
      return await server.set("/a");
    };
    expect(await errOf(await serving([]))).toBe(ErrorCode.NOAUTH);
    expect(await errOf(await serving(["skipACL=yes"]))).toBe(0);
  },
  enforceQuota: async () => {
    const errsOf = async (server: ConfiguredServer): Promise<number[]> => {
      await server.create("/q", { data: bytes("12345") });
      await server.create("/zookeeper/quota/q");
      const limits = bytes("count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2");
      await server.create("/zookeeper/quota/q/zookeeper_limits", { data: limits });
      await server.create("/zookeeper/quota/q/zookeeper_stats", { data: bytes("count=1,bytes=5") });
      return [
        await server.set("/q", { data: bytes("12345678901") }),
        await server.create("/q/a"),
        await server.create("/q/b"),
        await server.set("/q", { data: bytes("1234567890") }),
      ];
    };
    expect(await errsOf(await serving([]))).toEqual([0, 0, 0, 0]);
    const { QUOTAEXCEEDED } = ErrorCode;
    const expected = [QUOTAEXCEEDED, 0, QUOTAEXCEEDED, 0];
    expect(await errsOf(await serving(["enforceQuota=true"]))).toEqual(expected);
  },
  "closeSessionTxn.enabled": async () => {
    const body = new Uint8Array();
    const close = { opCode: OpCode.closeSession, body, sessionId: 5n };
    const { txn } = await (await serving(["closeSessionTxn.enabled=false"])).ask(close);
    expect(decodeTxn(txn.bytes).body).toBeNull();
    expect(decodeTxn((await (await serving([])).ask(close)).txn.bytes).body).not.toBeNull();
  },
  "authProvider.*": async () => {
    const acl = [["sasl", KIM.id]] as const;
    expect(await (await serving([])).create("/a", { acl })).toBe(ErrorCode.INVALIDACL);
    const server = await serving([SASL]);
    expect(await server.create("/a", { acl })).toBe(0);
    expect(await server.set("/a")).toBe(ErrorCode.NOAUTH);
    expect(await server.set("/a", { as: [KIM] })).toBe(0);
    expect(await server.create("/b", { acl: [["auth", ""]], as: [KIM] })).toBe(0);
    expect(server.peer.state.getNode("/b")?.acl[0]?.id).toMatchObject(KIM);
    await expect(start(["authProvider.2=com.example.Own"])).rejects.toThrow("cannot judge ACLs");
  },
  "DigestAuthenticationProvider.enabled": async () => {
    const server = await serving(["DigestAuthenticationProvider.enabled=false"]);
    expect(await server.create("/a", { acl: [["digest", AMY.id]] })).toBe(ErrorCode.INVALIDACL);
  },
  "X509AuthenticationProvider.superUser": async () => {
    const x509 = `authProvider.x509=${AUTH}.X509AuthenticationProvider`;
    const boss = { scheme: "x509", id: "CN=boss" };
    const errOf = async (server: ConfiguredServer): Promise<number> => {
      expect(await server.create("/a", { acl: [["x509", "CN=amy"]] })).toBe(0);
      return await server.set("/a", { as: [boss] });
    };
    expect(await errOf(await serving([x509]))).toBe(ErrorCode.NOAUTH);
    const line = "X509AuthenticationProvider.superUser=CN=boss";
    expect(await errOf(await serving([x509, line]))).toBe(0);
  },
  letAnySaslUserDoX: async () => {
    const errOf = async (server: ConfiguredServer): Promise<number> => {
      expect(await server.create("/a", { acl: [["sasl", "anybody"]] })).toBe(0);
      return await server.set("/a", { as: [KIM] });
    };
    expect(await errOf(await serving([SASL]))).toBe(ErrorCode.NOAUTH);
    expect(await errOf(await serving([SASL, "letAnySaslUserDoX=anybody"]))).toBe(0);
  },
  secureClientPort: async () => {
    const acl = [["x509", "CN=amy,O=example"]] as const;
    expect(await (await serving([])).create("/a", { acl })).toBe(ErrorCode.INVALIDACL);
    expect(await (await serving(await secureLines())).create("/a", { acl })).toBe(0);
  },
  "ssl.authProvider": async () => {
    const lines = [...(await secureLines()), "ssl.authProvider=1"];
    await expect(start(lines)).rejects.toThrow("there is no authProvider.1");
    const server = await serving([...lines, SASL]);
    expect(await server.create("/a", { acl: [["x509", "CN=a"]] })).toBe(ErrorCode.INVALIDACL);
  },
};

/** A free port for TLS, and what it needs. */
async function secureLines(): Promise<string[]> {
  const [port = 0] = await findFreePorts(1);
  const pem = (name: string) =>
    fileURLToPath(new URL(`../../../../test/tls/${name}.pem`, import.meta.url));
  return [
    `secureClientPort=${port}`,
    `ssl.keyStore.location=${pem("server1")}`,
    `ssl.trustStore.location=${pem("authority")}`,
  ];
}

function trailerOf(server: ConfiguredServer) {
  const path = join(server.place.directory, "data", "version-2", "snapshot.0");
  return readSnapshot(readFileSync(path)).trailer;
}

/** Containers that had a child, so that they are over. */
async function useUpContainers(server: ConfiguredServer, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await server.createContainer(`/box${index}`);
    await server.create(`/box${index}/child`);
  }
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const body = DeleteRequest.encode({ path: `/box${index}/child`, version: -1 });
      await server.ask({ opCode: OpCode.delete, body });
    }),
  );
}
