/**
 * ConnectionLimits: a server takes no connection beyond those that one address, or all
 * together, may have, and refuses none while there is room. A connection counts from
 * when it is taken until the server has closed it, or has learned that its client has.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "../../checkers/checker.js";
import type { SocketId } from "../../world/client-network.js";
import type { ClientLimits } from "../../world/settings.js";

type ConnectionObservation = Extract<Observation, { kind: "connection" }>;

export class ConnectionLimits implements Checker {
  readonly name = "connection-limits";
  readonly watches = ["connection", "crash"] as const;
  readonly #limits: ClientLimits;
  /** The connections that each server has, with their addresses. */
  readonly #connections = new Map<Sid, Map<SocketId, string>>();

  constructor(limits: ClientLimits) {
    this.#limits = limits;
  }

  observe(observation: Observation): void {
    if (observation.kind === "crash") this.#connections.delete(observation.sid);
    else if (observation.kind === "connection") this.#onConnection(observation);
  }

  #onConnection({ sid, connection, address, change }: ConnectionObservation): void {
    const open = this.#connections.get(sid) ?? new Map<SocketId, string>();
    this.#connections.set(sid, open);
    switch (change) {
      case "admitted": {
        const excess = this.#excess(open, address);
        if (excess !== undefined)
          throw violation(`server ${sid} takes one connection too many: ${excess}`);
        open.set(connection, address);
        return;
      }
      case "refused":
        if (this.#excess(open, address) === undefined)
          throw violation(
            `server ${sid} refuses a connection of ${address}, of which it has ${countOf(open, address)}, and ${open.size} in all`,
          );
        return;
      case "closed":
      case "ended":
        open.delete(connection);
        return;
      case "heard":
      case "answered":
        return;
    }
  }

  /** Which limit one more connection would exceed; undefined if none. */
  #excess(open: ReadonlyMap<SocketId, string>, address: string): string | undefined {
    const { perAddress, total } = this.#limits;
    const ofAddress = countOf(open, address);
    if (perAddress > 0 && ofAddress >= perAddress)
      return `${address} has ${ofAddress}, of ${perAddress} that it may have`;
    if (total > 0 && open.size >= total) return `it has ${open.size}, of ${total} that it may have`;
    return undefined;
  }
}

function countOf(open: ReadonlyMap<SocketId, string>, address: string): number {
  let count = 0;
  for (const each of open.values()) if (each === address) count += 1;
  return count;
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("ConnectionLimits", text);
}
