/**
 * SyncConsistent: a sync is answered when all that its leader had proposed by then
 * is committed. What a learner's client asks is answered behind those commits, on
 * the same link, so that the learner has applied them when it hears of it.
 */
import type { Effect, RequestId } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { formatZxid, NO_TXN, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { type GhostLinks, PerLink } from "../model/ghost-links.js";

type Step = Extract<Observation, { kind: "step" }>;

/** What a leader has to do on a link. */
interface Syncs {
  /** The last txn that the learner was told is committed. */
  committed: Zxid;
  /** For each sync that waits, oldest first, the leader's last proposal when it came. */
  readonly waiting: Zxid[];
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

  constructor(links: GhostLinks) {
    this.#links = links;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "delivered") {
      const { connection, packet, to } = observation;
      if (packet.kind !== "SYNCREQUEST") return;
      const { waiting } = this.#syncs.of(this.#links.link(connection, world));
      waiting.push(this.#proposed.get(to) ?? NO_TXN);
    } else if (observation.kind === "step") {
      this.#onStep(observation, world);
    }
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
      case "COMMIT":
      case "COMMITANDACTIVATE":
        syncs.committed = packet.zxid;
        break;
      case "INFORM":
      case "INFORMANDACTIVATE":
        syncs.committed = packet.txn.zxid;
        break;
      case "SYNC":
        judge(leader, syncs.waiting.shift() ?? NO_TXN, syncs.committed, "has told of commits");
        break;
      default:
        break;
    }
  }
}

function judge(leader: Sid, after: Zxid, committed: Zxid, what: string): void {
  if (committed >= after) return;
  throw new InvariantViolation(
    "SyncConsistent",
    `${leader} answers a sync that came behind its proposal ${formatZxid(after)}, but it ${what} up to ${formatZxid(committed)} only`,
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
