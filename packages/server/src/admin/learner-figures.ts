/**
 * How long after they were made a leader's proposals reach a follower, and how long until it
 * acknowledges them. When a txn was made is known here once it is applied, so the two moments
 * are kept until then; or the first of them until the other, where the log is slower than others'. Clocks of different machines may disagree: as in Java, what would have
 * taken less than nothing is left out.
 */
import type { LoggedTxn } from "@jute-ts/quorum";
import type { Zxid } from "@jute-ts/zookeeper";
import type { Measurements } from "./measurements.js";

interface Moment {
  readonly zxid: Zxid;
  readonly wallMs: number;
}

export class LearnerFigures {
  readonly #measurements: Measurements;
  /** The last txn that the log was given; undefined while this server does not follow. */
  #lastLogged: Zxid | undefined;
  /** For each turn that brought proposals the last one of them, while it is not applied. */
  #arrived: Moment[] = [];
  #acknowledged: Moment[] = [];
  /** What others committed before this log was durable, and when it was made. */
  #unacknowledged: Moment[] = [];

  constructor(measurements: Measurements) {
    this.#measurements = measurements;
  }

  /** From here on this server follows, and the log goes up to this txn. */
  begin(zxid: Zxid): void {
    this.#lastLogged = zxid;
  }

  end(): void {
    this.#lastLogged = undefined;
    this.#arrived = [];
    this.#acknowledged = [];
    this.#unacknowledged = [];
  }

  /** The log has been given everything up to this txn. */
  logged(zxid: Zxid, wallMs: number): void {
    if (this.#lastLogged === undefined || zxid <= this.#lastLogged) return;
    this.#lastLogged = zxid;
    this.#arrived.push({ zxid, wallMs });
  }

  acknowledged(zxid: Zxid, wallMs: number): void {
    if (this.#lastLogged === undefined) return;
    dropBefore(this.#unacknowledged, zxid);
    const made = this.#unacknowledged[0];
    if (made?.zxid !== zxid) this.#acknowledged.push({ zxid, wallMs });
    else this.#record("proposal_ack_creation_latency", wallMs - made.wallMs);
  }

  applied({ zxid, header }: LoggedTxn): void {
    if (this.#lastLogged === undefined) return;
    const madeMs = Number(header.time);
    dropBefore(this.#arrived, zxid);
    const arrived = this.#arrived[0];
    if (arrived !== undefined) this.#record("proposal_latency", arrived.wallMs - madeMs);
    dropBefore(this.#acknowledged, zxid);
    const acknowledged = this.#acknowledged[0];
    if (acknowledged?.zxid !== zxid) this.#unacknowledged.push({ zxid, wallMs: madeMs });
    else this.#record("proposal_ack_creation_latency", acknowledged.wallMs - madeMs);
  }

  #record(name: "proposal_latency" | "proposal_ack_creation_latency", ms: number): void {
    if (ms >= 0) this.#measurements.record(name, ms);
  }
}

function dropBefore(moments: Moment[], zxid: Zxid): void {
  const count = moments.findIndex((moment) => moment.zxid >= zxid);
  moments.splice(0, count === -1 ? moments.length : count);
}
