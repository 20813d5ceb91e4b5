/** What strangers may do to the two ports while an ensemble works: nothing that matters. */
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CreateRequest, OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";
import { afterEach, describe, expect, it } from "vitest";
import { encodeElectionHello, encodePacket } from "@jute-ts/quorum/wire";
import { type Ensemble, startEnsemble } from "../ensemble/ensemble.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is in use. How much else waits for the collector depends on how busy the machine is. */
function usedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let ensemble: Ensemble | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await ensemble?.stop();
  ensemble = undefined;
});

describe("strangers at the ports of an ensemble", () => {
  it("that say nothing do not keep it from electing", async () => {
    ensemble = await startEnsemble();
    const leader = await ensemble.ready();
    for (const { addresses } of ensemble.members) {
      for (const { electionPort, quorumPort } of addresses) {
        for (let i = 0; i < 80; i++) dial(i % 2 === 0 ? electionPort : quorumPort);
      }
    }
    await ensemble.stopServer(leader.status().sid);
    const begin = performance.now();
    await ensemble.ready({ timeoutMs: 20_000 });
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it("that send garbage do not keep it from committing", async () => {
    ensemble = await startEnsemble();
    await ensemble.ready();
    const random = generator(7);
    const garbage = (): Buffer =>
      Buffer.from(Array.from({ length: 1 + (random() % 400) }, () => random() & 0xff));
    const ports = ensemble.members.flatMap(({ addresses }) =>
      addresses.flatMap(({ electionPort, quorumPort }) => [electionPort, quorumPort]),
    );
    for (let i = 0; i < 300; i++) {
      const socket = dial(ports[i % ports.length] ?? 0);
      socket.write(garbage());
      if (i % 3 === 0) socket.end();
      if (i % 10 === 0) {
        const { result } = await ensemble.proposeRaw(createOf(`/n${i}`));
        expect(result.err).toBe(0);
      }
    }
    await ensemble.converged();
  });

  it("of every kind, on both ports, stop neither commits nor an election, and take no memory", async () => {
    ensemble = await startEnsemble();
    const leader = await ensemble.ready();
    const ports = ensemble.members.flatMap(({ addresses }) =>
      addresses.flatMap(({ electionPort, quorumPort }) => [electionPort, quorumPort]),
    );
    const working = ensemble;
    const before = usedBytes();
    const going = { on: true };
    const attack = Promise.all(
      ports.map(async (port, index) => {
        for (let turn = index; going.on; turn++) {
          await beHostile(port, turn);
          await delay(10);
        }
      }),
    );
    let committed = 0;
    const load = (async () => {
      for (let i = 0; going.on; i++) {
        // Without a leader, requests are refused until the next one is there.
        const outcome = await working.proposeRaw(createOf(`/load${i}`)).catch(() => undefined);
        if (outcome?.result.err === 0) committed++;
        else await delay(10);
      }
    })();
    await delay(1000);
    expect(committed).toBeGreaterThan(0);
    const begin = performance.now();
    await ensemble.stopServer(leader.status().sid);
    await ensemble.ready({ timeoutMs: 20_000 });
    expect(performance.now() - begin).toBeLessThan(10_000);
    const atElection = committed;
    await delay(1000);
    going.on = false;
    await Promise.all([attack, load]);
    expect(committed).toBeGreaterThan(atElection);
    await ensemble.converged();
    // Hundreds of connections were made, each of which would have had a megabyte read if anybody had.
    expect(usedBytes() - before).toBeLessThan(16 * 1024 * 1024);
  });

  it("that claim to be a server that does not exist hear nothing", async () => {
    ensemble = await startEnsemble();
    await ensemble.ready();
    const port = ensemble.members[0]?.addresses[0]?.electionPort ?? 0;
    const socket = dial(port);
    const heard: Buffer[] = [];
    socket.on("data", (bytes: Buffer) => heard.push(bytes));
    socket.write(encodeElectionHello({ sid: 99n, addresses: [{ host: "127.0.0.1", port: 1 }] }));
    await new Promise((resolve) => socket.on("close", resolve));
    expect(heard).toEqual([]);
  });

  it("that pose as all others keep a member out no longer than they go on", async () => {
    ensemble = await startEnsemble({ peer: { maxNotificationIntervalMs: 60_000 } });
    await ensemble.ready();
    await ensemble.stopServer(1n);
    await ensemble.ready();
    const port = ensemble.members.find(({ sid }) => sid === 1n)?.addresses[0]?.electionPort ?? 0;
    // Their ids are larger, so server 1 waits for their connections, and takes ours for them.
    const pose = (): void => {
      for (const sid of [2n, 3n]) {
        dial(port).write(encodeElectionHello({ sid, addresses: [{ host: "127.0.0.1", port: 1 }] }));
      }
    };
    let posing = setInterval(pose, 2);
    const member = await ensemble.startServer(1n);
    await delay(100);
    clearInterval(posing);
    posing = setInterval(pose, 500);
    await delay(3900);
    clearInterval(posing);
    expect(member.status().role).toBe("looking");
    for (const socket of sockets.splice(0)) socket.destroy();
    const begin = performance.now();
    await member.waitUntilServing();
    expect(performance.now() - begin).toBeLessThan(1800);
  }, 20_000);

  it("that say at the quorum port that they are members with later epochs do not unseat a leader", async () => {
    ensemble = await startEnsemble();
    const leader = await ensemble.ready();
    const { sid: self, epoch = 0, acceptedEpoch } = leader.status();
    const others = ensemble.sids.filter((sid) => sid !== self);
    const port = ensemble.members.find(({ sid }) => sid === self)?.addresses[0]?.quorumPort ?? 0;
    const left: unknown[] = [];
    leader.on("report", (report) => {
      if (report.kind === "roleChanged" || report.kind === "learnerSynced") left.push(report);
    });
    const posing = setInterval(() => {
      for (const sid of others) {
        const identity = { sid, protocolVersion: 0x10000, configVersion: 0n };
        const socket = dial(port);
        socket.write(encodePacket({ kind: "FOLLOWERINFO", acceptedEpoch: epoch + 1, identity }));
        socket.write(encodePacket({ kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 }));
      }
    }, 30);
    try {
      const begin = performance.now();
      for (let nth = 0; performance.now() - begin < 3000; nth++) {
        const { result } = await ensemble.proposeRaw(createOf(`/n${nth}`));
        expect(result.err).toBe(0);
        await delay(10);
      }
    } finally {
      clearInterval(posing);
    }
    expect(left).toEqual([]);
    expect(leader.status()).toMatchObject({ role: "leading", serving: true, epoch, acceptedEpoch });
    await ensemble.converged();
  }, 20_000);

  it("that flood a connection with votes are read no further than a frame that cannot be", async () => {
    ensemble = await startEnsemble();
    await ensemble.ready();
    const port = ensemble.members[0]?.addresses[0]?.electionPort ?? 0;
    const socket = dial(port);
    // Server 3 has the largest id, so its connections are kept.
    socket.write(encodeElectionHello({ sid: 3n, addresses: [{ host: "127.0.0.1", port: 1 }] }));
    const frame = Buffer.alloc(8);
    frame.writeInt32BE(0x7fff_ffff, 0);
    socket.write(frame);
    await new Promise((resolve) => socket.on("close", resolve));
    expect((await ensemble.proposeRaw(createOf("/a"))).result.err).toBe(0);
  });
});

/** One for all: what the test itself takes is not to be measured. */
const FLOOD = Buffer.alloc(1024 * 1024, 0x7f);

/** One connection of one of five kinds: half open, garbage, a flood, a slow one, or an honest beginning and nothing more. */
async function beHostile(port: number, turn: number): Promise<void> {
  const socket = dial(port);
  switch (turn % 5) {
    case 0:
      break;
    case 1:
      socket.end(Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 37 + turn) & 0xff)));
      break;
    case 2:
      socket.write(FLOOD);
      break;
    case 3:
      for (let i = 0; i < 5 && !socket.destroyed; i++) {
        socket.write(Buffer.of(0));
        await delay(20);
      }
      break;
    default:
      // The length of a packet of 1,000 bytes, of which only some come.
      socket.write(Buffer.from([0, 0, 3, 0xe8, 0, 0, 0, 11]));
  }
  // No more than some at once: a flood of connections alone shows only the limits of the machine.
  if (sockets.length > 100) sockets.shift()?.destroy();
}

function createOf(path: string): { readonly opCode: number; readonly body: Uint8Array } {
  const body = CreateRequest.encode({ path, data: null, acl: [...OPEN_ACL_UNSAFE], flags: 0 });
  return { opCode: OpCode.create, body };
}

function dial(port: number): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  // The other side may well cut us off.
  socket.on("error", () => undefined);
  // Without reading, its end would never be noticed.
  socket.resume();
  sockets.push(socket);
  return socket;
}

/** Numbers that look random and are the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
