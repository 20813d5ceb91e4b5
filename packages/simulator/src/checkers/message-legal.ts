/**
 * MessageLegal: on each link, both sides say what the conversation allows them to
 * say next, and nothing that belongs to the other side. The learner's right to
 * speak comes from what has reached it, and so does the leader's.
 */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { type GhostLinks, type Link, PerLink } from "../model/ghost-links.js";

type Kind = OutgoingPacket["kind"];

/** What each side has said, and heard of the other. */
interface Conversation {
  readonly sentByLeader: Set<Kind>;
  readonly sentByLearner: Set<Kind>;
  readonly heardByLeader: Set<Kind>;
  readonly heardByLearner: Set<Kind>;
  acks: number;
}

export class MessageLegal implements Checker {
  readonly name = "message-legal";
  readonly watches = ["delivered", "sent"] as const;
  readonly #links: GhostLinks;
  readonly #conversations = new PerLink<Conversation>(() => ({
    sentByLeader: new Set(),
    sentByLearner: new Set(),
    heardByLeader: new Set(),
    heardByLearner: new Set(),
    acks: 0,
  }));

  constructor(links: GhostLinks) {
    this.#links = links;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "delivered") {
      const { connection, packet, to } = observation;
      const link = this.#links.link(connection, world);
      const talk = this.#conversations.of(link);
      (to === link.leader ? talk.heardByLeader : talk.heardByLearner).add(packet.kind);
    } else if (observation.kind === "step") {
      for (const effect of observation.effects)
        if (effect.kind === "send")
          this.#onSend(observation.sid, this.#links.link(effect.connection, world), effect.packet);
    }
  }

  #onSend(sid: Sid, link: Link, { kind }: OutgoingPacket): void {
    const talk = this.#conversations.of(link);
    const isLeader = sid === link.leader;
    const refusal = isLeader ? refuseLeader(kind, talk) : refuseLearner(kind, talk);
    if (refusal !== undefined) {
      const other = isLeader ? `learner ${link.learner}` : `leader ${link.leader}`;
      const text = `${sid} sends ${kind} to its ${other}: ${refusal}`;
      throw new InvariantViolation("MessageLegal", text);
    }
    (isLeader ? talk.sentByLeader : talk.sentByLearner).add(kind);
    if (kind === "ACK") talk.acks++;
  }
}

/** Why a leader may not say this now; undefined if it may. */
function refuseLeader(kind: Kind, talk: Conversation): string | undefined {
  const { sentByLeader: sent, heardByLeader: heard } = talk;
  const isObserver = heard.has("OBSERVERINFO");
  switch (kind) {
    case "LEADERINFO":
      if (sent.has(kind)) return "a second one";
      return heard.has("FOLLOWERINFO") || isObserver ? undefined : "nobody has said who it is";
    case "DIFF":
    case "TRUNC":
    case "SNAP":
      if (hasPlan(sent)) return "the plan was made before";
      return heard.has("ACKEPOCH") ? undefined : "the epoch was not accepted";
    case "SNAPSHOTPIECE":
    case "SNAPSHOTEND":
      if (!sent.has("SNAP")) return "no snapshot was announced";
      return sent.has("SNAPSHOTEND") ? "the snapshot has ended" : undefined;
    case "NEWLEADER":
      if (sent.has(kind)) return "a second one";
      return isPlanCarriedOut(sent) ? undefined : "the history was not sent";
    case "UPTODATE":
      if (sent.has(kind)) return "a second one";
      return heard.has("ACK") ? undefined : "NEWLEADER was not answered";
    case "PROPOSAL":
    case "COMMIT":
    case "COMMITANDACTIVATE":
      if (!isPlanCarriedOut(sent)) return "no plan was carried out";
      return isObserver && sent.has("NEWLEADER") ? "an observer gets INFORM" : undefined;
    case "INFORM":
    case "INFORMANDACTIVATE":
      if (!isPlanCarriedOut(sent)) return "no plan was carried out";
      return isObserver ? undefined : "only an observer gets INFORM";
    case "PING":
      return sent.has("NEWLEADER") ? undefined : "the learner is not synchronized";
    case "SYNC":
      return heard.has("SYNCREQUEST") ? undefined : "nobody asked";
    case "REVALIDATED":
      return heard.has("REVALIDATE") ? undefined : "nobody asked";
    case "REQUEST":
    case "SYNCREQUEST":
    case "ACK":
    case "PINGANSWER":
    case "REVALIDATE":
    case "FOLLOWERINFO":
    case "OBSERVERINFO":
    case "ACKEPOCH":
      return "only a learner says that";
  }
}

/** Why a learner may not say this now; undefined if it may. */
function refuseLearner(kind: Kind, talk: Conversation): string | undefined {
  const { sentByLearner: sent, heardByLearner: heard } = talk;
  switch (kind) {
    case "FOLLOWERINFO":
    case "OBSERVERINFO":
      return sent.size === 0 ? undefined : "it is not the first packet";
    case "ACKEPOCH":
      if (sent.has(kind)) return "a second one";
      return heard.has("LEADERINFO") ? undefined : "no epoch was offered";
    case "ACK":
      if (!heard.has("NEWLEADER")) return "NEWLEADER has not come";
      // The first answers NEWLEADER; others only once the leader has said to serve.
      return talk.acks === 0 || heard.has("UPTODATE") ? undefined : "UPTODATE has not come";
    case "PINGANSWER":
      return heard.has("PING") ? undefined : "nobody asked";
    case "REQUEST":
    case "SYNCREQUEST":
    case "REVALIDATE":
      return heard.has("UPTODATE") ? undefined : "UPTODATE has not come";
    case "PROPOSAL":
    case "COMMIT":
    case "COMMITANDACTIVATE":
    case "INFORM":
    case "INFORMANDACTIVATE":
    case "PING":
    case "SYNC":
    case "REVALIDATED":
    case "NEWLEADER":
    case "UPTODATE":
    case "DIFF":
    case "TRUNC":
    case "SNAP":
    case "LEADERINFO":
    case "SNAPSHOTPIECE":
    case "SNAPSHOTEND":
      return "only a leader says that";
  }
}

function hasPlan(sent: ReadonlySet<Kind>): boolean {
  return sent.has("DIFF") || sent.has("TRUNC") || sent.has("SNAP");
}

function isPlanCarriedOut(sent: ReadonlySet<Kind>): boolean {
  return sent.has("SNAP") ? sent.has("SNAPSHOTEND") : sent.has("DIFF") || sent.has("TRUNC");
}
