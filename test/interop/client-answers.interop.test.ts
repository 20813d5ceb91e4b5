/**
 * The same frames to a server of Apache's and to one of ours, standing alone: the same
 * answers, but for what no two servers have in common (times, zxids, ids).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type StandaloneServer } from "@jute-ts/server";
import {
  ACL,
  AddWatchMode,
  ANYONE_ID_UNSAFE,
  CREATOR_ALL_ACL,
  decodeEvent,
  decodeReplyHeader,
  decodeResponse,
  encodeRequest,
  Id,
  OpCode,
  OPEN_ACL_UNSAFE,
  Perms,
  READ_ACL_UNSAFE,
  type RequestContent,
  type RequestOpCode,
  type ResponseOpCode,
  WatcherType,
  Xid,
} from "@jute-ts/zookeeper";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findFreePorts } from "../../packages/server/src/ensemble/free-ports.js";
import { RawClient } from "../../packages/server/test/raw-client.js";
import { ApacheServer } from "./kit/apache-server.js";
import type { Java } from "./kit/java.js";
import { describeWithApache } from "./kit/test-with-apache.js";

const SETTINGS = { tickTime: 500, extendedTypesEnabled: true, enforceQuota: true };

/** One request, as its op code and what follows; or bytes for which there is no op. */
type Step = (client: RawClient) => { readonly opCode: number };

describeWithApache("the client port answers as Apache's", (java) => {
  let apache: RunningApache;
  let ours: StandaloneServer;

  beforeAll(async () => {
    [apache, ours] = await Promise.all([startApache(java), startServer({ settings: SETTINGS })]);
  });
  afterAll(async () => {
    await Promise.all([apache.stop(), ours.stop()]);
  });

  for (const [name, steps] of Object.entries(CONVERSATIONS)) {
    it(name, async () => {
      const port = Number(ours.connectString.split(":")[1]);
      expect(await converse(port, steps)).toEqual(await converse(apache.port, steps));
    });
  }
});

const bytes = (text: string) => new TextEncoder().encode(text);
const node = (path: string, data = "", flags = 0, acl = [...OPEN_ACL_UNSAFE]) => ({
  path,
  data: bytes(data),
  acl,
  flags,
});
const ttl = (path: string, ms: bigint, flags = 5) => ({ ...node(path, "", flags), ttl: ms });
const at = (path: string, version = -1) => ({ path, version });
const set = (path: string, version = -1, data = "x") => ({
  path,
  data: bytes(data),
  version,
});
const look = (path: string, watch = false) => ({ path, watch });
const readOnly = (perms: number) => [new ACL({ perms, id: new Id(ANYONE_ID_UNSAFE) })];

/** A request by its op code. */
function ask<C extends RequestOpCode>(opCode: C, ...content: RequestContent<C>): Step {
  return (client) => {
    client.post(opCode, ...content);
    return { opCode };
  };
}

/** A request whose body is these bytes. */
function raw(opCode: number, body: Uint8Array = new Uint8Array(0), xid = 7): Step {
  return (client) => {
    const frame = new Uint8Array(8 + body.length);
    new DataView(frame.buffer).setInt32(0, xid);
    new DataView(frame.buffer).setInt32(4, opCode);
    frame.set(body, 8);
    client.send(frame);
    return { opCode };
  };
}

function auth(scheme: string, data: string): Step {
  return (client) => {
    client.send(encodeRequest(OpCode.auth, Xid.auth, { type: 0, scheme, auth: bytes(data) }));
    return { opCode: OpCode.auth };
  };
}

const CONVERSATIONS: Readonly<Record<string, readonly Step[]>> = {
  "creates in all modes": [
    ask(OpCode.create, node("/c")),
    ask(OpCode.create, node("/c")),
    ask(OpCode.create, node("/c/p", "data")),
    ask(OpCode.create, node("/c/e", "", 1)),
    ask(OpCode.create, node("/c/s-", "", 2)),
    ask(OpCode.create, node("/c/es-", "", 3)),
    ask(OpCode.create, node("/c/", "", 2)),
    ask(OpCode.create2, node("/c/two", "12")),
    ask(OpCode.create2, node("/c/two2", "12", 3)),
    ask(OpCode.createContainer, node("/c/con", "", 4)),
    ask(OpCode.createTTL, ttl("/c/ttl", 100_000n)),
    ask(OpCode.createTTL, ttl("/c/ttls-", 100_000n, 6)),
    ask(OpCode.getChildren2, look("/c")),
    ask(OpCode.exists, look("/c/con")),
    ask(OpCode.exists, look("/c/ttl")),
    ask(OpCode.getAllChildrenNumber, { path: "/c" }),
    ask(OpCode.getEphemerals, { prefixPath: "/c" }),
    ask(OpCode.getEphemerals, { prefixPath: null }),
    ask(OpCode.getEphemerals, { prefixPath: "/c/es" }),
  ],
  "refuses creates": [
    ask(OpCode.create, node("/none/a")),
    ask(OpCode.create, node("a")),
    ask(OpCode.create, node("")),
    ask(OpCode.create, node("/")),
    ask(OpCode.create, node("/a//b")),
    ask(OpCode.create, node("/r/")),
    ask(OpCode.create, node("/./a")),
    ask(OpCode.create, node("/a\u0001")),
    ask(OpCode.create, node("/a\0")),
    ask(OpCode.create, node("/\ufff0")),
    ask(OpCode.create, node("/bad", "", 7)),
    ask(OpCode.create, node("/bad", "", -1)),
    ask(OpCode.create, node("/acl", "", 0, [])),
    ask(OpCode.create, node("/acl", "", 0, [...CREATOR_ALL_ACL])),
    ask(
      OpCode.create,
      node("/acl", "", 0, [new ACL({ perms: 31, id: new Id({ scheme: "x", id: "y" }) })]),
    ),
    ask(
      OpCode.create,
      node("/acl", "", 0, [new ACL({ perms: 31, id: new Id({ scheme: "ip", id: "x" }) })]),
    ),
    ask(OpCode.create, node("/e", "", 1)),
    ask(OpCode.create, node("/e/child")),
    ask(OpCode.createTTL, ttl("/t", 0n)),
    ask(OpCode.createTTL, ttl("/t", -5n)),
    ask(OpCode.createTTL, ttl("/t", 1n << 40n)),
    ask(OpCode.create, node("/zookeeper/x")),
  ],
  "deletes, sets and reads": [
    ask(OpCode.create, node("/d", "one")),
    ask(OpCode.create, node("/d/child")),
    ask(OpCode.delete, at("/d")),
    ask(OpCode.delete, at("/d/child", 4)),
    ask(OpCode.delete, at("/d/child", 0)),
    ask(OpCode.delete, at("/d/child")),
    ask(OpCode.delete, at("/no/way")),
    ask(OpCode.delete, at("/")),
    ask(OpCode.delete, at("/zookeeper")),
    ask(OpCode.delete, at("d")),
    ask(OpCode.setData, set("/d", 3)),
    ask(OpCode.setData, set("/d", 0, "two")),
    ask(OpCode.setData, { path: "/d", data: null, version: 1 }),
    ask(OpCode.getData, look("/d")),
    ask(OpCode.setData, set("/nothing")),
    ask(OpCode.setData, set("/d/")),
    ask(OpCode.getData, look("/nothing")),
    ask(OpCode.getData, look("d")),
    ask(OpCode.getData, look("/d/")),
    ask(OpCode.getData, look("")),
    ask(OpCode.exists, look("")),
    ask(OpCode.exists, look("/nothing")),
    ask(OpCode.getChildren, look("/nothing")),
    ask(OpCode.getChildren2, look("/d")),
    ask(OpCode.getACL, { path: "/d" }),
    ask(OpCode.getACL, { path: "/nothing" }),
    ask(OpCode.getAllChildrenNumber, { path: "/nothing" }),
    ask(OpCode.sync, { path: "/d" }),
    ask(OpCode.sync, { path: "/nothing" }),
    ask(OpCode.ping),
    ask(OpCode.whoAmI),
    ask(OpCode.delete, at("/d", 2)),
  ],
  "keeps to access control lists": [
    ask(OpCode.create, node("/ro", "", 0, [...READ_ACL_UNSAFE])),
    ask(OpCode.setData, set("/ro")),
    ask(OpCode.create, node("/ro/x")),
    ask(OpCode.setACL, { path: "/ro", acl: [...OPEN_ACL_UNSAFE], version: -1 }),
    ask(OpCode.create, node("/wo", "", 0, readOnly(Perms.WRITE))),
    ask(OpCode.getData, look("/wo", true)),
    ask(OpCode.getChildren, look("/wo", true)),
    ask(OpCode.getACL, { path: "/wo" }),
    ask(OpCode.setData, set("/wo")),
    auth("digest", "user:pass"),
    ask(OpCode.whoAmI),
    ask(OpCode.create, node("/mine", "", 0, [...CREATOR_ALL_ACL])),
    ask(OpCode.getACL, { path: "/mine" }),
    ask(OpCode.setACL, { path: "/mine", acl: [...READ_ACL_UNSAFE], version: 4 }),
    ask(OpCode.setACL, { path: "/mine", acl: [...READ_ACL_UNSAFE], version: 0 }),
    ask(OpCode.getACL, { path: "/mine" }),
    ask(OpCode.setACL, { path: "/none", acl: [...READ_ACL_UNSAFE], version: 0 }),
    auth("ip", ""),
    auth("nonsense", "x"),
  ],
  "carries out multis": [
    ask(OpCode.multi, []),
    ask(OpCode.multi, [
      { type: OpCode.create, body: node("/m") },
      { type: OpCode.create, body: node("/m/two") },
      { type: OpCode.createContainer, body: node("/m/con", "", 4) },
      { type: OpCode.createTTL, body: ttl("/m/ttl", 1000n) },
      { type: OpCode.create, body: node("/m/s-", "", 2) },
      { type: OpCode.setData, body: set("/m") },
      { type: OpCode.check, body: at("/m", 1) },
      { type: OpCode.delete, body: at("/m/two") },
    ]),
    ask(OpCode.multi, [
      { type: OpCode.create, body: node("/m/a") },
      { type: OpCode.create, body: node("/m/s-", "", 2) },
      { type: OpCode.check, body: at("/m", 9) },
      { type: OpCode.delete, body: at("/m") },
    ]),
    ask(OpCode.multi, [{ type: OpCode.create, body: node("/m/bad", "", 9) }]),
    ask(OpCode.create, node("/m/s-", "", 2)),
    ask(OpCode.multiRead, [
      { type: OpCode.getData, body: look("/m") },
      { type: OpCode.getChildren, body: look("/m/con") },
      { type: OpCode.getData, body: look("/none") },
    ]),
    ask(OpCode.exists, look("/m/a")),
  ],
  "fires watches": [
    ask(OpCode.exists, look("/w", true)),
    ask(OpCode.create, node("/w")),
    ask(OpCode.getData, look("/w", true)),
    ask(OpCode.getChildren, look("/w", true)),
    ask(OpCode.setData, set("/w")),
    ask(OpCode.create, node("/w/a")),
    ask(OpCode.getData, look("/w/a", true)),
    ask(OpCode.getChildren, look("/w", true)),
    ask(OpCode.delete, at("/w/a")),
    ask(OpCode.addWatch, { path: "/w", mode: AddWatchMode.PERSISTENT }),
    ask(OpCode.setData, set("/w")),
    ask(OpCode.setData, set("/w")),
    ask(OpCode.create, node("/w/b")),
    ask(OpCode.checkWatches, { path: "/w", type: WatcherType.Any }),
    ask(OpCode.removeWatches, { path: "/w", type: WatcherType.Any }),
    ask(OpCode.removeWatches, { path: "/w", type: WatcherType.Any }),
    ask(OpCode.checkWatches, { path: "/w", type: 9 }),
    ask(OpCode.addWatch, { path: "/w", mode: 7 }),
    ask(OpCode.addWatch, { path: "/w/r", mode: AddWatchMode.PERSISTENT_RECURSIVE }),
    ask(OpCode.create, node("/w/r")),
    ask(OpCode.create, node("/w/r/x")),
    ask(OpCode.delete, at("/w/r/x")),
    ask(OpCode.setWatches, {
      relativeZxid: 0n,
      dataWatches: ["/w", "/gone"],
      existWatches: ["/w", "/later"],
      childWatches: ["/w", "/gone"],
    }),
    ask(OpCode.create, node("/later")),
  ],
  "answers what cannot be read": [
    raw(OpCode.getData),
    raw(OpCode.exists, Uint8Array.of(0, 0, 0, 5, 1)),
    raw(OpCode.create),
    raw(OpCode.setData, Uint8Array.of(0, 0)),
    raw(OpCode.multi, Uint8Array.of(0, 0, 0, 99)),
    raw(OpCode.sync),
    raw(OpCode.getData, Uint8Array.of(0, 0, 0, 1, 0x2f, 0, 1, 2, 3, 4)),
    raw(OpCode.exists, Uint8Array.of(255, 255, 255, 255, 0)),
    raw(OpCode.getChildren, Uint8Array.of(255, 255, 255, 255, 0)),
    raw(OpCode.ping, Uint8Array.of(1, 2, 3), -2),
    raw(OpCode.reconfig, new Uint8Array(20).fill(255)),
  ],
  "says that it does not know an op, and closes": [raw(999)],
  "answers a sasl request without SASL": [ask(OpCode.sasl, { token: bytes("x") })],
  "refuses an unknown scheme, and closes": [auth("sasl", "x")],
  "closes a session": [ask(OpCode.create, node("/ses", "", 1)), ask(OpCode.closeSession)],
  "cannot read a quota": [
    ask(OpCode.create, node("/r", "abc")),
    ask(OpCode.create, node("/zookeeper/quota/r")),
    ask(OpCode.create, node("/zookeeper/quota/r/zookeeper_stats")),
    ask(OpCode.create, { ...node("/zookeeper/quota/r/zookeeper_limits"), data: null }),
    ask(OpCode.setData, set("/r", -1, "abcd")),
    ask(OpCode.setData, set("/zookeeper/quota/r/zookeeper_limits", -1, "count = 1")),
    ask(OpCode.setData, set("/r", -1, "xyz")),
    ask(OpCode.create, node("/r/a")),
    ask(OpCode.multi, [
      { type: OpCode.check, body: at("/r") },
      { type: OpCode.create, body: node("/r/b") },
      { type: OpCode.delete, body: at("/r/none") },
    ]),
    ask(OpCode.exists, look("/r/b")),
  ],
  "counts quotas": [
    ask(OpCode.create, node("/q")),
    ask(OpCode.create, node("/zookeeper/quota/q")),
    ask(
      OpCode.create,
      node(
        "/zookeeper/quota/q/zookeeper_limits",
        "count=1,bytes=-1=;byteHardLimit=-1;countHardLimit=2",
      ),
    ),
    ask(OpCode.create, node("/zookeeper/quota/q/zookeeper_stats", "count=0,bytes=0")),
    ask(OpCode.getData, look("/zookeeper/quota/q/zookeeper_stats")),
    ask(OpCode.create, node("/q/a", "abc")),
    ask(OpCode.create, node("/q/b", "abc")),
    ask(OpCode.getData, look("/zookeeper/quota/q/zookeeper_stats")),
  ],
};

/** What a server sends back, one text for each frame, until nothing comes any more. */
async function converse(port: number, steps: readonly Step[]): Promise<string[]> {
  await using client = new RawClient(port);
  const { timeOut } = await client.open({ timeOut: 5000 });
  const lines = [`open ${timeOut}`];
  for (const step of steps) {
    const { opCode } = step(client);
    for (;;) {
      const frame = await client.frame(10_000);
      if (frame === undefined) {
        lines.push("closed");
        return lines;
      }
      lines.push(textOf(opCode, frame));
      if (decodeReplyHeader(frame).xid !== Xid.notification) break;
    }
  }
  return lines;
}

function textOf(opCode: number, frame: Uint8Array): string {
  const { xid, err } = decodeReplyHeader(frame);
  if (xid === Xid.notification) {
    const { type, path } = decodeEvent(frame).event;
    return `event ${type} ${path}`;
  }
  const body = frame.length === 16 ? "-" : bodyOf(opCode, frame);
  return `${opCode} xid ${xid} err ${err} ${body}`;
}

function bodyOf(opCode: number, frame: Uint8Array): string {
  const message = decodeResponse(opCode as ResponseOpCode, frame);
  return JSON.stringify(message.body, (key, value: unknown) => {
    // No two servers have these in common.
    if (["czxid", "mzxid", "pzxid", "ctime", "mtime"].includes(key)) return 0;
    if (key === "ephemeralOwner") return value === "0" ? "nobody" : "somebody";
    if (key === "children" || key === "ephemerals") return [...(value as string[])].sort();
    if (typeof value === "bigint") return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
  });
}

interface RunningApache {
  readonly port: number;
  stop(): Promise<void>;
}

async function startApache(java: Java): Promise<RunningApache> {
  const directory = await mkdtemp(join(tmpdir(), "jute-ts-answers-"));
  const [quorumPort = 0, electionPort = 0, port = 0] = await findFreePorts(3);
  const server = new ApacheServer({
    java,
    sid: 1n,
    directory,
    settings: SETTINGS,
    members: [
      {
        sid: 1n,
        role: "participant",
        addresses: [{ host: "127.0.0.1", quorumPort, electionPort }],
        client: { host: "127.0.0.1", port },
      },
    ],
  });
  await server.start();
  const serves = async (): Promise<boolean> => {
    const answer = await server.ask("srvr").catch(() => "");
    return answer.includes("Mode: standalone");
  };
  for (let tries = 0; !(await serves()); tries++) {
    if (tries > 300) throw new Error(`Apache's server does not serve: ${await server.history()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    port,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
