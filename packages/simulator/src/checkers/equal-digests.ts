/**
 * EqualDigests: servers that have applied up to the same txn have equal trees and equally
 * many sessions, however they got there; and in the end each member's tree is
 * what all committed txns make of an empty one.
 */
import { formatZxid, TxnHeader } from "@jute-ts/zookeeper";
import type { ReplicatedState } from "@jute-ts/quorum";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { digestAfter, type GhostDigests } from "../model/ghost-digests.js";
import type { GhostHistory } from "../model/ghost-history.js";

export class EqualDigests implements Checker {
  readonly name = "equal-digests";
  readonly watches = ["changed"] as const;
  readonly #digests: GhostDigests;
  readonly #history: GhostHistory;

  constructor(digests: GhostDigests, history: GhostHistory) {
    this.#digests = digests;
    this.#history = history;
  }

  observe(observation: Observation, world: WorldView): void {
    const now = digestAfter(observation, world);
    if (now === undefined) return;
    const seen = this.#digests.seen(now.zxid);
    if (seen === undefined) return;
    if (seen.digest === now.digest && seen.sessions === now.sessions) return;
    throw new InvariantViolation(
      "EqualDigests",
      `at ${formatZxid(now.zxid)} ${now.sid} has digest ${now.digest} and ${now.sessions} sessions, ${seen.sid} had ${seen.digest} and ${seen.sessions}`,
    );
  }

  atEnd(world: WorldView): void {
    const replayed = this.#replay(world.newState());
    for (const { sid, state } of world.peers.values()) {
      if (state === undefined || state.lastProcessedZxid !== replayed.lastProcessedZxid) continue;
      if (state.digest() === replayed.digest() && state.sessions.size === replayed.sessions.size)
        continue;
      const zxid = formatZxid(replayed.lastProcessedZxid);
      const text = `the state of ${sid} is not what all committed txns up to ${zxid} make of an empty one`;
      throw new InvariantViolation("EqualDigests", text);
    }
  }

  #replay(state: ReplicatedState): ReplicatedState {
    for (const zxid of this.#history.order) {
      const bytes = this.#history.txn(zxid)?.bytes;
      if (bytes === undefined) {
        throw new InvariantViolation(
          "EqualDigests",
          `${formatZxid(zxid)} is committed, but was never seen`,
        );
      }
      state.apply({ zxid, header: TxnHeader.decode(bytes.subarray(0, TXN_HEADER_BYTES)), bytes });
    }
    return state;
  }
}

const TXN_HEADER_BYTES = 32;
