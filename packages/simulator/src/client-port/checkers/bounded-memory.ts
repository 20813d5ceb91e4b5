/**
 * BoundedMemory: what a server remembers for clients has a bound. Lists of children, which it
 * keeps as it sends them, have one together; and of what was asked of the quorum on a
 * connection it remembers nothing once that is answered, whether the connection is still there or not. Of
 * connections that are gone nothing stays.
 */
import type { Sid } from "@jute-ts/zookeeper";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type WorldView,
} from "../../checkers/checker.js";

export class BoundedMemory implements Checker {
  readonly name = "bounded-memory";
  readonly watches = ["counted"] as const;

  observe(observation: Observation, { peers }: WorldView): void {
    if (observation.kind !== "counted") return;
    const { sid, upkeep, owed, seen } = observation;
    const { audited, listBytes, countedListBytes } = upkeep;
    const connections = [...seen.connections].length;
    const { sessions, idle, idleTimes, waiting, sessionless } = upkeep;
    for (const [what, count] of [
      ["sessions", sessions],
      ["connections that may be silent", idle],
      ["times at which connections are due", idleTimes],
      ["connections that wait for room", waiting],
      ["connections without a session", sessionless],
    ] as const)
      limit(sid, `${what}, of the connections that it has`, count, connections);
    limit(sid, "connections of which something is to be sent, at rest", upkeep.unsent, 0);
    limit(sid, `connections, of which it audits what the quorum owes to ${owed}`, audited, owed);
    limit(sid, "bytes of lists of children than it counts", listBytes, countedListBytes);
    limit(sid, "counted bytes of lists of children than there are", countedListBytes, listBytes);
    const { childLists } = peers.get(sid)?.clientRules ?? {};
    if (childLists !== undefined)
      limit(sid, "bytes of lists of children", listBytes, childLists.maxBytes);
  }
}

function limit(sid: Sid, what: string, count: number, most: number): void {
  if (count <= most) return;
  const text = `server ${sid} remembers ${count} ${what}, more than ${most}`;
  throw new InvariantViolation("BoundedMemory", text);
}
