/**
 * BoundedMemory: what a server remembers for clients has a bound. Lists of children, which it
 * keeps as it sends them, have one together; and of what was asked of the quorum on a
 * connection it remembers nothing once that is answered, whether the connection is still there or not.
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
    const { sid, upkeep, owed } = observation;
    const { audited, lists, listBytes } = upkeep;
    limit(sid, `connections, of which it audits what the quorum owes to ${owed}`, audited, owed);
    const { childLists } = peers.get(sid)?.clientRules ?? {};
    if (childLists === undefined) return;
    const { leastNames, maxBytes } = childLists;
    limit(sid, "bytes of lists of children", listBytes, maxBytes);
    const ofOne = LEAST_PATH_BYTES + LENGTH_BYTES + leastNames * (LENGTH_BYTES + LEAST_NAME_BYTES);
    limit(sid, "bytes at least of lists of children", lists * ofOne, listBytes);
  }
}

function limit(sid: Sid, what: string, count: number, most: number): void {
  if (count <= most) return;
  const text = `server ${sid} remembers ${count} ${what}, more than ${most}`;
  throw new InvariantViolation("BoundedMemory", text);
}

/** The root's, in UTF-16. */
const LEAST_PATH_BYTES = 2;
const LEAST_NAME_BYTES = 1;
/** In front of each name, and of a list. */
const LENGTH_BYTES = 4;
