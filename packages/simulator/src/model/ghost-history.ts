/**
 * What has happened to the history that the ensemble agrees on, as nobody inside
 * it can know it: who led each epoch, which history each leader began with, every
 * txn that was ever logged or sent, and how far the history is committed.
 *
 * The shape of all histories is small: a txn (e, n) follows (e, n - 1), and the
 * first txn of an epoch follows the last txn that its leader had. So the last
 * zxid of a log names the whole log that it should be, and "is a prefix of" is a
 * walk over epochs, not over txns. That the logs are what their last zxid says is
 * checked where txns are appended and applied (total-order, log-continuity).
 *
 * A ghost judges nothing. It must be asked about an observation after it has
 * seen it, so it comes before the checkers that use it.
 */
import { counterOf, type Epoch, epochOf, NO_TXN, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { PeerStatus } from "@jute-ts/quorum";
import type { Checker, Observation } from "../checkers/checker.js";

/** Who led an epoch, and with which history it began. */
export interface Leadership {
  readonly leader: Sid;
  /** The last txn that the leader had when its epoch was agreed on. */
  readonly initialZxid: Zxid;
}

/** A txn's bytes and where they were seen first. */
export interface SeenTxn {
  readonly zxid: Zxid;
  readonly bytes: Uint8Array;
  readonly firstSeenAt: Sid;
}

export class GhostHistory implements Checker {
  readonly name = "ghost-history";
  readonly watches = ["changed", "sent", "applied"] as const;
  readonly #leaderships = new Map<Epoch, Leadership>();
  readonly #txns = new Map<Zxid, SeenTxn>();
  readonly #order: Zxid[] = [];
  #committed: Zxid;

  /** `firstZxid`: what every disk held before the run, committed and without a txn to show for it. */
  constructor(firstZxid: Zxid = NO_TXN) {
    this.#committed = firstZxid;
  }

  /** The last txn that is known to be committed: some server counts on it. */
  get committedZxid(): Zxid {
    return this.#committed;
  }

  /** All committed txns, oldest first. Grows; never changes otherwise. */
  get order(): readonly Zxid[] {
    return this.#order;
  }

  /** The first leadership of an epoch; undefined when nobody has led it. */
  leadership(epoch: Epoch): Leadership | undefined {
    return this.#leaderships.get(epoch);
  }

  txn(zxid: Zxid): SeenTxn | undefined {
    return this.#txns.get(zxid);
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { sid, before, after, effects } = observation;
    this.#noteLeadership(after);
    for (const effect of effects) {
      if (effect.kind === "applied") this.noteTxn(effect.txn.zxid, effect.txn.bytes, sid);
      else if (effect.kind === "send" && "txn" in effect.packet)
        this.noteTxn(effect.packet.txn.zxid, effect.packet.txn.bytes, sid);
    }
    if (
      after.lastCommittedZxid !== before.lastCommittedZxid ||
      after.lastProcessedZxid !== before.lastProcessedZxid
    )
      this.#noteCommitted(deliveredZxid(after));
  }

  /** A txn was seen at a server: sent, applied, or in its log. The bytes are copied when it is new. */
  noteTxn(zxid: Zxid, bytes: Uint8Array, sid: Sid): void {
    if (this.#txns.has(zxid)) return;
    this.#txns.set(zxid, { zxid, bytes: bytes.slice(), firstSeenAt: sid });
  }

  /** The last txn of a history that is said to end here: where an epoch begins, there is no txn. */
  lastTxn(zxid: Zxid): Zxid {
    let last = zxid;
    while (last !== NO_TXN && counterOf(last) === 0) {
      const leadership = this.#leaderships.get(epochOf(last));
      if (leadership === undefined) return last;
      last = leadership.initialZxid;
    }
    return last;
  }

  /** What comes right before a txn in every log that holds it. */
  predecessor(zxid: Zxid): Zxid {
    return this.lastTxn(zxid - 1n);
  }

  /** Whether the history that ends at `last` holds the txn. Every history holds the empty one. */
  contains(last: Zxid, zxid: Zxid): boolean {
    const wanted = this.lastTxn(zxid);
    if (wanted <= NO_TXN) return true;
    const epoch = epochOf(wanted);
    let end = this.lastTxn(last);
    while (epochOf(end) > epoch) {
      const leadership = this.#leaderships.get(epochOf(end));
      if (leadership === undefined) return false;
      end = leadership.initialZxid;
    }
    return epochOf(end) === epoch && end >= wanted;
  }

  /** Where two histories part: the last txn that both hold. */
  commonZxid(one: Zxid, other: Zxid): Zxid {
    let a = this.lastTxn(one);
    let b = this.lastTxn(other);
    while (epochOf(a) !== epochOf(b)) {
      if (epochOf(a) > epochOf(b)) a = this.#leaderships.get(epochOf(a))?.initialZxid ?? NO_TXN;
      else b = this.#leaderships.get(epochOf(b))?.initialZxid ?? NO_TXN;
    }
    return a < b ? a : b;
  }

  /** An epoch begins when its leader has left discovery: from there on its history does not change but by its own proposals. */
  #noteLeadership({ sid, role, phase, epoch, lastProcessedZxid }: PeerStatus): void {
    if (role !== "leading" || phase === "discovery" || epoch === undefined) return;
    if (this.#leaderships.has(epoch)) return;
    const initialZxid = this.lastTxn(lastProcessedZxid);
    // A leader that has already proposed in its epoch began where the epoch's predecessor ends, which nobody saw.
    if (epochOf(initialZxid) >= epoch) return;
    this.#leaderships.set(epoch, { leader: sid, initialZxid });
  }

  /** Only what extends the committed history counts; what contradicts it is prefix-consistency's to judge. */
  #noteCommitted(delivered: Zxid): void {
    if (delivered <= this.#committed || !this.contains(delivered, this.#committed)) return;
    const fresh: Zxid[] = [];
    for (
      let zxid = this.lastTxn(delivered);
      zxid > this.#committed;
      zxid = this.predecessor(zxid)
    ) {
      // Without its leader, nobody knows what comes before a txn: integrity judges that.
      if (!this.#leaderships.has(epochOf(zxid))) return;
      fresh.push(zxid);
    }
    this.#order.push(...fresh.reverse());
    this.#committed = this.lastTxn(delivered);
  }
}

/** The last txn that a server has delivered: applied, and known there to be committed. */
export function deliveredZxid(status: PeerStatus): Zxid {
  const { lastProcessedZxid, lastCommittedZxid } = status;
  return lastProcessedZxid < lastCommittedZxid ? lastProcessedZxid : lastCommittedZxid;
}
