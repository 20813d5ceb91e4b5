/** PrimaryIntegrity: before a leader proposes anything, it has every txn of an earlier epoch that any server has delivered. */
import { type Epoch, epochOf, formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import { deliveredZxid, type GhostHistory } from "../model/ghost-history.js";

type Step = Extract<Observation, { kind: "step" }>;

export class PrimaryIntegrity implements Checker {
  readonly name = "primary-integrity";
  readonly watches = ["changed", "sent"] as const;
  readonly #history: GhostHistory;
  readonly #delivered = new Map<Sid, Zxid>();
  /** Epochs whose leader has proposed something. */
  readonly #begun = new Set<Epoch>();

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { before, after, sid } = observation;
    const delivered = deliveredZxid(after);
    if (delivered !== deliveredZxid(before)) this.#noteDelivered(sid, delivered);
    const { epoch } = after;
    if (after.role !== "leading" || epoch === undefined || this.#begun.has(epoch)) return;
    if (!proposesIn(observation, epoch)) return;
    this.#begun.add(epoch);
    this.#judge(sid, epoch, before.lastProcessedZxid);
  }

  #noteDelivered(sid: Sid, delivered: Zxid): void {
    if (delivered > (this.#delivered.get(sid) ?? 0n)) this.#delivered.set(sid, delivered);
  }

  #judge(leader: Sid, epoch: Epoch, processed: Zxid): void {
    for (const [sid, zxid] of this.#delivered) {
      if (epochOf(zxid) >= epoch || this.#history.contains(processed, zxid)) continue;
      throw new InvariantViolation(
        "PrimaryIntegrity",
        `${leader} proposes in epoch ${epoch} with a history up to ${formatZxid(processed)}, without ${formatZxid(zxid)} that ${sid} has delivered`,
      );
    }
  }
}

function proposesIn({ effects }: Step, epoch: Epoch): boolean {
  return effects.some(
    (effect) =>
      effect.kind === "send" &&
      effect.packet.kind === "PROPOSAL" &&
      epochOf(effect.packet.txn.zxid) === epoch,
  );
}
