/**
 * CommitConsistent: on each link, txns are committed in the order in which they
 * were proposed, none is left out, and a leader tells nobody of a commit in its
 * own epoch that did not happen.
 */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { epochOf, formatZxid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { PerLink } from "../model/ghost-links.js";
import type { Ghosts } from "../model/ghosts.js";

/** Proposed and not committed. The first `done` are committed; they are removed in bulk. */
interface Pending {
  zxids: Zxid[];
  done: number;
}

export class CommitConsistent implements Checker {
  readonly name = "commit-consistent";
  readonly watches = ["sent"] as const;
  readonly #ghosts: Ghosts;
  readonly #pending = new PerLink<Pending>(() => ({ zxids: [], done: 0 }));

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    const epoch = observation.after.epoch ?? observation.before.epoch;
    for (const effect of observation.effects) {
      if (effect.kind !== "send") continue;
      const { packet } = effect;
      if (!("txn" in packet) && packet.kind !== "COMMIT" && packet.kind !== "COMMITANDACTIVATE")
        continue;
      const pending = this.#pending.of(this.#ghosts.links.link(effect.connection, world));
      const committed = judgeOrder(packet, pending);
      if (committed !== undefined && epochOf(committed) === epoch) this.#judgeDone(committed);
    }
  }

  #judgeDone(zxid: Zxid): void {
    const { history } = this.#ghosts;
    if (history.contains(history.committedZxid, zxid)) return;
    throw new InvariantViolation(
      "CommitConsistent",
      `${formatZxid(zxid)} is announced as committed, but its leader has committed up to ${formatZxid(history.committedZxid)} only`,
    );
  }
}

/** Returns the txn that the packet says is committed. */
function judgeOrder(packet: OutgoingPacket, pending: Pending): Zxid | undefined {
  switch (packet.kind) {
    case "PROPOSAL":
      pending.zxids.push(packet.txn.zxid);
      return undefined;
    case "COMMIT":
    case "COMMITANDACTIVATE":
      takeNext(pending, packet.zxid);
      return packet.zxid;
    case "INFORM":
    case "INFORMANDACTIVATE":
      if (pending.zxids.length > pending.done) throw outOfOrder(packet.txn.zxid, pending);
      return packet.txn.zxid;
    default:
      return undefined;
  }
}

function takeNext(pending: Pending, zxid: Zxid): void {
  if (pending.zxids[pending.done] !== zxid) throw outOfOrder(zxid, pending);
  pending.done++;
  if (pending.done < REMOVE_AT) return;
  pending.zxids.splice(0, pending.done);
  pending.done = 0;
}

function outOfOrder(zxid: Zxid, { zxids, done }: Pending): InvariantViolation {
  const next = zxids[done];
  const expected = next === undefined ? "nothing is pending" : `${formatZxid(next)} is next`;
  return new InvariantViolation(
    "CommitConsistent",
    `commit of ${formatZxid(zxid)}, but ${expected}`,
  );
}

const REMOVE_AT = 256;
