/**
 * TrueStatus: what a server tells its operators of itself while it leads or follows is what can be
 * seen of it from outside. Of each connection of a leader: who is at its other end, whether that is
 * counted, how far it is, what it has acknowledged, how many packets and requests have come from it and how
 * much waits for it; of proposals and syncs: how many wait.
 */
import type {
  ConnectionId,
  Effect,
  LearnerConnection,
  PeerStatus,
  QuorumEvent,
} from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { counterOf, epochOf, type Epoch, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { Checker, Observation, WorldView } from "./checker.js";
import { Verdicts } from "./verdicts.js";

type Step = Extract<Observation, { kind: "step" }>;
type Stage = LearnerConnection["stage"];

/** A connection as its leader knows it. */
interface Seen {
  /** Of whom it says that it is. */
  sid: Sid | undefined;
  role: "follower" | "observer";
  acceptedEpoch: Epoch;
  /** The stages in which it may be. */
  stages: readonly Stage[];
  packets: number;
  requests: number;
  syncs: number;
  /** What was sent since the connection was empty last: the bytes of txns and of snapshots, and how many packets. */
  sentBytes: number;
  sent: number;
  /** Whole packets that the next step handles. */
  readonly arrived: OutgoingPacket[];
  /** Whether something came on it that no server sends, or that is shown to nobody. */
  isOdd: boolean;
}

interface Leading {
  readonly connections: Map<ConnectionId, Seen>;
  readonly acked: Map<Sid, Zxid>;
  /** Syncs of the leader's own clients that wait. */
  readonly syncs: Set<number>;
  /** Whether any may wait, those of learners' clients among them. */
  hasSyncs: boolean;
}

export class TrueStatus implements Checker {
  readonly name = "true-status";
  readonly watches = [
    "delivered",
    "misstated",
    "interference",
    "leading",
    "changed",
    "crash",
  ] as const;
  readonly #leading = new Map<Sid, Leading>();
  /** How many steps have changed what somebody shows. */
  #changes = 0;
  readonly #verdicts = new Verdicts("TrueStatus");

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
        this.#verdicts.crashed(observation.sid);
        this.#leading.delete(observation.sid);
        return;
      case "delivered": {
        const { to, connection, packet } = observation;
        this.#leading.get(to)?.connections.get(connection)?.arrived.push(packet);
        return;
      }
      case "misstated": {
        const { to, connection } = observation;
        const seen = this.#leading.get(to)?.connections.get(connection);
        if (seen !== undefined) seen.isOdd = true;
        return;
      }
      case "interference":
        for (const seen of this.#leading.get(observation.sid)?.connections.values() ?? [])
          seen.isOdd = true;
        return;
      case "step":
        this.#onStep(observation, world);
        return;
      default:
        return;
    }
  }

  atEnd(): void {
    this.#verdicts.atEnd();
  }

  #onStep(step: Step, world: WorldView): void {
    const { sid, event, effects, before, after } = step;
    this.#verdicts.goesOn(sid);
    if (before !== after && after.serving && ++this.#changes % LOOKS_APART === 0)
      this.#verdicts.note(sid, whatIsWrongOfCounts(after));
    if (after.role !== "leading") {
      this.#leading.delete(sid);
      return;
    }
    const leading = this.#of(sid);
    handle(leading, event, (seen) => isCounted(seen, after, world));
    for (const effect of effects) follow(leading, effect);
    if (leading.hasSyncs || after.pendingSyncs > 0)
      this.#verdicts.note(sid, whatIsWrongOfSyncs(leading, after));
    if (event.kind === "deadline") this.#judge(step, leading, world);
  }

  #judge({ sid, after }: Step, { connections, acked }: Leading, world: WorldView): void {
    const shown = world.peers.get(sid)?.peer?.learnerConnections?.();
    if (shown === undefined) return;
    if (shown.length !== connections.size)
      this.#verdicts.note(sid, `has ${connections.size} connections, and shows ${shown.length}`);
    for (const each of shown) {
      const seen = connections.get(each.connection);
      const wrong =
        seen === undefined
          ? "which is none of its own"
          : whatIsWrongOf(each, seen, acked, after, world);
      if (wrong !== undefined)
        this.#verdicts.note(sid, `shows connection ${each.connection}, ${wrong}`);
    }
  }

  #of(sid: Sid): Leading {
    let leading = this.#leading.get(sid);
    if (leading === undefined)
      this.#leading.set(
        sid,
        (leading = { connections: new Map(), acked: new Map(), syncs: new Set(), hasSyncs: false }),
      );
    return leading;
  }
}

function handle(leading: Leading, event: QuorumEvent, counts: (seen: Seen) => boolean): void {
  const { connections, acked, syncs } = leading;
  switch (event.kind) {
    case "accepted":
      connections.set(event.connection, newSeen());
      return;
    case "disconnected":
      connections.delete(event.connection);
      return;
    case "drained": {
      const seen = connections.get(event.connection);
      if (seen !== undefined) seen.sentBytes = seen.sent = 0;
      return;
    }
    case "received": {
      const seen = connections.get(event.connection);
      if (seen === undefined) return;
      for (const packet of seen.arrived) hear(seen, packet, acked, counts);
      leading.hasSyncs ||= seen.syncs > 0;
      seen.arrived.length = 0;
      return;
    }
    case "sync":
      syncs.add(event.request);
      leading.hasSyncs = true;
      return;
    default:
      return;
  }
}

function hear(
  seen: Seen,
  packet: OutgoingPacket,
  acked: Map<Sid, Zxid>,
  counts: (seen: Seen) => boolean,
): void {
  seen.packets++;
  switch (packet.kind) {
    case "FOLLOWERINFO":
    case "OBSERVERINFO":
      seen.sid = packet.identity.sid;
      seen.role = packet.kind === "FOLLOWERINFO" ? "follower" : "observer";
      seen.acceptedEpoch = packet.acceptedEpoch;
      seen.stages = ["awaitingEpoch"];
      return;
    case "ACKEPOCH":
      seen.stages = ["awaitingHistory", "awaitingTurn"];
      return;
    case "ACK": {
      if (counterOf(packet.zxid) === 0) {
        if (seen.stages[0] === "awaitingNewLeaderAck") seen.stages = ["awaitingActivation"];
        return;
      }
      const { sid } = seen;
      if (sid === undefined || packet.zxid <= (acked.get(sid) ?? 0n)) return;
      if (counts(seen)) acked.set(sid, packet.zxid);
      return;
    }
    case "REQUEST":
      seen.requests++;
      return;
    case "SYNCREQUEST":
      seen.syncs++;
      return;
    default:
      return;
  }
}

function follow({ connections, acked, syncs }: Leading, effect: Effect): void {
  if (effect.kind === "stopListening") {
    // A leadership is over; the next may begin in the same step.
    connections.clear();
    acked.clear();
    syncs.clear();
  } else if (effect.kind === "answer") syncs.delete(effect.request);
  else if (effect.kind === "closeConnection") connections.delete(effect.connection);
  else if (effect.kind === "send") {
    const seen = connections.get(effect.connection);
    if (seen !== undefined) followPacket(seen, effect.packet, acked);
  }
}

function followPacket(seen: Seen, packet: OutgoingPacket, acked: Map<Sid, Zxid>): void {
  seen.sent++;
  switch (packet.kind) {
    case "LEADERINFO":
      // A stranger may have answered it before it came.
      if (seen.stages[0] === "awaitingEpoch") seen.stages = ["awaitingAckEpoch"];
      return;
    case "SNAP":
    case "DIFF":
    case "TRUNC":
      // What it had acknowledged before may be cut now.
      if (seen.sid !== undefined) acked.delete(seen.sid);
      seen.stages = ["sendingSnapshot"];
      return;
    case "NEWLEADER":
      seen.stages = ["awaitingNewLeaderAck"];
      return;
    case "UPTODATE":
      seen.stages = ["forwarding"];
      return;
    case "SYNC":
      seen.syncs--;
      return;
    case "PROPOSAL":
    case "INFORM":
      seen.sentBytes += packet.txn.bytes.length;
      return;
    case "SNAPSHOTPIECE":
      seen.sentBytes += packet.bytes.length;
      return;
    default:
      return;
  }
}

function whatIsWrongOf(
  shown: LearnerConnection,
  seen: Seen,
  acked: ReadonlyMap<Sid, Zxid>,
  status: PeerStatus,
  world: WorldView,
): string | undefined {
  if (seen.isOdd) return undefined;
  const { sid, role, packets, requests } = seen;
  // Whether it has promised a later epoch is not known before there is one.
  const votes = status.epoch === undefined ? shown.votes : isCounted(seen, status, world);
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ["server", shown.sid, sid],
    ["role", shown.role, role],
    ["packets", shown.packetsReceived, packets],
    ["requests", shown.requests, requests],
    ["acknowledged", shown.lastAckedZxid, sid === undefined ? 0n : (acked.get(sid) ?? 0n)],
    ["votes", shown.votes, votes],
  ];
  const wrong = facts.find(([, says, is]) => says !== is);
  if (wrong !== undefined)
    return `of which it says: ${wrong[0]} ${String(wrong[1])}, where it is ${String(wrong[2])}`;
  if (!seen.stages.includes(shown.stage))
    return `which it says is ${shown.stage}, where it is ${seen.stages.join(" or ")}`;
  return shown.stage === "forwarding" ? whatIsWrongOfBytes(shown, seen) : undefined;
}

/** Whether a connection is that of a voter which follows, and has promised no later epoch. */
function isCounted(
  { sid, role, acceptedEpoch }: Seen,
  { epoch }: PeerStatus,
  { ensemble }: WorldView,
): boolean {
  if (sid === undefined || role !== "follower" || epoch === undefined) return false;
  return ensemble.voters.has(sid) && acceptedEpoch <= epoch;
}

/** Before UPTODATE, more may be held back than has been sent. */
function whatIsWrongOfBytes(
  { queuedBytes }: LearnerConnection,
  { sentBytes, sent }: Seen,
): string | undefined {
  const mostBytes = sentBytes + sent * MOST_AROUND_BYTES;
  if (queuedBytes >= sentBytes && queuedBytes <= mostBytes) return undefined;
  return `for which it says that ${queuedBytes} bytes wait, where ${sentBytes} to ${mostBytes} may`;
}

/** A leader numbers its proposals without a gap. */
function whatIsWrongOfCounts({
  epoch,
  lastLoggedZxid,
  lastProcessedZxid,
  outstanding,
}: PeerStatus): string | undefined {
  if (epoch === undefined) return undefined;
  const waiting = numberIn(epoch, lastLoggedZxid) - numberIn(epoch, lastProcessedZxid);
  return waiting === outstanding
    ? undefined
    : `has ${waiting} proposals that are not committed, and shows ${outstanding}`;
}

function whatIsWrongOfSyncs(
  leading: Leading,
  { pendingSyncs, outstanding }: PeerStatus,
): string | undefined {
  const { connections, syncs } = leading;
  if (pendingSyncs > outstanding)
    return `shows proposals for which syncs wait: ${pendingSyncs} of ${outstanding}`;
  let waiting = syncs.size;
  for (const seen of connections.values()) waiting += seen.syncs;
  leading.hasSyncs = waiting > 0;
  return waiting > 0 && pendingSyncs === 0
    ? `has ${waiting} syncs that wait, and shows none`
    : undefined;
}

function numberIn(epoch: Epoch, zxid: Zxid): number {
  return epochOf(zxid) === epoch ? counterOf(zxid) : 0;
}

function newSeen(): Seen {
  return {
    sid: undefined,
    role: "follower",
    acceptedEpoch: 0,
    stages: ["unknown"],
    packets: 0,
    requests: 0,
    syncs: 0,
    sentBytes: 0,
    sent: 0,
    arrived: [],
    isOdd: false,
  };
}

/** Counts are told again and again: every few times is often enough to look. */
const LOOKS_APART = 4;

/** What a packet may take beside its txn, or its piece of a snapshot, as a server estimates it. */
const MOST_AROUND_BYTES = 64;
