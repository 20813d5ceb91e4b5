/**
 * LeaderLogCompleteness: the history that a leader begins with holds everything
 * that is committed, and everything of earlier epochs that is ever committed
 * afterwards: an older leader may hear of its quorum late.
 */
import { type Epoch, epochOf, formatZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { GhostHistory, Leadership } from "../model/ghost-history.js";

export class LeaderLogCompleteness implements Checker {
  readonly name = "leader-log-completeness";
  readonly watches = ["changed"] as const;
  readonly #history: GhostHistory;
  readonly #leaderships = new Map<Epoch, Leadership>();
  #judged: Zxid = NO_TXN;
  /** The leadership in which `#judged` was committed. */
  #judgedIn: Epoch = 0;

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { committedZxid } = this.#history;
    const { epoch } = observation.after;
    if (committedZxid !== this.#judged) {
      this.#judged = committedZxid;
      this.#judgedIn = epoch ?? this.#judgedIn;
      for (const [epoch, leadership] of this.#leaderships)
        this.#judge(epoch, leadership, committedZxid);
    }
    if (epoch === undefined || this.#leaderships.has(epoch)) return;
    const leadership = this.#history.leadership(epoch);
    if (leadership === undefined) return;
    this.#leaderships.set(epoch, leadership);
    this.#judge(epoch, leadership, committedZxid);
  }

  #judge(epoch: Epoch, { leader, initialZxid }: Leadership, committed: Zxid): void {
    if (this.#judgedIn >= epoch || epochOf(committed) >= epoch) return;
    if (this.#history.contains(initialZxid, committed)) return;
    throw new InvariantViolation(
      "LeaderLogCompleteness",
      `${leader} began epoch ${epoch} with ${formatZxid(initialZxid)}, without ${formatZxid(committed)}, which is committed`,
    );
  }
}
