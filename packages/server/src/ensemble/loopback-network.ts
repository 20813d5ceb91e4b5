/** The connections between the servers of an ensemble in one process, which can be cut. */
import type { Socket } from "node:net";
import type { Sid } from "@jute-ts/zookeeper";
import type { Transport } from "../node/transport.js";

export class LoopbackNetwork {
  readonly #isolated = new Set<Sid>();
  /** Each connection once, by its end at the server that opened it. */
  readonly #open = new Set<{ readonly ends: readonly [Sid, Sid]; readonly socket: Socket }>();

  /** How a server connects to the others, and is connected to. */
  transportOf(sid: Sid, transport: Transport): Transport {
    return {
      connect: async (to) => {
        this.#check(sid, to.sid);
        const socket = await transport.connect(to);
        try {
          this.#check(sid, to.sid);
        } catch (error) {
          socket.destroy();
          throw error;
        }
        const connection = { ends: [sid, to.sid] as const, socket };
        this.#open.add(connection);
        socket.once("close", () => this.#open.delete(connection));
        return socket;
      },
      createServer: (onSocket, onRefused) => transport.createServer(onSocket, onRefused),
    };
  }

  isolate(sid: Sid): void {
    this.#isolated.add(sid);
    for (const { ends, socket } of this.#open) {
      // The other end sees that it is closed.
      if (ends.includes(sid)) socket.destroy();
    }
  }

  reconnect(sid: Sid): void {
    this.#isolated.delete(sid);
  }

  #check(from: Sid, to: Sid): void {
    if (!this.#isolated.has(from) && !this.#isolated.has(to)) return;
    const error = new Error(`server ${from} is cut off from server ${to}`);
    throw Object.assign(error, { code: "ECONNREFUSED" });
  }
}
