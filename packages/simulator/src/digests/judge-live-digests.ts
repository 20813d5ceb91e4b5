/**
 * LiveDigests: a server tells its operator of each txn after which its state has another digest than the
 * leader had, with both, and of no other. In worlds all states agree, so nothing of it is told there. Each run
 * has one server apply a few txns, of which some carry a digest that is not its state's.
 */
import { type Effect, type LoggedTxn, QuorumPeer, type TxnResult } from "@jute-ts/quorum";
import { formatZxid, OpCode, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation } from "../checkers/checker.js";
import { ListedState, txnBytes } from "../directories/listed-state.js";
import type { NewPeer } from "../directories/machine.js";
import type { PeerKit } from "../world/peer-kit.js";
import { quorumKit } from "../world/quorum-kit.js";
import type { Random } from "../world/random.js";
import { calmSettings } from "../world/settings.js";
import { World } from "../world/world.js";

/** Throws InvariantViolation when a server tells something else of digests that are drawn now. */
export function judgeLiveDigests(
  random: Random,
  newPeer: NewPeer = (options, state) => new QuorumPeer(options, state),
): void {
  const listener: Checker = {
    name: "live-digests",
    watches: ["step"],
    observe: (observation) => {
      if (observation.kind === "step") judgeEffects(observation.effects, state);
    },
  };
  const state = new DoubtedState(random);
  const kit: PeerKit = { ...quorumKit, newPeer, newState: () => state };
  const settings = calmSettings(1);
  const world = new World({ seed: 1, settings, kit, checkers: [listener] });
  world.process(1n).start();
  world.join({
    name: "asker",
    start: (port) => {
      port.after(UNTIL_SERVING_MS, () => {
        for (let cxid = 1; cxid <= REQUESTS; cxid += 1)
          port.submit(1n, { ...CHANGE, cxid }, () => undefined);
      });
    },
  });
  world.runUntil(UNTIL_SERVING_MS + ANSWERED_MS);
  if (state.applied.length < REQUESTS)
    throw violation(`applies ${state.applied.length} txns of ${REQUESTS}`);
}

function judgeEffects(effects: readonly Effect[], state: DoubtedState): void {
  const due: Mismatch[] = [];
  const told: Mismatch[] = [];
  for (const effect of effects) {
    if (effect.kind === "applied") due.push(...state.mismatchAt(effect.txn.zxid));
    else if (effect.kind === "report" && effect.report.kind === "digestMismatch")
      told.push(effect.report);
  }
  const [shownDue, shownTold] = [due, told].map((each) => each.map(describe).join(", "));
  if (shownDue !== shownTold)
    throw violation(`tells of [${shownTold}] where it should of [${shownDue}]`);
}

interface Mismatch {
  readonly zxid: Zxid;
  readonly expected: bigint;
  readonly actual: bigint;
}

function describe({ zxid, expected, actual }: Mismatch): string {
  return `${formatZxid(zxid)}: ${expected} expected, ${actual} found`;
}

/** A state whose leader's digests are right, wrong or missing by chance. */
class DoubtedState extends ListedState {
  readonly #random: Random;
  readonly #mismatches = new Map<Zxid, Mismatch>();

  constructor(random: Random) {
    super();
    this.#random = random;
  }

  /** What is to be told of a txn: one mismatch, or none. */
  mismatchAt(zxid: Zxid): readonly Mismatch[] {
    const mismatch = this.#mismatches.get(zxid);
    return mismatch === undefined ? [] : [mismatch];
  }

  override prepare(_change: unknown, zxid: Zxid): Uint8Array {
    return txnBytes(zxid, undefined, new Uint8Array(0));
  }

  override apply(txn: LoggedTxn): TxnResult {
    const result = super.apply(txn);
    const drawn = this.#random.pick(["right", "wrong", "none"] as const);
    if (drawn === "none") return result;
    const actual = this.digest();
    const expected = drawn === "right" ? actual : actual ^ 1n;
    if (drawn === "wrong") this.#mismatches.set(txn.zxid, { zxid: txn.zxid, expected, actual });
    return { ...result, expectedDigest: expected };
  }
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("LiveDigests", `a server ${text}`);
}

/** The state does not look at what it is. Of no session, it is the server's own. */
const CHANGE = {
  sessionId: 0n,
  opCode: OpCode.setData,
  body: new Uint8Array(0),
  authInfo: [],
};
const REQUESTS = 4;
/** Alone, a server leads after a moment. */
const UNTIL_SERVING_MS = 1000;
const ANSWERED_MS = 100;
