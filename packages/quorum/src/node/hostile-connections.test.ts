/** What strangers may do to the two ports while an ensemble works: nothing that matters. */
import { connect, type Socket } from "node:net";
import { CreateRequest, OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";
import { afterEach, describe, expect, it } from "vitest";
import { encodeElectionHello } from "./election-hello.js";
import { type Ensemble, startEnsemble } from "./ensemble.js";

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
    await ensemble.ready(20_000);
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
        const path = `/n${i}`;
        const body = CreateRequest.encode({
          path,
          data: null,
          acl: [...OPEN_ACL_UNSAFE],
          flags: 0,
        });
        const { result } = await ensemble.propose({ opCode: OpCode.create, body });
        expect(result.err).toBe(0);
      }
    }
    await ensemble.converged();
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
    const body = CreateRequest.encode({
      path: "/a",
      data: null,
      acl: [...OPEN_ACL_UNSAFE],
      flags: 0,
    });
    expect((await ensemble.propose({ opCode: OpCode.create, body })).result.err).toBe(0);
  });
});

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
