/**
 * What a leader proposes, acknowledges and commits, counted from what its peer sends and applies. A
 * server that stands alone proposes nothing to anybody: Java counts nothing there either.
 */
import type { LoggedTxn } from "@jute-ts/quorum";
import type { Zxid } from "@jute-ts/zookeeper";
import type { Measurements } from "./measurements.js";

export class ProposalFigures {
  readonly #measurements: Measurements;
  /** The last txn that was proposed; undefined while this server does not lead. */
  #lastZxid: Zxid | undefined;
  /** When each proposal was made that is not committed yet, oldest first. */
  #madeMs: number[] = [];
  #durableZxid: Zxid = 0n;
  /** What the leader has not acknowledged itself yet, oldest first. */
  #unacknowledged: LoggedTxn[] = [];

  constructor(measurements: Measurements) {
    this.#measurements = measurements;
  }

  /** From here on this server leads, and what comes after this txn is proposed by it. */
  begin(zxid: Zxid): void {
    this.#lastZxid = zxid;
    this.#madeMs = [];
    this.#unacknowledged = [];
  }

  end(): void {
    this.#lastZxid = undefined;
    this.#madeMs = [];
    this.#unacknowledged = [];
  }

  /** A proposal is sent. Each follower gets it, and those that come later get it again. */
  sent(txn: LoggedTxn, nowMs: number): void {
    const { zxid, bytes } = txn;
    if (this.#lastZxid === undefined || zxid <= this.#lastZxid) return;
    this.#lastZxid = zxid;
    this.#madeMs.push(nowMs);
    if (zxid > this.#durableZxid) this.#unacknowledged.push(txn);
    this.#measurements.count("proposal_count");
    this.#measurements.record("proposal_size", bytes.length);
  }

  /** The own log is durable up to this txn, which is a leader's acknowledgement. */
  durable(zxid: Zxid, wallMs: number): void {
    if (zxid === this.#durableZxid) return;
    this.#durableZxid = zxid;
    const count = this.#unacknowledged.findIndex((txn) => txn.zxid > zxid);
    const acknowledged =
      count === -1 ? this.#unacknowledged.splice(0) : this.#unacknowledged.splice(0, count);
    for (const { header } of acknowledged) {
      const tookMs = wallMs - Number(header.time);
      // The clock may have been set back.
      if (tookMs >= 0) this.#measurements.record("proposal_ack_creation_latency", tookMs);
    }
  }

  /** A txn is applied, which a leader does when it commits it. */
  applied(txn: LoggedTxn, nowMs: number): void {
    if (this.#lastZxid === undefined) return;
    // Without followers it was sent to nobody.
    this.sent(txn, nowMs);
    this.#measurements.count("commit_count");
    this.#measurements.record("quorum_ack_latency", nowMs - (this.#madeMs.shift() ?? nowMs));
  }
}
