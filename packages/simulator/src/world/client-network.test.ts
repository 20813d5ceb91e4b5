import { describe, expect, it } from "vitest";
import { ClientNetwork, type SocketId } from "./client-network.js";
import { EventQueue } from "./event-queue.js";

const BYTES = Uint8Array.of(1, 2, 3);

/** A client of one server, whose process may end while it connects. */
class Bench {
  readonly queue = new EventQueue();
  readonly client: string[] = [];
  readonly server: string[] = [];
  isUp = true;
  readonly network = new ClientNetwork({
    seed: 1,
    pipe: { minLatencyMs: 1, meanExtraLatencyMs: 0, splitProbability: 0, windowBytes: 1000 },
    queue: this.queue,
    port: () => ({
      isRunning: this.isUp,
      accept: () => {
        if (this.isUp) this.server.push("accept");
        return this.isUp;
      },
      onBytes: (_socket, bytes) => this.server.push(`bytes ${bytes.join()}`),
      onDrained: () => undefined,
      onEnd: () => this.server.push("end"),
    }),
  });

  connect(): SocketId {
    return this.network.connect("c", "10.0.0.1", 1n, {
      onOpen: () => this.client.push("open"),
      onBytes: () => undefined,
      onEnd: (text) => this.client.push(text),
    });
  }

  run(): void {
    while (this.queue.advance());
  }
}

describe("a client that connects while the server's process ends", () => {
  it.each([true, false])("is served by the next one as any other (unheard: %s)", (silently) => {
    const bench = new Bench();
    const socket = bench.connect();
    bench.network.processEnded(1n, silently);
    bench.run();
    expect(bench.client).toEqual(["open"]);
    bench.network.sendUp(socket, BYTES);
    bench.network.closeByClient(socket, true);
    bench.run();
    expect(bench.server).toEqual(["accept", `bytes ${BYTES.join()}`, "end"]);
  });

  it("is refused where there is none", () => {
    const bench = new Bench();
    bench.connect();
    bench.isUp = false;
    bench.network.processEnded(1n, true);
    bench.run();
    expect(bench.client).toEqual(["refused"]);
  });

  it("hears of the end of the process that has accepted it", () => {
    const bench = new Bench();
    bench.connect();
    bench.run();
    bench.network.processEnded(1n, false);
    bench.run();
    expect(bench.client).toEqual(["open", "the server's process has ended"]);
  });
});
