/**
 * What a leader proposes and commits, counted from what its peer sends and applies. A
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

  constructor(measurements: Measurements) {
    this.#measurements = measurements;
  }

  /** From here on this server leads, and what comes after this txn is proposed by it. */
  begin(zxid: Zxid): void {
    this.#lastZxid = zxid;
    this.#madeMs = [];
  }

  end(): void {
    this.#lastZxid = undefined;
    this.#madeMs = [];
  }

  /** A proposal is sent. Each follower gets it, and those that come later get it again. */
  sent({ zxid, bytes }: LoggedTxn, nowMs: number): void {
    if (this.#lastZxid === undefined || zxid <= this.#lastZxid) return;
    this.#lastZxid = zxid;
    this.#madeMs.push(nowMs);
    this.#measurements.count("proposal_count");
    this.#measurements.record("proposal_size", bytes.length);
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
