import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateMode,
  CreateRequest,
  ErrorCode,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetDataRequest,
} from "@jute-ts/zookeeper";
import { DataTree } from "@jute-ts/data-tree";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parseConnectString } from "../node/connect-string.js";
import { type Ensemble, startEnsemble } from "./ensemble.js";
import { EnsembleOptionsError } from "./ensemble-options.js";
import { findFreePorts } from "./free-ports.js";
import { askFourLetterWord } from "../node/four-letter-word.js";
import {
  isEnsembleStoppedError,
  isRequestError,
  isTimeoutError,
  RequestError,
} from "../node/errors.js";
import { startProcessEnsemble } from "./process-ensemble.js";
import { startPeer } from "../node/peer.js";
import { StartError } from "../node/start-failure.js";
import { startServer } from "./standalone-server.js";

let ensemble: Ensemble | undefined;

afterEach(async () => {
  await ensemble?.stop();
  ensemble = undefined;
});

function create(path: string, flags: number = CreateMode.PERSISTENT) {
  const body = CreateRequest.encode({ path, data: null, acl: [...OPEN_ACL_UNSAFE], flags });
  return { opCode: OpCode.create, body };
}

describe("an ensemble in one process", () => {
  it("is ready, and what any of its servers is asked for is applied on all", async () => {
    ensemble = await startEnsemble({ size: 3, observers: 1 });
    let count = 0;
    for (const peer of ensemble.peers.values()) {
      const { result } = await peer.proposeRaw(create(`/from-${peer.status().sid}`));
      expect(result.err).toBe(0);
      await peer.sync();
      expect(peer.state.getChildren("/")).toContain(`from-${peer.status().sid}`);
      count++;
    }
    await ensemble.converged();
    expect(count).toBe(4);
    expect(ensemble.peer(4n).status().role).toBe("observing");
    expect(ensemble.peer(4n).state.getChildren("/")).toHaveLength(4 + 1);
  });

  it("answers a request that fails with its error code", async () => {
    ensemble = await startEnsemble();
    await ensemble.proposeRaw(create("/a"));
    expect((await ensemble.proposeRaw(create("/a"))).result.err).toBe(ErrorCode.NODEEXISTS);
    const body = SetDataRequest.encode({ path: "/a", data: null, version: 7 });
    expect((await ensemble.proposeRaw({ opCode: OpCode.setData, body })).result.err).toBe(
      ErrorCode.BADVERSION,
    );
  });

  it("refuses to propose what is no change, at the leader and at a follower", async () => {
    ensemble = await startEnsemble();
    const leader = await ensemble.ready();
    const before = leader.status().lastLoggedZxid;
    for (const peer of ensemble.peers.values()) {
      for (const opCode of [OpCode.getData, OpCode.getChildren, 999]) {
        await expect(peer.proposeRaw({ opCode, body: new Uint8Array() })).rejects.toMatchObject({
          name: "RequestError",
          mayHaveHappened: false,
          message: expect.stringContaining(`op code ${opCode}`) as string,
        });
      }
    }
    // Not even a session was opened for it.
    expect(leader.status().lastLoggedZxid).toBe(before);
    await ensemble.proposeRaw(create("/a"));
  });

  it("sends what many requests at once lead to in few writes", async () => {
    ensemble = await startEnsemble();
    const leader = await ensemble.ready();
    await leader.proposeRaw(create("/first"));
    const write = vi.spyOn(Socket.prototype, "write");
    try {
      const requests = Array.from({ length: 200 }, (_, index) =>
        leader.proposeRaw(create(`/${index}`)),
      );
      await Promise.all(requests);
      // A proposal and a commit for each of two followers would be 800.
      expect(write.mock.calls.length).toBeLessThan(100);
    } finally {
      write.mockRestore();
    }
  });

  it("keeps what was committed when its leader is lost, and brings it back up to date", async () => {
    ensemble = await startEnsemble();
    const leader = await ensemble.ready();
    const { sid, epoch = 0 } = leader.status();
    await ensemble.proposeRaw(create("/before"));
    await ensemble.stopServer(sid);
    const next = await ensemble.ready();
    expect(next.status().epoch).toBeGreaterThan(epoch);
    await ensemble.proposeRaw(create("/after"));
    const back = await ensemble.startServer(sid);
    await ensemble.ready();
    await ensemble.converged();
    expect(back.state.getChildren("/")).toEqual(expect.arrayContaining(["before", "after"]));
  });

  it("keeps everything over a restart of all", async () => {
    ensemble = await startEnsemble();
    for (let i = 0; i < 50; i++)
      await ensemble.proposeRaw(create("/n-", CreateMode.PERSISTENT_SEQUENTIAL));
    const digest = await ensemble.converged();
    const { sids } = ensemble;
    await Promise.all(sids.map(async (sid) => ensemble?.stopServer(sid)));
    await Promise.all(sids.map(async (sid) => ensemble?.startServer(sid)));
    await ensemble.ready();
    expect(await ensemble.converged()).toBe(digest);
  });

  it("says whether a request may have happened when nobody leads", async () => {
    ensemble = await startEnsemble();
    const leader = await ensemble.ready();
    const { sid } = leader.status();
    const others = ensemble.sids.filter((other) => other !== sid);
    await Promise.all(others.map(async (other) => ensemble?.stopServer(other)));
    // Without a quorum this is proposed and never committed.
    const lost = await leader.proposeRaw(create("/lost")).catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(RequestError);
    await leader.waitFor(({ role }) => role === "looking", { timeoutMs: 10_000 });
    const refused = await leader.proposeRaw(create("/refused")).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "RequestError", mayHaveHappened: false });
  });

  it("leaves neither files nor ports behind", async () => {
    ensemble = await startEnsemble({ size: 3 });
    const { directory = "" } = ensemble;
    const ports = [...ensemble.peers.values()].length;
    expect(ports).toBe(3);
    expect(existsSync(directory)).toBe(true);
    await ensemble.stop();
    expect(existsSync(directory)).toBe(false);
    expect(process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap")).toEqual([]);
  });

  it.each([
    [{ size: 0 }, /size is 0/u],
    [{ size: -1 }, /size is -1/u],
    [{ size: 100 }, /size is 100/u],
    [{ size: 1.5 }, /size is 1\.5/u],
    [{ size: Number.NaN }, /size is NaN/u],
    [{ size: Infinity }, /size is Infinity/u],
    [{ size: "3" }, /size is of type string/u],
    [{ size: null }, /size is of type object/u],
    [{ observers: -1 }, /observers is -1/u],
    [{ observers: 32 }, /observers is 32/u],
    [{ clientPort: 0 }, /clientPort is 0/u],
    [{ clientPort: 65_534 }, /clientPort is 65534/u],
    [{ clientPort: "2181" }, /clientPort is of type string/u],
    [{ settings: { dataDir: "/d" } }, /Use directory/u],
    [{ settings: { "server.1": "h:1:2" } }, /Use size/u],
    [{ settings: { tickTime: "fast" } }, /tickTime is "fast"/u],
    [{ settings: { tickTime: {} } }, /tickTime of type object/u],
    [{ settings: { "a\nb": 1 } }, /cannot be a line/u],
    [{ settings: { tickTime: "1\ndataDir=/d" } }, /cannot be a line/u],
    [{ directory: "/dev/null/here" }, /a part of its path is a file/u],
  ])("is refused at once when it cannot be: %j", async (options, expected) => {
    const begin = performance.now();
    for (const start of [startEnsemble, startProcessEnsemble]) {
      const failure = await start(options as object).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(EnsembleOptionsError);
      expect(failure).toBeInstanceOf(RangeError);
      expect(String(failure)).toMatch(expected);
    }
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it("knows its servers by number, and answers at the addresses of its connection string", async () => {
    ensemble = await startEnsemble({ size: 2 });
    expect(ensemble.peer(1)).toBe(ensemble.peer(1n));
    await ensemble.stopServer(2);
    await ensemble.startServer(2);
    await ensemble.ready();
    expect(() => ensemble?.peer(3)).toThrow("there is no server 3. There are 1, 2.");
    expect(() => ensemble?.peer(1.5)).toThrow(EnsembleOptionsError);
    await expect(ensemble.startServer(4)).rejects.toThrow(EnsembleOptionsError);
    const { servers } = parseConnectString(ensemble.connectString);
    const answers = await Promise.all(servers.map((each) => askFourLetterWord(each, "mntr")));
    const ids = answers.map((answer) => /zk_server_id\t(\d+)/u.exec(answer)?.[1]);
    expect(ids).toEqual(["1", "2"]);
  });

  it("takes ports, a directory and settings, and finds its data there again", async () => {
    const directory = mkdtempSync(join(tmpdir(), "jute-ts-kept-"));
    try {
      const [clientPort = 0] = await findFreePorts(1);
      const options = { size: 1, directory, clientPort, settings: { snapCount: 7 } };
      ensemble = await startEnsemble(options);
      expect(ensemble.connectString).toBe(`127.0.0.1:${clientPort}`);
      for (let i = 0; i < 20; i++) await ensemble.proposeRaw(create(`/kept-${i}`));
      // By default there is one snapshot in 100,000 txns.
      await vi.waitFor(() => {
        const names = readdirSync(join(directory, "1", "data", "version-2"));
        expect(names.filter((name) => name.startsWith("snapshot.")).length).toBeGreaterThan(2);
      }, 5000);
      await ensemble.stop();
      expect(existsSync(directory)).toBe(true);
      ensemble = await startEnsemble(options);
      expect(ensemble.peer(1).state.getChildren("/")).toContain("kept-19");
      const squatted = await startEnsemble(options).catch((error: unknown) => error);
      expect(squatted).toMatchObject({ name: "StartError", code: "port" });
      await ensemble.stop();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("says so when its port is taken", async () => {
    ensemble = await startEnsemble({ size: 1 });
    const address = ensemble.members[0]?.addresses[0];
    await ensemble.stopServer(1n);
    const squatter = createServer();
    await new Promise<void>((resolve) =>
      squatter.listen({ host: "127.0.0.1", port: address?.electionPort ?? 0 }, resolve),
    );
    const failure = await ensemble.startServer(1n).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect(failure).toMatchObject({ code: "port", problem: { line: 13 } });
    expect(String(failure)).toContain(`election port ${address?.electionPort ?? 0} is taken`);
    await new Promise((resolve) => squatter.close(resolve));
    await ensemble.startServer(1n);
    await ensemble.ready();
  });
});

describe("an ensemble that was stopped", () => {
  it.each(["memory", "disk"] as const)("says so at once: %s", async (storage) => {
    const stopped = await startEnsemble({ size: 1, storage });
    await stopped.stop();
    const begin = performance.now();
    const attempts: (() => unknown)[] = [
      () => stopped.ready(),
      () => stopped.converged(),
      () => stopped.waitForRole(1, "leading"),
      () => stopped.startServer(1),
      () => stopped.restartServer(1),
      () => stopped.killServer(1),
      () => stopped.pauseServer(1),
      () => stopped.propose(OpCode.setData, { path: "/", data: null, version: -1 }),
      () => stopped.expireSession(1n),
      () => stopped.peer(1),
      () => stopped.tree(),
    ];
    for (const attempt of attempts) {
      const failure: unknown = await Promise.resolve()
        .then(attempt)
        .catch((error: unknown) => error);
      expect(isEnsembleStoppedError(failure), String(attempt)).toBe(true);
      expect(failure).toMatchObject({
        code: "ERR_ENSEMBLE_STOPPED",
        message: "this ensemble is stopped for good: stop() was called. Start a new one.",
      });
    }
    expect(performance.now() - begin).toBeLessThan(1000);
    await stopped.stop();
  });

  it("ends those who wait for it, and what was being started", async () => {
    const stopping = await startEnsemble({ size: 2, storage: "memory" });
    await stopping.stopServer(2);
    const starting = stopping.startServer(2).catch((error: unknown) => error);
    const converging = stopping.converged().catch((error: unknown) => error);
    await stopping.stop();
    const started = await starting;
    expect(stopping.peers.size).toBe(0);
    if (started instanceof Error) expect(isEnsembleStoppedError(started)).toBe(true);
    const outcome = await converging;
    if (typeof outcome !== "bigint") expect(isEnsembleStoppedError(outcome)).toBe(true);
  });

  it.each([
    ["stopServer", (ensemble: Ensemble) => ensemble.stopServer(1)],
    ["killServer", (ensemble: Ensemble) => ensemble.killServer(1)],
    ["stop", (ensemble: Ensemble) => ensemble.stop()],
  ])("waits for a server that %s is ending", async (_how, end) => {
    const stopping = await startEnsemble({ size: 1 });
    let hasEnded = false;
    const peer = stopping.peer(1);
    const stop = peer.stop.bind(peer);
    const kill = peer.kill.bind(peer);
    const slowly = async (work: () => Promise<void>): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await work();
      hasEnded = true;
    };
    vi.spyOn(peer, "stop").mockImplementation(() => slowly(stop));
    vi.spyOn(peer, "kill").mockImplementation(() => slowly(kill));
    const ending = end(stopping);
    await stopping.stop();
    expect(hasEnded).toBe(true);
    await ending;
    expect(existsSync(stopping.directory ?? "")).toBe(false);
  });
});

describe("disposal", () => {
  it("stops what runs, as `await using` does at the end of its block", async () => {
    const running = await startEnsemble({ size: 1 });
    const peer = running.peer(1);
    const { directory = "" } = running;
    await running[Symbol.asyncDispose]();
    expect(peer.stopReason).toEqual({ kind: "asked" });
    expect(existsSync(directory)).toBe(false);
  });
});

describe("what waits", () => {
  it("ends with its signal or its time, and says what it knows", async () => {
    ensemble = await startEnsemble({ size: 1 });
    const peer = ensemble.peer(1);
    const reason = new Error("no longer wanted");
    const never = (): boolean => false;
    const controller = new AbortController();
    const unwanted = peer.waitFor(never, { signal: controller.signal }).catch((e: unknown) => e);
    controller.abort(reason);
    expect(await unwanted).toBe(reason);
    await expect(ensemble.ready({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(peer.sync({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const late: unknown = await peer.waitFor(never, { timeoutMs: 20 }).catch((e: unknown) => e);
    expect(isTimeoutError(late)).toBe(true);
    expect(late).toMatchObject({ code: "ERR_TIMEOUT", statuses: [{ role: "leading" }] });
    expect(String(late)).toMatch(/server 1 did not meet the condition within 20 ms; now leading/u);
    const lost = peer.waitFor(never).catch((error: unknown) => error);
    await ensemble.stopServer(1);
    expect(await lost).toMatchObject({ code: "ERR_PEER_STOPPED", reason: { kind: "asked" } });
    expect(peer.listenerCount("report")).toBe(0);
  });
});

/** Calls as JavaScript makes them, which no type holds back. */
describe("options that are none", () => {
  const peer: unknown = { finalizeWait: 1 };
  it.each<[string, (options: never) => Promise<unknown>, unknown, RegExp]>([
    [
      "a typing error",
      startServer,
      { stroage: "memory" },
      /stroage is no .*startServer.*storage\?/u,
    ],
    ["another name", startServer, { port: 22222 }, /port is no option.*has storage, directory/u],
    ["of another function", startServer, { size: 3 }, /size is no option of startServer/u],
    ["a number", startServer, 22222, /startServer are the number 22222.*clientPort/u],
    ["null", startServer, null, /startServer are null/u],
    ["a number of servers", startEnsemble, 3, /startEnsemble are the number 3.*size/u],
    ["capitals", startEnsemble, { timeoutMS: 5 }, /Is it timeoutMs\?/u],
    ["a time that is none", startEnsemble, { timeoutMs: "5s" }, /timeoutMs is 5s/u],
    ["a signal that is none", startEnsemble, { signal: {} }, /signal is no AbortSignal/u],
    ["a directory", startEnsemble, { directory: 5 }, /directory is of type number/u],
    ["of the protocol", startEnsemble, { peer }, /finalizeWait is no option of peer/u],
    ["settings", startEnsemble, { settings: { tickTim: 100 } }, /tickTim is .*Is it tickTime\?/u],
    ["no settings", startEnsemble, { settings: null }, /settings is no object/u],
    ["processes", startProcessEnsemble, { storage: "memory" }, /storage is no option of/u],
    [
      "settings of them",
      startProcessEnsemble,
      { settings: { snapcount: 9 } },
      /Is it snapCount\?/u,
    ],
  ])("are refused at once: %s", async (_what, start, options, expected) => {
    const failure = await start(options as never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EnsembleOptionsError);
    expect(String(failure)).toMatch(expected);
  });

  it("are refused where something waits, and for roles and servers that there are not", async () => {
    ensemble = await startEnsemble({ storage: "memory" });
    const running = ensemble;
    const calls: ((options: never) => Promise<unknown>)[] = [
      (options) => running.ready(options),
      (options) => running.converged(options),
      (options) => running.peer(1).waitUntilServing(options),
      (options) => running.peer(1).sync(options),
    ];
    for (const call of calls) {
      const failure = await call({ timeoutMS: 1 } as never).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(TypeError);
      expect(String(failure)).toMatch(/Is it timeoutMs\?/u);
    }
    const follower = ensemble.waitForRole(2, "follower" as "following");
    await expect(follower).rejects.toThrow(/leading, following, observing.*follower is following/u);
    await expect(ensemble.waitForRole(2, "looking" as "leading")).rejects.toThrow("Give one of");
    const none = "there is no server 9. There are 1, 2, 3.";
    await expect(ensemble.killServer(9)).rejects.toThrow(none);
    expect(() => {
      running.isolateServer(9);
    }).toThrow(none);
    const configuration = { sid: 1, members: running.members };
    await expect(startPeer(configuration as never, new DataTree())).rejects.toThrow(
      /members is no option of startPeer/u,
    );
  });
});

describe("a typed request", () => {
  it("resolves with its result, and rejects when it failed", async () => {
    ensemble = await startEnsemble({ size: 1 });
    const request = { path: "/a", data: null, acl: OPEN_ACL_UNSAFE, flags: 0 };
    const { result } = await ensemble.propose(OpCode.create, request);
    expect(result.path).toBe("/a");
    const changed = await ensemble.propose(OpCode.setData, { path: "/a", data: null, version: 0 });
    expect(changed.result.stat.version).toBe(1);
    const failure: unknown = await ensemble
      .propose(OpCode.create, request)
      .catch((e: unknown) => e);
    expect(isRequestError(failure)).toBe(true);
    expect(failure).toMatchObject({
      code: "ERR_REQUEST_FAILED",
      err: ErrorCode.NODEEXISTS,
      mayHaveHappened: false,
      message: "the request failed: NODEEXISTS (-110)",
    });
  });
});
