/**
 * OrderedReplies: each reply answers the oldest request of its connection that is
 * not answered; and what a client is shown never goes back: not on a connection,
 * nor on the next one, to whatever server that leads. What a server without a leader shows may
 * never have been committed, and is no promise then beyond its connection.
 */
import { formatZxid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "../../checkers/checker.js";
import type { CommittedTxns } from "../../model/committed-txns.js";
import type { FrameEvent, FrameHappening } from "../frame-event.js";

export class OrderedReplies implements Checker {
  readonly name = "ordered-replies";
  readonly watches = ["frame"] as const;
  readonly #committed: Pick<CommittedTxns, "at">;
  /** By client: the greatest zxid of an answer. Those of events are no promise beyond their connection. */
  readonly #seen = new Map<string, Zxid>();
  readonly #seenOn = new Map<number, Zxid>();

  constructor(committed: Pick<CommittedTxns, "at">) {
    this.#committed = committed;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "frame") return;
    const { happening } = observation;
    const { event, connection } = happening;
    if (event.kind === "event") this.#note(connection, event.zxid);
    else if (event.kind === "answered") this.#onAnswer(happening, event);
  }

  #onAnswer(
    { client, connection, isReader }: FrameHappening,
    { request, xid, zxid, err }: Extract<FrameEvent, { kind: "answered" }>,
  ): void {
    if (request?.xid !== xid) {
      const asked = request === undefined ? "nothing" : `request ${request.xid}`;
      throw violation(`${client} is answered request ${xid}, and had asked ${asked}`);
    }
    if (zxid <= 0n) return;
    const isRead = request.operation === undefined;
    const seen = max(this.#seen.get(client), this.#seenOn.get(connection));
    if (isRead && zxid < seen)
      throw violation(
        `${client} is shown ${formatZxid(zxid)} by the answer ${err} to request ${xid}, after ${formatZxid(seen)}`,
      );
    this.#note(connection, zxid);
    if (isReader === true && this.#committed.at(zxid) === undefined) return;
    if (zxid > (this.#seen.get(client) ?? 0n)) this.#seen.set(client, zxid);
  }

  #note(connection: number, zxid: Zxid): void {
    if (zxid > (this.#seenOn.get(connection) ?? 0n)) this.#seenOn.set(connection, zxid);
  }
}

function max(one: Zxid = 0n, other: Zxid = 0n): Zxid {
  return one > other ? one : other;
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("OrderedReplies", text);
}
