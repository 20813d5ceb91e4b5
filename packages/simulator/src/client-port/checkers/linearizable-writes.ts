/**
 * LinearizableWrites: a write takes effect between being asked for and being answered:
 * its txn comes after every txn of which anybody had been told before it was asked
 * for. And whoever has synced sees all that anybody had been told before: judged
 * only where one server led all the while, since a leader that has been replaced
 * and does not know it yet answers a sync.
 */
import { formatZxid, OpCode, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "../../checkers/checker.js";
import type { FrameEvent, FrameHappening, FrameRequest } from "../frame-event.js";
import { Leaderships } from "./leaderships.js";
import { isEagerRefusal } from "./eager-refusals.js";

interface Asked {
  /** The greatest zxid of which any client had been told then. */
  readonly known: Zxid;
  /** Undefined unless exactly one server led. */
  readonly leadership: number | undefined;
}

export class LinearizableWrites implements Checker {
  readonly name = "linearizable-writes";
  readonly watches = ["frame", "changed", "crash"] as const;
  readonly #asked = new WeakMap<FrameRequest, Asked>();
  readonly #leaderships = new Leaderships();
  #known: Zxid = 0n;

  observe(observation: Observation): void {
    this.#leaderships.observe(observation);
    if (observation.kind !== "frame") return;
    const { happening, sid } = observation;
    const { event, isReader } = happening;
    // A server without a leader shows what it has, which nobody has promised to anybody.
    if (isReader === true) return;
    if (event.kind === "asked") {
      const leadership = this.#leaderships.only;
      this.#asked.set(event.request, { known: this.#known, leadership });
    } else if (event.kind === "answered") this.#onAnswer(happening, sid, event);
  }

  #onAnswer(
    { client }: FrameHappening,
    sid: Sid,
    { request, zxid, xid, err }: Extract<FrameEvent, { kind: "answered" }>,
  ): void {
    const asked = request && this.#asked.get(request);
    if (asked === undefined) return;
    const isWrite =
      request?.operation !== undefined &&
      request.objection === undefined &&
      !isEagerRefusal(zxid, err);
    if (isWrite && zxid <= asked.known)
      throw new InvariantViolation(
        "LinearizableWrites",
        `${client}: request ${xid} becomes ${formatZxid(zxid)}, when ${formatZxid(asked.known)} was known before it was made`,
      );
    const { leadership } = asked;
    const isSync = request?.message.type === OpCode.sync && err === 0;
    if (
      isSync &&
      leadership !== undefined &&
      leadership === this.#leaderships.only &&
      zxid < asked.known
    )
      throw new InvariantViolation(
        "LinearizableWrites",
        `${client}: server ${sid} is at ${formatZxid(zxid)} after a sync, when ${formatZxid(asked.known)} was known before`,
      );
    if (zxid > this.#known) this.#known = zxid;
  }
}
