/**
 * What must not be said on a quorum connection just before a certain packet, whatever either
 * side knows or does meanwhile: the packet tells where the conversation is. Taken from the table of
 * packets in the protocol's description, and from what Jute allows.
 */
import {
  encodePacket,
  type OutgoingPacket,
  type Packet,
  type PacketOf,
} from "@jute-ts/quorum/wire";
import {
  epochOf,
  epochStart,
  type Epoch,
  MAX_EPOCH,
  OpCode,
  PacketType,
  QuorumPacket,
  type Sid,
} from "@jute-ts/zookeeper";
import type { Misstatement } from "../world/misstatement.js";

/** What is to be known of the two servers. */
export interface Circumstances {
  readonly leader: Sid;
  /** No member's id. */
  readonly nobody: Sid;
  /** The last that it has accepted, which is the one that it leads once that is agreed on. */
  readonly leadersEpoch: Epoch;
  readonly learnersAcceptedEpoch: Epoch;
  readonly learnersCurrentEpoch: Epoch;
  readonly isLearnerServing: boolean;
}

type Kind = OutgoingPacket["kind"];

/** Whether learners say this, and leaders do not. */
export function isOfLearner(kind: Kind): boolean {
  return LEARNERS_KINDS.has(kind);
}

/** All that must not be said before this packet, by who sends it. */
export function misstatementsBefore(
  packet: OutgoingPacket,
  circumstances: Circumstances,
): readonly Misstatement[] {
  if (packet.kind === "SNAPSHOTPIECE") return [];
  if (packet.kind === "SNAPSHOTEND") return [otherSignature()];
  const all = isOfLearner(packet.kind)
    ? [...notOfLearners(), ...beforeLearners(packet, circumstances), ...noPackets()]
    : [...notOfLeaders(circumstances), ...beforeLeaders(packet, circumstances), ...noPackets()];
  // What only its contents give away is said more often than what is out of place anyway.
  const particular = all.filter(({ rule }) => rule !== "unexpected-packet" && rule !== "limit");
  return [...all, ...particular, ...particular];
}

function beforeLeaders(packet: Packet, about: Circumstances): readonly Misstatement[] {
  const epoch = about.leadersEpoch;
  const offer = unexpected({ kind: "LEADERINFO", epoch });
  const plans = (["DIFF", "TRUNC", "SNAP"] as const).map((kind) =>
    unexpected({ kind, zxid: epochStart(epoch) }),
  );
  const history = unexpected({ kind: "NEWLEADER", epoch, configuration: "" });
  const service = unexpected({ kind: "UPTODATE" });
  const answers = [
    unexpected({ kind: "SYNC" }),
    unexpected({ kind: "REVALIDATED", sessionId: 1n, valid: true }),
  ];
  const commit = unexpected({ kind: "COMMIT", zxid: epochStart(epoch) + 1n });
  const ping = unexpected({ kind: "PING", zxid: epochStart(epoch) });
  switch (packet.kind) {
    case "LEADERINFO":
      return [...plans, history, service, ...answers, commit, ping, ...badOffers(about)];
    case "DIFF":
    case "TRUNC":
    case "SNAP": {
      const { kind } = packet;
      const late = said({ kind, zxid: epochStart(epoch + 1) + 1n }, "zxid-order");
      const negative = said({ kind, zxid: -2n }, "zxid-order");
      return [offer, history, service, ...answers, commit, late, negative];
    }
    case "NEWLEADER": {
      const later = said({ ...packet, epoch: packet.epoch + 1 }, "epoch");
      const middle = raw(PacketType.NEWLEADER, epochStart(epoch) + 1n, undefined);
      const old = said({ kind: "COMMIT", zxid: 1n }, "needless");
      return [offer, ...plans, service, ...answers, later, middle, old];
    }
    case "UPTODATE":
      return [offer, ...plans, history, ...answers];
    case "PING":
      return [offer, ...plans, history];
    case "SYNC":
    case "REVALIDATED": {
      const short = raw(PacketType.REVALIDATE, -1n, 8);
      const unasked = { kind: "REVALIDATED", sessionId: NO_SESSION, valid: true } as const;
      return [offer, ...plans, history, service, short, said(unasked, "needless")];
    }
    case "PROPOSAL":
    case "INFORM":
      return [offer, ...plans, ...badTxns(packet, about)];
    case "COMMIT": {
      const next = said({ kind: "COMMIT", zxid: packet.zxid + 1n }, "commit-order");
      return [offer, ...plans, next];
    }
    default:
      return [];
  }
}

/** Offers of an epoch that the learner must not accept, and such as are none. */
function badOffers(about: Circumstances): readonly Misstatement[] {
  const { leadersEpoch, learnersAcceptedEpoch, learnersCurrentEpoch } = about;
  const offer = (epoch: Epoch, isCounted = true): Misstatement =>
    said({ kind: "LEADERINFO", epoch, ...(isCounted ? {} : { isCounted }) }, "epoch");
  const bad = [
    raw(PacketType.LEADERINFO, epochStart(leadersEpoch) + 1n, 4, [0, 1, 0, 0]),
    raw(PacketType.LEADERINFO, epochStart(leadersEpoch), 3),
    raw(PacketType.LEADERINFO, epochStart(leadersEpoch), 4, OLD_VERSION),
    { ...raw(PacketType.LEADERINFO, epochStart(-1), 4, [0, 1, 0, 0]), rule: "epoch" as const },
  ];
  const farEpoch = learnersAcceptedEpoch + MAX_EPOCH_JUMP + 1;
  if (farEpoch <= MAX_EPOCH) bad.push(offer(farEpoch));
  if (learnersAcceptedEpoch > 0) bad.push(offer(learnersAcceptedEpoch - 1));
  // Whoever stands for something of a later epoch does not follow, counted or not.
  if (learnersCurrentEpoch > 0) bad.push(offer(learnersCurrentEpoch - 1, false));
  return bad;
}

/** Txns that are not the next one, or that nobody can apply. */
function badTxns(
  packet: PacketOf<"PROPOSAL" | "INFORM">,
  { leadersEpoch }: Circumstances,
): readonly Misstatement[] {
  const { zxid, bytes } = packet.txn;
  const type = PacketType[packet.kind];
  const withTxn = (
    what: string,
    rule: Misstatement["rule"],
    packetZxid: bigint,
    change: (view: DataView) => void,
  ): Misstatement => {
    const data = bytes.slice();
    change(new DataView(data.buffer));
    return encoded(`${packet.kind} ${what}`, rule, { type, zxid: packetZxid, data });
  };
  const numbered = (what: string, other: bigint): Misstatement =>
    withTxn(what, "zxid-order", other, (view) => {
      view.setBigInt64(TXN_ZXID_OFFSET, other);
    });
  return [
    numbered("of a txn that does not follow", zxid + 2n),
    numbered("of a later epoch", epochStart(Math.max(leadersEpoch, epochOf(zxid)) + 1) + 1n),
    withTxn("that names another txn", "malformed", zxid + 1n, () => undefined),
    withTxn("of an unknown txn", "malformed", zxid, (view) => {
      view.setInt32(TXN_TYPE_OFFSET, UNKNOWN_TYPE);
    }),
    encoded(`${packet.kind} of half a header`, "malformed", {
      type,
      zxid,
      data: bytes.slice(0, TXN_TYPE_OFFSET),
    }),
  ];
}

function beforeLearners(packet: Packet, about: Circumstances): readonly Misstatement[] {
  const epoch = about.learnersAcceptedEpoch;
  const identity = { sid: about.leader, protocolVersion: 0x10000, configVersion: 0n };
  const claim = unexpected({ kind: "FOLLOWERINFO", acceptedEpoch: epoch, identity });
  const acceptance = unexpected({ kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: undefined });
  const ack = unexpected({ kind: "ACK", zxid: epochStart(epoch) });
  const touches = unexpected({ kind: "PINGANSWER", zxid: 0n, touched: [] });
  const request = { sessionId: 0n, cxid: 1, opCode: OpCode.getData, authInfo: [] };
  const body = new Uint8Array(0);
  const requests = [
    unexpected({ kind: "REQUEST", change: { ...request, body } }),
    unexpected({ kind: "SYNCREQUEST", sessionId: 0n, cxid: 1 }),
    unexpected({ kind: "REVALIDATE", sessionId: 1n, timeoutMs: 1000 }),
  ];
  switch (packet.kind) {
    case "FOLLOWERINFO":
    case "OBSERVERINFO":
      return [acceptance, ack, touches, ...requests, ...badClaims(packet, about)];
    case "ACKEPOCH": {
      const short = raw(PacketType.ACKEPOCH, packet.lastZxid, 3);
      const negative = raw(PacketType.ACKEPOCH, packet.lastZxid, 4, [0xff, 0xff, 0xff, 0xfe]);
      return [claim, ack, touches, ...requests, short, negative];
    }
    case "ACK": {
      const later = epochStart(Math.max(about.leadersEpoch, epochOf(packet.zxid)) + 1) + 1n;
      const unknown = said({ kind: "ACK", zxid: later }, "zxid-order");
      return [claim, acceptance, unknown, ...(about.isLearnerServing ? [] : requests)];
    }
    case "PINGANSWER":
      return [claim, acceptance, raw(PacketType.PING, packet.zxid, 13)];
    case "REQUEST":
    case "SYNCREQUEST":
    case "REVALIDATE": {
      const unfit = said({ kind: "REQUEST", change: { ...request, body } }, "needless");
      const shortRequest = raw(PacketType.REQUEST, -1n, 15);
      return [claim, acceptance, shortRequest, raw(PacketType.REVALIDATE, -1n, 11), unfit];
    }
    default:
      return [];
  }
}

/** Claims of those that may not be learners here. */
function badClaims(
  packet: PacketOf<"FOLLOWERINFO" | "OBSERVERINFO">,
  { leader, nobody, leadersEpoch }: Circumstances,
): readonly Misstatement[] {
  const { identity } = packet;
  const farEpoch = Math.min(leadersEpoch + MAX_EPOCH_JUMP + 1, MAX_EPOCH);
  const type = PacketType[packet.kind];
  const old = { ...identity, protocolVersion: 0xffff };
  return [
    said({ ...packet, identity: { ...identity, sid: leader } }, "identity"),
    said({ ...packet, identity: { ...identity, sid: nobody } }, "identity"),
    said({ ...packet, identity: old }, "malformed"),
    said({ ...packet, acceptedEpoch: farEpoch }, "epoch"),
    raw(type, epochStart(packet.acceptedEpoch), 19),
    raw(type, epochStart(packet.acceptedEpoch) + 1n, 20),
  ];
}

function notOfLeaders({ nobody }: Circumstances): readonly Misstatement[] {
  const identity = { sid: nobody, protocolVersion: 0x10000, configVersion: 0n };
  return [
    unexpected({ kind: "FOLLOWERINFO", acceptedEpoch: 0, identity }),
    unexpected({ kind: "ACK", zxid: 0n }),
    unexpected({ kind: "SYNCREQUEST", sessionId: 0n, cxid: 1 }),
  ];
}

function notOfLearners(): readonly Misstatement[] {
  return [
    unexpected({ kind: "COMMIT", zxid: 0n }),
    unexpected({ kind: "SNAP", zxid: 0n }),
    unexpected({ kind: "UPTODATE" }),
  ];
}

/** Bytes that are no packet of anybody. Each is found out by its last byte, not before. */
function noPackets(): readonly Misstatement[] {
  return [
    encoded("a packet of no known type", "unexpected-packet", {
      type: UNKNOWN_TYPE,
      zxid: 0n,
      data: null,
    }),
    beginning("data of a negative length", "malformed", [-2]),
    beginning("data that is too long", "limit", [0x7fff_ffff]),
    beginning("too many ids", "limit", [-1, 1_000_000]),
    beginning("an id that is too long", "limit", [-1, 1, 0x7fff_ffff]),
  ];
}

function otherSignature(): Misstatement {
  const bytes = encodePacket({ kind: "SNAPSHOTEND" }).slice();
  bytes[bytes.length - 1] = 0x21;
  return { kind: "MISSTATEMENT", what: "another signature", rule: "malformed", bytes };
}

function unexpected(packet: Packet): Misstatement {
  return said(packet, "unexpected-packet");
}

function said(packet: Packet, rule: Misstatement["rule"]): Misstatement {
  return { kind: "MISSTATEMENT", what: packet.kind, rule, bytes: encodePacket(packet) };
}

/** A packet with so many bytes of data, which begin so and go on with zeros: not what its type asks for. */
function raw(
  type: number,
  zxid: bigint,
  length: number | undefined,
  first: readonly number[] = [],
): Misstatement {
  let data: Uint8Array | null = null;
  if (length !== undefined) (data = new Uint8Array(length)).set(first);
  const what = `a packet of type ${type} with ${length ?? "no"} bytes of data, zxid ${zxid}`;
  return encoded(what, "malformed", { type, zxid, data });
}

function encoded(
  what: string,
  rule: Misstatement["rule"],
  packet: { readonly type: number; readonly zxid: bigint; readonly data: Uint8Array | null },
): Misstatement {
  const bytes = QuorumPacket.encode({ ...packet, authinfo: null });
  return { kind: "MISSTATEMENT", what, rule, bytes };
}

/** The beginning of a PING, up to and with these lengths. */
function beginning(
  what: string,
  rule: Misstatement["rule"],
  lengths: readonly number[],
): Misstatement {
  const bytes = new Uint8Array(12 + 4 * lengths.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, PacketType.PING);
  for (const [index, length] of lengths.entries()) view.setInt32(12 + 4 * index, length);
  return { kind: "MISSTATEMENT", what, rule, bytes };
}

const LEARNERS_KINDS: ReadonlySet<Kind> = new Set<Kind>([
  "FOLLOWERINFO",
  "OBSERVERINFO",
  "ACKEPOCH",
  "ACK",
  "REQUEST",
  "SYNCREQUEST",
  "PINGANSWER",
  "REVALIDATE",
]);

/** How far an epoch may be ahead: DIVERGENCE.md. */
const MAX_EPOCH_JUMP = 2 ** 20;
/** A protocol before 3.4. */
const OLD_VERSION: readonly number[] = [0, 0, 0xff, 0xff];
/** No client is ever given this. */
const NO_SESSION = 0x7fff_ffff_ffff_ffffn;
/** In a txn's header. */
const TXN_ZXID_OFFSET = 12;
const TXN_TYPE_OFFSET = 28;
const UNKNOWN_TYPE = 77;
