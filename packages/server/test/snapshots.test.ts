/** Snapshots by the admin server, and servers that are restored from them: to the same state, or not touched at all. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";
import { createInterface } from "node:readline";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { OpCode } from "@jute-ts/zookeeper";
import { readSnapshot, type SnapshotNode } from "@jute-ts/persistence";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { start } from "../src/cli/start.js";
import { readSnapshotFile, replaceData } from "../src/node/restoring.js";
import { configurePeer, loadConfiguration } from "../src/node/server.js";
import { node } from "./client-of.js";
import { RawClient } from "./raw-client.js";
import { ADMIN } from "./settings/admin-keys.js";
import {
  type ConfiguredServer,
  endServers,
  newPlace,
  type Place,
  serving,
  writeConfiguration,
} from "./settings/configured-server.js";
import { SpawnedCommand } from "./spawned-command.js";

const NO_LIMIT = [...ADMIN, "admin.rateLimiterIntervalInMS=0"];
const BOB = { authorization: "digest bob:secret" };

let command: SpawnedCommand;

beforeAll(async () => {
  command = await SpawnedCommand.bundle();
});

afterAll(() => {
  command.remove();
});

afterEach(endServers);

async function snapshotOf(
  { configured }: ConfiguredServer,
  headers: Readonly<Record<string, string>> = {},
  query = "",
): Promise<Response> {
  const url = `http://127.0.0.1:${configured.adminPort ?? 0}/commands/snapshot${query}`;
  return await fetch(url, { headers });
}

/** A server with some znodes, and its snapshot. */
async function filled(lines = NO_LIMIT): Promise<{ server: ConfiguredServer; bytes: Uint8Array }> {
  const server = await serving(lines);
  for (let i = 0; i < 50; i++) await server.create(`/n${i}`, { data: new Uint8Array(3000) });
  const response = await snapshotOf(server, BOB);
  expect(response.status).toBe(200);
  return { server, bytes: new Uint8Array(await response.arrayBuffer()) };
}

describe("a snapshot by the admin server", () => {
  it("is a whole file with the state, and says which", async () => {
    const { server } = await filled();
    const response = await snapshotOf(server, BOB);
    const { lastProcessedZxid } = server.peer.status();
    const zxid = lastProcessedZxid.toString(16);
    expect(response.headers.get("last_zxid")).toBe(`0x${zxid}`);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("content-disposition")).toContain(`"snapshot.${zxid}"`);
    const { nodes, trailer } = readSnapshot(new Uint8Array(await response.arrayBuffer()));
    const paths = nodes.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["/n0", "/n49"]));
    expect(trailer.lastProcessedZxid).toBe(lastProcessedZxid);
    expect(trailer.digest?.digest).toBe(BigInt.asIntN(64, server.peer.state.digest()));
  });

  it("is of one moment, however slowly it is read while others write", async () => {
    const server = await serving(NO_LIMIT);
    for (let i = 0; i < 400; i++) await server.create(`/n${i}`, { data: new Uint8Array(50_000) });
    const digest = BigInt.asIntN(64, server.peer.state.digest());
    const response = await snapshotOf(server, BOB);
    for (let i = 0; i < 20; i++) await server.set(`/n${399 - i}`, { data: new Uint8Array(1) });
    const { nodes, trailer } = readSnapshot(new Uint8Array(await response.arrayBuffer()));
    expect(trailer.digest?.digest).toBe(digest);
    expect(nodes.find(({ path }) => path === "/n399")?.data).toHaveLength(50_000);
  });

  it("is for those who say who they are, and have all rights on the root", async () => {
    const server = await serving(NO_LIMIT);
    const statusOf = async (authorization: string): Promise<number> =>
      (await snapshotOf(server, { authorization })).status;
    expect((await snapshotOf(server)).status).toBe(401);
    expect(await statusOf("basic Ym9iOnNlY3JldA==")).toBe(401);
    expect(await statusOf("digest bob:secret")).toBe(200);
    expect(await statusOf("ip")).toBe(200);
    await using client = new RawClient(server.place.clientPort);
    await client.open();
    // `echo -n bob:secret | openssl dgst -sha1 -binary | base64`
    const bob = { scheme: "digest", id: "bob:fyVmFCwVbTJYrznoSu1koqYEYF0=" };
    const others = { perms: 1, id: { scheme: "world", id: "anyone" } };
    await client.ask(OpCode.setACL, {
      path: "/",
      acl: [{ perms: 31, id: bob }, others],
      version: -1,
    });
    expect(await statusOf("ip")).toBe(403);
    expect(await statusOf("digest bob:guessed")).toBe(403);
    expect(await statusOf("digest bob:secret")).toBe(200);
  });

  it("is for those whose certificate names them, where certificates are asked for", async () => {
    const pem = (name: string): string =>
      fileURLToPath(new URL(`../../../test/tls/${name}.pem`, import.meta.url));
    const server = await serving([
      ...NO_LIMIT,
      "admin.forceHttps=true",
      "admin.needClientAuth=true",
      `ssl.quorum.keyStore.location=${pem("server1")}`,
      `ssl.quorum.trustStore.location=${pem("authority")}`,
      "authProvider.1=org.apache.zookeeper.server.auth.X509AuthenticationProvider",
    ]);
    await using client = new RawClient(server.place.clientPort);
    await client.open();
    const acl = [{ perms: 31, id: { scheme: "x509", id: "CN=server2" } }];
    await client.ask(OpCode.setACL, { path: "/", acl, version: -1 });
    const statusOf = async (name: string, authorization: string): Promise<number | undefined> => {
      const key = readFileSync(pem(name));
      const request = httpsGet({
        host: "127.0.0.1",
        port: server.configured.adminPort,
        path: "/commands/snapshot",
        headers: { authorization },
        ca: readFileSync(pem("authority")),
        cert: key,
        key,
        agent: false,
      });
      const [response] = (await once(request, "response")) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await statusOf("server2", "x509")).toBe(200);
    expect(await statusOf("server3", "x509")).toBe(403);
    // Who says to be somebody else is not also whom the certificate names.
    expect(await statusOf("server2", "ip")).toBe(403);
    expect(await statusOf("server2", "digest bob:secret")).toBe(403);
    const plain = await serving([
      ...NO_LIMIT,
      "authProvider.1=org.apache.zookeeper.server.auth.X509AuthenticationProvider",
    ]);
    expect((await snapshotOf(plain, { authorization: "x509" })).status).toBe(401);
  });

  it("is refused as a part of what Apache's can do, and restoring a running member of an ensemble, with what to do", async () => {
    const server = await serving(NO_LIMIT);
    const kept = await snapshotOf(server, BOB, "?streaming=false");
    expect(kept.status).toBe(400);
    expect(await kept.json()).toMatchObject({ command: "snapshot" });
    const url = `http://127.0.0.1:${server.configured.adminPort ?? 0}/commands/restore`;
    for (const method of ["GET", "POST"]) {
      const response = await fetch(url, { method });
      expect(response.status).toBe(503);
      const answer = (await response.json()) as { error: string };
      expect(answer.error).toContain("zk-server restore");
    }
  });
});

describe("a server that stands alone", () => {
  interface Running {
    readonly adminPort: number;
    readonly log: readonly string[];
    end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  }

  /** As `zk-server start` runs it, once it serves. */
  async function run(place: Place, lines: readonly string[] = NO_LIMIT): Promise<Running> {
    const path = writeConfiguration(place, ["standaloneEnabled=true", ...lines]);
    const child = command.spawn(["start", path, "--output", "json"]);
    const log: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", (line) => log.push(line));
    }
    const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    await servesSince(log, 0);
    return {
      log,
      get adminPort() {
        return newestAdminPort(log);
      },
      end: async (signal) => {
        child.kill(signal);
        return await closed;
      },
    };
  }

  function newestAdminPort(log: readonly string[]): number {
    const ports = log.flatMap((line) => /"adminPort":(\d+)/u.exec(line)?.[1] ?? []);
    return Number(ports.at(-1));
  }

  async function servesSince(log: readonly string[], begin: number): Promise<void> {
    await expect
      .poll(() => log.slice(begin).some((line) => line.includes('"serving"')), { timeout: 20_000 })
      .toBe(true);
  }

  async function post(
    { adminPort }: Pick<Running, "adminPort">,
    body: Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = BOB,
  ): Promise<{ readonly status: number; readonly answer: Record<string, unknown> }> {
    const url = `http://127.0.0.1:${adminPort}/commands/restore`;
    const response = await fetch(url, { method: "POST", headers, body });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  }

  async function take({ adminPort }: Pick<Running, "adminPort">): Promise<Uint8Array<ArrayBuffer>> {
    const url = `http://127.0.0.1:${adminPort}/commands/snapshot`;
    return new Uint8Array(await (await fetch(url, { headers: BOB })).arrayBuffer());
  }

  /** Returns the zxid of the last. */
  async function create({ clientPort }: Place, ...paths: string[]): Promise<bigint> {
    await using client = new RawClient(clientPort);
    await client.open();
    let last = 0n;
    for (const path of paths) last = (await client.ask(OpCode.create, node(path, "x"))).zxid;
    return last;
  }

  async function children({ clientPort }: Place): Promise<readonly (string | null)[]> {
    await using client = new RawClient(clientPort);
    await client.open();
    const { body } = await client.ask(OpCode.getChildren, { path: "/", watch: false });
    return (body?.children ?? []).filter((name) => name !== "zookeeper").sort();
  }

  it("is restored while it runs, to a state that outlives a crash", async () => {
    const place = await newPlace();
    const running = await run(place);
    await create(place, "/a", "/b");
    const snapshot = await take(running);
    const { lastProcessedZxid } = readSnapshot(snapshot).trailer;
    const seen = await create(place, "/c");
    for (const body of [snapshot, new Uint8Array(gzipSync(snapshot))]) {
      const begin = running.log.length;
      expect(await post(running, body)).toEqual({
        status: 200,
        answer: {
          command: "restore",
          error: null,
          last_zxid: `0x${(lastProcessedZxid ?? 0n).toString(16)}`,
        },
      });
      await servesSince(running.log, begin);
      // Nobody has changed anything since: who has seen what is gone is no stranger.
      await using early = new RawClient(place.clientPort);
      expect((await early.open({ lastZxidSeen: seen })).sessionId).not.toBe(0n);
      expect(await children(place)).toEqual(["a", "b"]);
      await create(place, "/d");
      expect(await children(place)).toEqual(["a", "b", "d"]);
    }
    await running.end("SIGKILL");
    const again = await run(place);
    expect(await children(place)).toEqual(["a", "b", "d"]);
    const data = readdirSync(join(place.directory, "data")).sort();
    const before = /^version-2\.before-\d{8}T\d{9}Z$/u;
    expect(data.filter((name) => !before.test(name))).toEqual(["myid", "version-2"]);
    expect(data.filter((name) => before.test(name))).toHaveLength(2);
    expect(await again.end("SIGTERM")).toBe(0);
  });

  it("goes on as it was where what is sent is no whole snapshot, or by nobody who may", async () => {
    const place = await newPlace();
    const running = await run(place);
    await create(place, "/a");
    const snapshot = await take(running);
    await create(place, "/b");
    const begin = running.log.length;
    const damaged = snapshot.slice();
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
    for (const wrong of [
      damaged,
      snapshot.subarray(0, -30),
      new Uint8Array(100),
      new Uint8Array(),
    ]) {
      const { status, answer } = await post(running, wrong);
      expect(status).toBe(400);
      expect(answer["error"]).toContain("what was sent is no whole snapshot");
    }
    expect((await post(running, snapshot, {})).status).toBe(401);
    const { adminPort } = running;
    const get = await fetch(`http://127.0.0.1:${adminPort}/commands/restore`, { headers: BOB });
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    // Half of it, and the connection is gone.
    const cut = connect(adminPort, "127.0.0.1");
    const head = `POST /commands/restore HTTP/1.1\r\nHost: x\r\nAuthorization: ${BOB.authorization}\r\n`;
    cut.write(`${head}Content-Length: ${snapshot.length}\r\n\r\n`);
    cut.write(snapshot.subarray(0, 100));
    const files = (): string[] => readdirSync(join(place.directory, "data"));
    await expect.poll(files).toHaveLength(3);
    cut.destroy();
    await expect.poll(files).toHaveLength(2);
    // All of it, and the connection is gone before it is checked.
    const gone = connect(adminPort, "127.0.0.1");
    gone.end(
      Buffer.concat([Buffer.from(`${head}Content-Length: ${snapshot.length}\r\n\r\n`), snapshot]),
    );
    const answered: Buffer[] = [];
    gone.on("data", (piece: Buffer) => answered.push(piece));
    await once(gone, "close");
    expect(String(Buffer.concat(answered))).toBe("");
    await delay(1000);
    expect(await children(place)).toEqual(["a", "b"]);
    expect(files().sort()).toEqual(["myid", "version-2"]);
    expect(running.log.slice(begin)).toEqual([]);
    expect(await running.end("SIGTERM")).toBe(0);
  });

  it("keeps nothing of what it was when it is restored again and again, and ends when it is told to", async () => {
    const place = await newPlace();
    const lines: string[] = [];
    const ends: (() => void)[] = [];
    const path = writeConfiguration(place, ["standaloneEnabled=true", ...NO_LIMIT]);
    const ended = start(
      path,
      { format: "json", verbose: false },
      {
        write: (text) => lines.push(text),
        error: (text) => lines.push(text),
        onEnd: (then) => ends.push(then),
        tellStarted: () => undefined,
        program: "",
        columns: 80,
      },
    );
    await servesSince(lines, 0);
    const running = {
      get adminPort() {
        return newestAdminPort(lines);
      },
    };
    const snapshot = await take(running);
    for (let i = 0; i < 3; i++) {
      const begin = lines.length;
      expect((await post(running, snapshot)).status).toBe(200);
      await servesSince(lines, begin);
    }
    // The process holds these as long as it lives, and with each a server that it could stop.
    expect(ends).toHaveLength(1);
    for (const end of ends) end();
    expect(await ended).toBe(0);
  });

  it("is restored once in an interval, and not at all where that is switched off", async () => {
    const place = await newPlace();
    const running = await run(place, ADMIN);
    const snapshot = await take(running);
    const begin = running.log.length;
    expect((await post(running, snapshot)).status).toBe(200);
    await servesSince(running.log, begin);
    expect((await post(running, snapshot)).status).toBe(429);
    expect(await running.end("SIGTERM")).toBe(0);
    const off = await run(await newPlace(), [...ADMIN, "admin.restore.enabled=false"]);
    const { status, answer } = await post(off, snapshot);
    expect([status, answer["error"]]).toEqual([503, "admin.restore.enabled is false"]);
  });
});

/** What Java has written. */
const RECORDED = new URL("../../../test/java/persistence/recorded/", import.meta.url);
const contentOf = ({ path, data }: SnapshotNode): string =>
  `${path} ${data === null ? "null" : Buffer.from(data).toString("hex")}`;

describe("a server that is restored", () => {
  /** Runs the command on a place that no server runs in. */
  async function restore(place: Place, bytes: Uint8Array, name = "copy"): Promise<RunResult> {
    const configuration = writeConfiguration(place, ["standaloneEnabled=true"]);
    const file = join(place.directory, name);
    writeFileSync(file, bytes);
    return await command.run(["restore", configuration, file, "--output", "json"]);
  }
  type RunResult = Awaited<ReturnType<SpawnedCommand["run"]>>;

  it.each(["copy", "copy.gz"])(
    "has the state of the snapshot, and goes on from there: %s",
    async (name) => {
      const { server, bytes } = await filled();
      const digest = server.peer.state.digest();
      const last = server.peer.status().lastProcessedZxid;
      await server.stop();
      const place = await newPlace();
      const before = await serving([], place);
      await before.create("/before");
      await before.stop();
      const packed = name.endsWith(".gz") ? gzipSync(bytes) : bytes;
      const { code, stdout, stderr } = await restore(place, packed, name);
      expect([code, stderr]).toEqual([0, ""]);
      const said = JSON.parse(stdout) as { kept: string[]; zxid: string };
      expect(said.zxid).toBe(`0x${last.toString(16)}`);
      expect(readdirSync(said.kept[0] ?? "").some((file) => file.startsWith("log."))).toBe(true);
      const after = await serving([], place);
      expect(after.peer.state.getChildren("/")).not.toContain("before");
      expect(after.peer.status().lastProcessedZxid).toBeGreaterThanOrEqual(last);
      expect(after.peer.state.getNode("/n49")?.data).toHaveLength(3000);
      // The txns of its own start change nothing that the digest is made of.
      expect(after.peer.state.digest()).toBe(digest);
      expect(await after.create("/after")).toBe(0);
      expect(after.peer.status().lastProcessedZxid).toBeGreaterThan(last);
      await after.stop();
      const again = await serving([], place);
      expect(again.peer.state.getChildren("/")).toContain("after");
    },
  );

  it.each(["gz/snapshot.200000002.gz", "snappy/snapshot.200000002.snappy"])(
    "has the state of a snapshot that Apache's server has compressed: %s",
    async (recorded) => {
      const file = fileURLToPath(new URL(recorded, RECORDED));
      const name = basename(file);
      const place = await newPlace();
      const bytes = readFileSync(file);
      for (const cut of [bytes.subarray(0, -9), bytes.subarray(0, 40)]) {
        const { code, stderr } = await restore(place, cut, name);
        expect([code, stderr]).toEqual([1, expect.stringContaining("is no whole snapshot")]);
      }
      const { code, stdout } = await restore(place, bytes, name);
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { zxid: "0x200000002" }]);
      const data = join(place.directory, "data", "version-2", "snapshot.200000002");
      const { nodes } = readSnapshot(readFileSync(data));
      const three = readSnapshot(readFileSync(new URL("three-seals/snapshot.200000002", RECORDED)));
      expect(nodes.map(contentOf).sort()).toEqual(three.nodes.map(contentOf).sort());
    },
  );

  it("has all of its files where they were when one directory of two cannot be moved", async () => {
    const place = await newPlace();
    const logs = join(place.directory, "logs");
    const path = writeConfiguration(place, [`dataLogDir=${logs}`, "standaloneEnabled=true"]);
    const server = await serving([`dataLogDir=${logs}`], place);
    await server.create("/before");
    await server.stop();
    // Something is there already.
    mkdirSync(join(logs, "version-2.before-now", "other"), { recursive: true });
    const filesOf = (): string[] =>
      ["data", "logs"].flatMap((name) => readdirSync(join(place.directory, name, "version-2")));
    const before = filesOf();
    const snapshot = await readSnapshotFile(
      fileURLToPath(new URL("two-seals/snapshot.200000002", RECORDED)),
    );
    const { settings } = loadConfiguration(path);
    expect(() => replaceData(settings, snapshot, "now")).toThrow("ENOTEMPTY");
    expect(filesOf()).toEqual(before);
    expect(replaceData(settings, snapshot, "later").kept).toHaveLength(2);
  });

  it("has all of its files where they were when no directory for logs can be made", async () => {
    const place = await newPlace();
    const server = await serving([], place);
    await server.create("/before");
    await server.stop();
    const logs = join(place.directory, "logs");
    const path = writeConfiguration(place, [`dataLogDir=${logs}`, "standaloneEnabled=true"]);
    const filesOf = (): string[] => readdirSync(join(place.directory, "data", "version-2")).sort();
    const before = filesOf();
    const file = fileURLToPath(new URL("two-seals/snapshot.200000002", RECORDED));
    const snapshot = await readSnapshotFile(file);
    const { settings } = loadConfiguration(path);
    // A file where the directory is to be.
    writeFileSync(logs, "");
    expect(() => replaceData(settings, snapshot, "now")).toThrow("logs");
    expect(filesOf()).toEqual(before);
    rmSync(logs);
    expect(replaceData(settings, snapshot, "later").kept).toHaveLength(1);
    expect(filesOf()).toContain("snapshot.200000002");
    expect(readdirSync(join(logs, "version-2"))).toEqual([]);
  });

  it("is not touched while it runs, nor by a file that is damaged", async () => {
    const { server, bytes } = await filled();
    const running = await restore(server.place, bytes);
    expect(running).toMatchObject({ code: 1, stdout: "" });
    expect(running.stderr).toContain("is taken: stop the server");
    await server.stop();
    const names = readdirSync(join(server.place.directory, "data"));
    const damaged = bytes.slice();
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
    for (const wrong of [damaged, bytes.subarray(0, -30), new Uint8Array(100), new Uint8Array()]) {
      const { code, stderr } = await restore(server.place, wrong);
      expect(code).toBe(1);
      expect(stderr).toContain("is no whole snapshot");
    }
    expect(readdirSync(join(server.place.directory, "data"))).toEqual(names);
    const missing = join(server.place.directory, "none");
    const configuration = join(server.place.directory, "zoo.cfg");
    const { code, stderr } = await command.run(["restore", configuration, missing]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("does not exist")]);
    expect(readFileSync(configuration, "utf8")).not.toBe("");
  });

  it("is not touched while it runs and serves clients inside TLS alone", async () => {
    const { server, bytes } = await filled();
    await server.stop();
    const place = await newPlace();
    const certificate = (name: string): string =>
      fileURLToPath(new URL(`../../../test/tls/${name}.pem`, import.meta.url));
    const configuration = writeConfiguration(place, [
      "standaloneEnabled=true",
      `secureClientPort=${place.clientPort}`,
      "secureClientPortAddress=127.0.0.1",
      `ssl.keyStore.location=${certificate("server1")}`,
      `ssl.trustStore.location=${certificate("authority")}`,
    ]);
    const lines = readFileSync(configuration, "utf8").replaceAll(/^clientPort.*\n/gmu, "");
    writeFileSync(configuration, lines);
    await using running = await configurePeer(loadConfiguration(configuration));
    await running.start();
    expect([running.clientPort, running.secureClientPort]).toEqual([undefined, place.clientPort]);
    const names = readdirSync(join(place.directory, "data"));
    const file = join(place.directory, "copy");
    writeFileSync(file, bytes);
    const { code, stderr } = await command.run(["restore", configuration, file]);
    expect(code).toBe(1);
    expect(stderr).toContain("is taken: stop the server");
    expect(readdirSync(join(place.directory, "data"))).toEqual(names);
  });
});
