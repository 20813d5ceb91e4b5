/**
 * ComparedDigests: a server whose tree had the digest that its leader expects compares it after
 * each txn from then on, as long as it follows this leader: trees that come to differ are noticed
 * with the first txn that shows it. What a server holds from before, a snapshot or another
 * leadership, need not agree at once, nor again after a difference was reported.
 */
import { decodeTxn, formatZxid, type Sid, TXN_READING } from "@jute-ts/zookeeper";
import type { Effect, LoggedTxn } from "@jute-ts/quorum";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";

export class ComparedDigests implements Checker {
  readonly name = "compared-digests";
  readonly watches = ["applied", "reported", "crash"] as const;
  /** Servers whose trees agree with what their leaders expect. */
  readonly #agreeing = new Set<Sid>();

  observe(observation: Observation): void {
    if (observation.kind === "crash") this.#agreeing.delete(observation.sid);
    if (observation.kind !== "step") return;
    for (const effect of observation.effects) this.#onEffect(observation.sid, effect);
  }

  #onEffect(sid: Sid, effect: Effect): void {
    switch (effect.kind) {
      case "report":
        if (ENDING.has(effect.report.kind)) this.#agreeing.delete(sid);
        return;
      case "applied": {
        const { txn, result } = effect;
        if (result.expectedDigest !== undefined) this.#agreeing.add(sid);
        else if (this.#agreeing.has(sid) && carriesDigest(txn))
          throw new InvariantViolation(
            "ComparedDigests",
            `server ${sid} compares no digest after ${formatZxid(txn.zxid)}, and the last one was right`,
          );
        return;
      }
      default:
        return;
    }
  }
}

function carriesDigest({ bytes }: LoggedTxn): boolean {
  return decodeTxn(bytes, TXN_READING).digest?.version === COMPARED_VERSION;
}

/** After these a tree may be another one, or is known to be wrong. */
const ENDING: ReadonlySet<string> = new Set(["digestMismatch", "roleChanged", "recovered"]);

/** How Apache's servers compute digests since 3.6. */
const COMPARED_VERSION = 2;
