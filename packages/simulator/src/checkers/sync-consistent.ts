/**
 * SyncConsistent: a sync is answered when all that its leader had proposed by then
 * is committed. What a learner's client asks is answered after those commits, on
 * the same link, so that the learner has applied them when it hears of it. And each is
 * answered before the learner is told of another commit, however many wait for the same.
 */
import type { Effect, RequestId } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { formatZxid, NO_TXN, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { type GhostLinks, PerLink } from "../model/ghost-links.js";

type Step = Extract<Observation, { kind: "step" }>;

/** A sync that a learner has asked for, and between which of its leader's proposals it came. */
interface LearnerSync {
  readonly after: Zxid;
  /** What came with it may have been proposed before it; undefined until its leader has handled all that. */
  atMost: Zxid | undefined;
}

/** What a leader has to do on a link. */
interface Syncs {
  /** The last txn that the learner was told is committed. */
  committed: Zxid;
  /** Oldest first. */
  readonly waiting: LearnerSync[];
}

/** A sync of a leader's own client. */
interface OwnSync {
  readonly sid: Sid;
  readonly after: Zxid;
}

export class SyncConsistent implements Checker {
  readonly name = "sync-consistent";
  readonly watches = ["delivered", "step"] as const;
  readonly #links: GhostLinks;
  readonly #syncs = new PerLink<Syncs>(() => ({ committed: NO_TXN, waiting: [] }));
  /** By whom it is asked, oldest first: a connection may ask again before it is answered. */
  readonly #own = new Map<RequestId, OwnSync[]>();
  /** The last txn that each server has proposed in its leadership; what it proposed in an earlier one may be lost. */
  readonly #proposed = new Map<Sid, Zxid>();

  /** What has reached each leader since its last step. */
  readonly #fresh = new Map<Sid, LearnerSync[]>();

  constructor(links: GhostLinks) {
    this.#links = links;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "delivered") {
      const { connection, packet, to } = observation;
      if (packet.kind !== "SYNCREQUEST") return;
      const { waiting } = this.#syncs.of(this.#links.link(connection, world));
      const sync: LearnerSync = { after: this.#lastProposed(to, world), atMost: undefined };
      waiting.push(sync);
      this.#fresh.set(to, [...(this.#fresh.get(to) ?? []), sync]);
    } else if (observation.kind === "step") {
      this.#onStep(observation, world);
    }
  }

  /** What a leader logs it has proposed, though observers hear of no proposals. */
  #lastProposed(leader: Sid, { peers }: WorldView): Zxid {
    const told = this.#proposed.get(leader) ?? NO_TXN;
    const status = peers.get(leader)?.status;
    const logged = status?.role === "leading" ? status.lastLoggedZxid : NO_TXN;
    return told > logged ? told : logged;
  }

  #onStep({ sid, event, effects, before, after }: Step, world: WorldView): void {
    if (after.role === "leading" && before.role !== "leading") this.#proposed.delete(sid);
    if (event.kind === "sync" && after.role === "leading") {
      const asked = { sid, after: this.#proposed.get(sid) ?? NO_TXN };
      this.#own.set(event.request, [...(this.#own.get(event.request) ?? []), asked]);
    }
    for (const effect of effects) {
      if (effect.kind === "send") {
        const { packet, connection } = effect;
        if (!concerns(packet)) continue;
        const link = this.#links.link(connection, world);
        if (link.leader === sid) this.#onSend(sid, packet, this.#syncs.of(link));
      } else if (effect.kind === "answer") {
        this.#onAnswer(sid, effect, after.lastCommittedZxid);
      }
    }
    for (const sync of this.#fresh.get(sid) ?? []) sync.atMost = this.#lastProposed(sid, world);
    this.#fresh.delete(sid);
  }

  #onAnswer(
    sid: Sid,
    { request, answer }: Extract<Effect, { kind: "answer" }>,
    committed: Zxid,
  ): void {
    const asked = this.#own.get(request);
    if (asked === undefined) return;
    // Nothing is known of what else was asked for when something is not answered.
    if (answer.kind === "refused" || answer.kind === "unknown") this.#own.delete(request);
    if (answer.kind !== "synced") return;
    const own = asked.shift();
    if (asked.length === 0) this.#own.delete(request);
    if (own !== undefined) judge(sid, own.after, committed, "has committed");
  }

  #onSend(leader: Sid, packet: OutgoingPacket, syncs: Syncs): void {
    switch (packet.kind) {
      case "PROPOSAL": {
        // A plan sends again what an older leader has proposed.
        const { zxid } = packet.txn;
        if (zxid > (this.#proposed.get(leader) ?? NO_TXN)) this.#proposed.set(leader, zxid);
        break;
      }
      case "DIFF":
      case "TRUNC":
      case "SNAP":
        syncs.committed = packet.zxid;
        break;
      case "COMMIT":
      case "COMMITANDACTIVATE":
        judgeAnswered(leader, syncs);
        syncs.committed = packet.zxid;
        break;
      case "INFORM":
      case "INFORMANDACTIVATE":
        judgeAnswered(leader, syncs);
        syncs.committed = packet.txn.zxid;
        break;
      case "SYNC":
        judge(
          leader,
          syncs.waiting.shift()?.after ?? NO_TXN,
          syncs.committed,
          "has told of commits",
        );
        break;
      default:
        break;
    }
  }
}

/** What a sync has waited for is committed: no other commit may come before its answer. */
function judgeAnswered(leader: Sid, { committed, waiting }: Syncs): void {
  const oldest = waiting[0]?.atMost;
  if (oldest === undefined || oldest > committed) return;
  throw new InvariantViolation(
    "SyncConsistent",
    `${leader} has not answered a sync that came after its proposal ${formatZxid(oldest)}, has told of commits up to ${formatZxid(committed)}, and goes on`,
  );
}

function judge(leader: Sid, after: Zxid, committed: Zxid, what: string): void {
  if (committed >= after) return;
  throw new InvariantViolation(
    "SyncConsistent",
    `${leader} answers a sync that came after its proposal ${formatZxid(after)}, but it ${what} up to ${formatZxid(committed)} only`,
  );
}

function concerns({ kind }: OutgoingPacket): boolean {
  return CONCERNS.has(kind);
}

const CONCERNS: ReadonlySet<OutgoingPacket["kind"]> = new Set([
  "PROPOSAL",
  "DIFF",
  "TRUNC",
  "SNAP",
  "COMMIT",
  "COMMITANDACTIVATE",
  "INFORM",
  "INFORMANDACTIVATE",
  "SYNC",
]);
