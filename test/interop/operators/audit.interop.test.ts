/** The audit log of Apache's servers and of ours after the same requests: the same lines, but for session ids and the server's own user. */
import { userInfo } from "node:os";
import {
  CreateMode,
  encodeRequest,
  OpCode,
  Perms,
  type RequestContent,
  type RequestOpCode,
} from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { node } from "../../../packages/server/test/client-of.js";
import { RawClient } from "../../../packages/server/test/raw-client.js";
import type { ClientAddress } from "../kit/four-letter-words.js";
import type { Java } from "../kit/java.js";
import { type Maker, type MixedEnsemble, withMixedEnsemble } from "../kit/mixed-ensemble.js";
import { describeWithApache } from "../kit/test-with-apache.js";
import { until } from "../kit/waiting.js";

describeWithApache("the audit log", (java) => {
  it("has Java's lines, on the server that a client is connected to and on the others", async () => {
    const apache = await linesAfterTheSame(java, "apache");
    const own = await linesAfterTheSame(java, "ownCommand");
    expect(apache.asked.length).toBeGreaterThan(25);
    // Apache's 3.8 cannot read the request of a TTL znode for this, and leaves it out.
    const isTtl = (line: string): boolean => line.includes("_with_ttl");
    expect(apache.asked.filter(isTtl)).toEqual([]);
    expect(own.asked.filter(isTtl)).toHaveLength(2);
    expect(own.asked.filter((line) => !isTtl(line))).toEqual(apache.asked);
    expect(own.other).toEqual(apache.other);
  });
});

interface Lines {
  /** Of the server that was asked. */
  readonly asked: readonly string[];
  readonly other: readonly string[];
}

async function linesAfterTheSame(java: Java, maker: Maker): Promise<Lines> {
  const servers = [maker, maker, maker];
  const settings = { "audit.enable": true, extendedTypesEnabled: true };
  const options = { java, servers, apache: settings, own: settings };
  return await withMixedEnsemble(options, async (ensemble) => {
    await ensemble.start(1, 2, 3);
    const leader = await ensemble.ready();
    const [asked = 0n, other = 0n] = ensemble.sids.filter((sid) => sid !== leader);
    const address = ensemble.members.find(({ sid }) => sid === asked)?.client;
    if (address === undefined) throw new Error(`server ${asked} has no client port`);
    await askFor(address);
    await ensemble.converged();
    await ensemble.server(other).stop();
    const last = /operation=serverStop/u;
    const textOf = (): Promise<string> => logOf(ensemble, other);
    await until(
      async () => last.test(await textOf()),
      5000,
      () => "the last line of the audit log",
    );
    return {
      asked: auditLines(await logOf(ensemble, asked)),
      other: auditLines(await textOf()),
    };
  });
}

/** Every kind of change, made and refused, by clients who are nobody, somebody, and gone. */
async function askFor(address: ClientAddress): Promise<void> {
  await using client = new RawClient(address.port, address.host);
  await client.open({ timeOut: 30_000 });
  const ask = async <C extends RequestOpCode>(
    type: C,
    ...content: RequestContent<C>
  ): Promise<void> => {
    client.post(type, ...content);
    await client.header();
  };
  await ask(OpCode.create, node("/a", "x"));
  await ask(OpCode.create, node("/a", "x"));
  await ask(OpCode.create2, node("/a/2"));
  await ask(OpCode.create, node("/none/x"));
  await ask(OpCode.create, node("/e", "", CreateMode.EPHEMERAL));
  await ask(OpCode.create, node("/s-", "", CreateMode.PERSISTENT_SEQUENTIAL));
  await ask(OpCode.create, node("/none/s-", "", CreateMode.EPHEMERAL_SEQUENTIAL));
  await ask(OpCode.create, node("/es-", "", CreateMode.EPHEMERAL_SEQUENTIAL));
  await ask(OpCode.createContainer, node("/c", "", CreateMode.CONTAINER));
  const ttl = { ...node("/t", "", CreateMode.PERSISTENT_WITH_TTL), ttl: 100_000n };
  await ask(OpCode.createTTL, ttl);
  const flags = CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL;
  await ask(OpCode.createTTL, { ...ttl, path: "/st-", flags });
  await ask(OpCode.setData, { path: "/a", data: null, version: 0 });
  await ask(OpCode.setData, { path: "/a", data: null, version: 7 });
  await ask(OpCode.delete, { path: "/none", version: -1 });
  await ask(OpCode.delete, { path: "/a/2", version: -1 });
  const everybody = { perms: Perms.READ | Perms.CREATE, id: { scheme: "world", id: "anyone" } };
  const bob = { perms: Perms.ALL, id: { scheme: "digest", id: "bob:hash" } };
  await ask(OpCode.setACL, { path: "/t", acl: [bob, everybody], version: -1 });
  await ask(OpCode.setACL, { path: "/none", acl: [everybody], version: -1 });
  await ask(OpCode.setACL, { path: "/a", acl: [], version: -1 });
  // Refused by its access control list.
  await ask(OpCode.setData, { path: "/t", data: null, version: -1 });
  await ask(OpCode.multi, [
    { type: OpCode.create, body: node("/m") },
    { type: OpCode.create2, body: node("/m/e", "", CreateMode.EPHEMERAL) },
    { type: OpCode.setData, body: { path: "/m", data: null, version: 0 } },
    { type: OpCode.check, body: { path: "/m", version: 1 } },
    { type: OpCode.delete, body: { path: "/m/e", version: -1 } },
  ]);
  await ask(OpCode.multi, [
    { type: OpCode.create, body: node("/m2") },
    { type: OpCode.delete, body: { path: "/none", version: -1 } },
  ]);
  await ask(OpCode.multi, []);
  // Reads are not audited.
  await ask(OpCode.getData, { path: "/a", watch: false });
  await ask(OpCode.sync, { path: "/" });
  const auth = new TextEncoder().encode("amy:secret");
  client.send(authRequest(auth));
  await client.header();
  await ask(OpCode.create, node("/as-amy", ""));
  await ask(OpCode.closeSession);
}

function authRequest(auth: Uint8Array): Uint8Array {
  return encodeRequest(OpCode.auth, -4, { type: 0, scheme: "digest", auth });
}

async function logOf(ensemble: MixedEnsemble, sid: bigint): Promise<string> {
  return ensemble.isApache(sid)
    ? await ensemble.apache(sid).log()
    : ensemble.ownCommand(sid).printed;
}

/** The pairs of each line, with one name for each session and users in one order, which Java's are not. */
function auditLines(log: string): string[] {
  const sessions: string[] = [];
  const lines = log.split("\n").flatMap((line) => {
    const text = /(?:Slf4jAuditLogger - | audit: )(?<pairs>\S.*)$/u.exec(line)?.groups?.["pairs"];
    return text === undefined ? [] : [text];
  });
  const readable = lines.map((line) =>
    line
      .replace(/(?<=^session=)0x[0-9a-f]+/u, (id) => {
        if (!sessions.includes(id)) sessions.push(id);
        return `session ${sessions.indexOf(id) + 1}`;
      })
      .replace(/(?<=(?:^|\t)user=)[^\t]*/u, (users) =>
        users.split(",").sort().join(",").replace(userInfo().username, "the server's user"),
      ),
  );
  // In which order the ephemerals of a session go, nobody promises.
  const ends = readable.filter((line) => line.includes(ENDS)).sort();
  return [...readable.filter((line) => !line.includes(ENDS)), ...ends];
}

const ENDS = "operation=ephemeralZNodeDeletionOnSessionCloseOrExpire";
