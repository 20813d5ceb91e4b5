/**
 * TakenRequests: a server takes what its clients ask of the quorum as long as fewer requests wait for
 * an answer than it was told, and refuses what comes then. A leader counts with them what it asks by
 * itself, and their bytes; a learner the sessions that it asks for.
 */
import type { Answer, RequestId } from "@jute-ts/quorum";
import { counterOf, epochOf, makeZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { Checker, Observation, PeerView, WorldView } from "./checker.js";
import { Verdicts } from "./verdicts.js";

type Step = Extract<Observation, { kind: "step" }>;

/** What waits at a server. */
interface Waiting {
  readonly requests: Set<RequestId>;
  /** What it has proposed by itself as a leader and not applied. */
  own: readonly Zxid[];
}

export class TakenRequests implements Checker {
  readonly name = "taken-requests";
  readonly watches = ["step", "crash"] as const;
  readonly #maxQueuedBytes: number;
  readonly #waiting = new Map<Sid, Waiting>();
  readonly #verdicts = new Verdicts("TakenRequests");

  constructor({ maxQueuedBytes = Infinity }: { readonly maxQueuedBytes?: number | undefined }) {
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  observe(observation: Observation, { peers }: WorldView): void {
    if (observation.kind === "crash") {
      this.#waiting.delete(observation.sid);
      this.#verdicts.crashed(observation.sid);
    } else if (observation.kind === "step") this.#onStep(observation, peers.get(observation.sid));
  }

  atEnd(): void {
    this.#verdicts.atEnd();
  }

  #onStep(step: Step, peer: PeerView | undefined): void {
    const { sid, event, effects, before } = step;
    this.#verdicts.goesOn(sid);
    const isLeading = before.role === "leading";
    const asked = askedBy(step, isLeading);
    let waiting = this.#waiting.get(sid);
    if (waiting === undefined) this.#waiting.set(sid, (waiting = { requests: new Set(), own: [] }));
    const { requests, own } = waiting;
    const count = requests.size;
    waiting.own = isLeading ? ownAfter(own, step) : [];
    if (asked === undefined && count === 0) return;
    let answer: Answer | undefined;
    for (const effect of effects) {
      if (effect.kind !== "answer") continue;
      requests.delete(effect.request);
      if (effect.request === asked) answer = effect.answer;
    }
    const most = peer?.maxWaitingRequests;
    if (asked === undefined || most === undefined) return;
    if (answer?.kind !== "refused") {
      if (count >= most)
        this.#verdicts.note(sid, `takes a ${event.kind} while ${count} wait, and may ${most}`);
    } else if (answer.text === TOO_MANY) {
      const all = isLeading ? count + own.length : count;
      const mayHoldEnough = isLeading && all > 0 && this.#maxQueuedBytes <= MOST_TXN_BYTES;
      if (all < most && !mayHoldEnough)
        this.#verdicts.note(sid, `refuses a ${event.kind} while ${all} wait, and may take ${most}`);
    }
    if (answer === undefined) requests.add(asked);
  }
}

/** When its clock says so, a leader ends sessions and removes znodes by itself. */
function ownAfter(own: readonly Zxid[], { event, before, after }: Step): readonly Zxid[] {
  const last = after.lastLoggedZxid;
  const isOwn = event.kind === "deadline" && last > before.lastLoggedZxid;
  if (own.length === 0 && !isOwn) return own;
  const left = own.filter((zxid) => zxid > after.lastProcessedZxid);
  if (!isOwn) return left;
  // What it has of earlier epochs is applied when it serves.
  const known =
    epochOf(before.lastLoggedZxid) === epochOf(last) ? counterOf(before.lastLoggedZxid) : 0;
  for (let counter = known + 1; counter <= counterOf(last); counter++)
    left.push(makeZxid(epochOf(last), counter));
  return left;
}

/** What a client of this server asks for in a step, if that may have to wait. */
function askedBy({ event }: Step, isLeading: boolean): RequestId | undefined {
  if (event.kind === "submit" || event.kind === "sync") return event.request;
  return event.kind === "revalidate" && !isLeading ? event.request : undefined;
}

/** As servers say it: other requests they refuse for what they ask. */
const TOO_MANY = "too many requests wait already";
/** How long all txns together may be that wait in a run. */
const MOST_TXN_BYTES = 64 * 1024;
