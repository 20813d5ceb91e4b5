/**
 * LeaderLogCompleteness: the history that a leader begins with holds everything
 * that is committed, and everything of earlier epochs that is ever committed
 * afterwards: an older leader may hear of its quorum late.
 */
import { type Epoch, epochOf, formatZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { GhostHistory, Reign } from "./ghost-history.js";

export class LeaderLogCompleteness implements Checker {
  readonly name = "leader-log-completeness";
  readonly watches = ["changed"] as const;
  readonly #history: GhostHistory;
  readonly #reigns = new Map<Epoch, Reign>();
  #judged: Zxid = NO_TXN;
  /** The reign in which `#judged` was committed. */
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
      for (const [epoch, reign] of this.#reigns) this.#judge(epoch, reign, committedZxid);
    }
    if (epoch === undefined || this.#reigns.has(epoch)) return;
    const reign = this.#history.reign(epoch);
    if (reign === undefined) return;
    this.#reigns.set(epoch, reign);
    this.#judge(epoch, reign, committedZxid);
  }

  #judge(epoch: Epoch, { leader, initialZxid }: Reign, committed: Zxid): void {
    if (this.#judgedIn >= epoch || epochOf(committed) >= epoch) return;
    if (this.#history.contains(initialZxid, committed)) return;
    throw new InvariantViolation(
      "LeaderLogCompleteness",
      `${leader} began epoch ${epoch} with ${formatZxid(initialZxid)}, without ${formatZxid(committed)}, which is committed`,
    );
  }
}
