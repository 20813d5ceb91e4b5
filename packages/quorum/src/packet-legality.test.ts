/**
 * Which packet may come when: PROTOCOL.md's table of packets, read the other way
 * round. For each phase that the two sides of a conversation can be in, every
 * packet is either expected there or ends the conversation, and nothing else.
 */
import { makeZxid, QuorumPacket } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../test/memory-disk.js";
import { changeOf, connectionOf, PeerHarness, TO_LEADER } from "../test/peer-harness.js";
import { makeTxn, makeTxns, snapshotPackets } from "../test/register-state.js";
import type { LinkStage } from "./learner-link.js";
import { encodePacket } from "./wire/codec.js";
import type { LearnerStatus } from "./peer-status.js";
import type { OutgoingPacket, Packet, PacketKind } from "./wire/packet.js";

const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };

/** What a learner can send, as it is right for server 2 in epoch 2 of a leader with txns up to 1.3. */
const FROM_LEARNER: readonly Packet[] = [
  { kind: "FOLLOWERINFO", acceptedEpoch: 0, identity },
  { kind: "OBSERVERINFO", acceptedEpoch: 0, identity },
  { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 },
  { kind: "ACK", zxid: makeZxid(2, 0) },
  { kind: "REQUEST", change: changeOf(0n, 1) },
  { kind: "SYNCREQUEST", sessionId: 0n, cxid: 1 },
  { kind: "PINGANSWER", zxid: 0n, touched: [] },
  { kind: "REVALIDATE", sessionId: 1n, timeoutMs: 1000 },
];

const TXN = makeTxn(makeZxid(2, 1));

/** What a leader can send, as it is right in epoch 2 for a learner whose last txn is 1.3. */
const FROM_LEADER: readonly OutgoingPacket[] = [
  { kind: "LEADERINFO", epoch: 2 },
  { kind: "DIFF", zxid: makeZxid(1, 3) },
  { kind: "TRUNC", zxid: makeZxid(1, 2) },
  { kind: "SNAP", zxid: makeZxid(1, 3) },
  { kind: "NEWLEADER", epoch: 2, configuration: "" },
  { kind: "UPTODATE" },
  { kind: "PROPOSAL", txn: TXN },
  { kind: "COMMIT", zxid: TXN.zxid },
  { kind: "COMMITANDACTIVATE", zxid: TXN.zxid, designatedLeader: 3n },
  { kind: "INFORM", txn: TXN },
  { kind: "INFORMANDACTIVATE", txn: TXN, designatedLeader: 3n },
  { kind: "PING", zxid: 0n },
  { kind: "SYNC" },
  { kind: "REVALIDATED", sessionId: 1n, valid: true },
];

function leader(): PeerHarness {
  return new PeerHarness({ voters: 5, disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }) });
}

/** Leaders that have server 2 at each stage. */
const STAGES: Record<LinkStage, () => PeerHarness> = {
  unknown() {
    const peer = leader();
    peer.lead();
    peer.say({ kind: "accepted", connection: connectionOf(2n) });
    return peer;
  },
  awaitingEpoch() {
    const peer = leader();
    peer.lead();
    peer.introduce(2n);
    return peer;
  },
  awaitingAckEpoch() {
    const peer = leader();
    peer.lead();
    peer.introduce(3n);
    peer.introduce(2n);
    return peer;
  },
  awaitingHistory() {
    const peer = leader();
    peer.lead();
    peer.introduce(3n);
    peer.join(2n);
    return peer;
  },
  awaitingTurn() {
    const peer = leader();
    peer.lead();
    peer.introduce(3n);
    // Another connection than this one is server 2 already.
    peer.say({ kind: "accepted", connection: 50 });
    const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };
    peer.say(...peer.hears(50, { kind: "FOLLOWERINFO", acceptedEpoch: 0, identity }));
    const mark = { lastZxid: makeZxid(1, 3), currentEpoch: 1 };
    peer.say(...peer.hears(50, { kind: "ACKEPOCH", ...mark }));
    peer.hearFrom(3n, { kind: "ACKEPOCH", ...mark });
    peer.join(2n, mark);
    return peer;
  },
  sendingSnapshot() {
    const peer = leader();
    peer.lead();
    peer.introduce(3n);
    peer.join(2n);
    peer.hearFrom(3n, { kind: "ACKEPOCH", lastZxid: makeZxid(1, 3), currentEpoch: 1 });
    return peer;
  },
  awaitingNewLeaderAck() {
    const peer = leader();
    peer.lead();
    peer.introduce(3n);
    peer.join(2n, { lastZxid: makeZxid(1, 3), currentEpoch: 1 });
    peer.hearFrom(3n, { kind: "ACKEPOCH", lastZxid: makeZxid(1, 3), currentEpoch: 1 });
    return peer;
  },
  awaitingActivation() {
    const peer = STAGES.awaitingNewLeaderAck();
    peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(2, 0) });
    return peer;
  },
  forwarding() {
    const peer = STAGES.awaitingActivation();
    peer.hearFrom(3n, { kind: "ACK", zxid: makeZxid(2, 0) });
    return peer;
  },
};

/** What a learner may send at each stage; everything else is a violation. */
const FROM_LEARNER_AT: Record<LinkStage, readonly PacketKind[]> = {
  unknown: ["FOLLOWERINFO", "OBSERVERINFO"],
  awaitingEpoch: [],
  awaitingAckEpoch: ["ACKEPOCH"],
  awaitingHistory: [],
  awaitingTurn: [],
  // A follower of older versions acknowledges txns before NEWLEADER (ZOOKEEPER-4685).
  sendingSnapshot: ["ACK", "PINGANSWER"],
  awaitingNewLeaderAck: ["ACK", "PINGANSWER"],
  awaitingActivation: ["ACK", "PINGANSWER"],
  forwarding: ["ACK", "PINGANSWER", "REQUEST", "SYNCREQUEST", "REVALIDATE"],
};

const STAGE_NAMES = Object.keys(STAGES) as LinkStage[];

/** The connection of server 2 that a test is about. */
function lastOfServer2(learners: readonly LearnerStatus[]): LearnerStatus | undefined {
  return learners.filter(({ sid }) => sid === 2n || sid === undefined).at(-1);
}

/** Expects that server 2's connection was closed for a broken rule, and that nothing else happened. */
function expectOnlyClosed(peer: PeerHarness, bytes: Uint8Array, rule: string): void {
  const before = peer.peer.status();
  const connection = connectionOf(2n);
  const said = peer.say({ kind: "received", connection, bytes });
  expect(said).toEqual([`close ${connection}: ${rule}`]);
  const closed = lastOfServer2(before.learners);
  const learners = before.learners.filter((learner) => learner !== closed);
  expect(peer.peer.status()).toEqual({ ...before, learners });
  // What comes after it is not even read.
  expect(peer.say({ kind: "received", connection, bytes })).toEqual([]);
}

describe.each(STAGE_NAMES)("a leader whose learner is %s", (stage) => {
  it("is what the test says", () => {
    const learner = STAGES[stage]().peer.status();
    const connected = lastOfServer2(learner.learners);
    expect(connected?.stage).toBe(stage);
  });

  for (const packet of FROM_LEARNER) {
    if (FROM_LEARNER_AT[stage].includes(packet.kind)) {
      it(`takes ${packet.kind}`, () => {
        const peer = STAGES[stage]();
        const said = peer.hearFrom(2n, packet);
        expect(said.filter((text) => text.startsWith("close"))).toEqual([]);
        expect(peer.reports.filter(({ kind }) => kind === "violation")).toEqual([]);
        expect(peer.peer.status().role).toBe("leading");
      });
    } else {
      it(`takes ${packet.kind} for a violation`, () => {
        expectOnlyClosed(STAGES[stage](), encodePacket(packet), "unexpected-packet");
      });
    }
  }

  it.each(FROM_LEADER.filter(({ kind }) => !["PING", "REVALIDATED"].includes(kind)))(
    "takes $kind, which only leaders send, for a violation",
    (packet) => {
      expectOnlyClosed(STAGES[stage](), encodePacket(packet), "unexpected-packet");
    },
  );
});

type LearnerPhase =
  | "awaitingLeaderInfo"
  | "storingAcceptedEpoch"
  | "awaitingPlan"
  | "collecting after DIFF"
  | "collecting after TRUNC"
  | "collecting after SNAP"
  | "truncating"
  | "installingSnapshot"
  | "loggingTxns"
  | "storingEpoch"
  | "awaitingUpToDate"
  | "broadcast";

const NEWLEADER: Packet = { kind: "NEWLEADER", epoch: 2, configuration: "" };

function follower(): PeerHarness {
  const peer = new PeerHarness({ disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }) });
  peer.follow();
  return peer;
}

function synchronizing(...packets: OutgoingPacket[]): PeerHarness {
  const peer = follower();
  peer.hear({ kind: "LEADERINFO", epoch: 2 }, ...packets);
  return peer;
}

/** A leader's state with the txns 1.1 to 1.3. */
const SNAPSHOT = snapshotPackets(
  makeZxid(1, 3),
  makeTxns(1, 1, 3).map(({ zxid }) => zxid),
);

const PHASES: Record<LearnerPhase, () => PeerHarness> = {
  awaitingLeaderInfo: () => follower(),
  storingAcceptedEpoch() {
    const peer = follower();
    peer.holdFiles = true;
    peer.hear({ kind: "LEADERINFO", epoch: 2 });
    return peer;
  },
  awaitingPlan: () => synchronizing(),
  "collecting after DIFF": () => synchronizing({ kind: "DIFF", zxid: makeZxid(1, 3) }),
  "collecting after TRUNC": () => synchronizing({ kind: "TRUNC", zxid: makeZxid(1, 3) }),
  "collecting after SNAP": () => synchronizing(...SNAPSHOT),
  truncating() {
    const peer = synchronizing();
    peer.holdFiles = true;
    peer.hear({ kind: "TRUNC", zxid: makeZxid(1, 3) }, NEWLEADER);
    return peer;
  },
  installingSnapshot() {
    const peer = synchronizing(...SNAPSHOT);
    peer.holdFiles = true;
    peer.hear(NEWLEADER);
    return peer;
  },
  loggingTxns() {
    const peer = synchronizing({ kind: "DIFF", zxid: makeZxid(1, 3) });
    peer.holdFiles = true;
    const txn = makeTxn(makeZxid(1, 4));
    peer.hear({ kind: "PROPOSAL", txn }, { kind: "COMMIT", zxid: txn.zxid }, NEWLEADER);
    return peer;
  },
  storingEpoch() {
    const peer = synchronizing({ kind: "DIFF", zxid: makeZxid(1, 3) });
    peer.holdFiles = true;
    peer.hear(NEWLEADER);
    return peer;
  },
  awaitingUpToDate: () => synchronizing({ kind: "DIFF", zxid: makeZxid(1, 3) }, NEWLEADER),
  broadcast: () =>
    synchronizing({ kind: "DIFF", zxid: makeZxid(1, 3) }, NEWLEADER, { kind: "UPTODATE" }),
};

const TRAFFIC: readonly OutgoingPacket["kind"][] = [
  "PROPOSAL",
  "COMMIT",
  "COMMITANDACTIVATE",
  "INFORM",
  "INFORMANDACTIVATE",
  "PING",
];

/** What a leader may send in each phase; everything else is a violation. */
const FROM_LEADER_AT: Record<LearnerPhase, readonly OutgoingPacket["kind"][]> = {
  awaitingLeaderInfo: ["LEADERINFO"],
  storingAcceptedEpoch: [],
  // Java's leader pings from the moment at which its sender has begun.
  awaitingPlan: ["DIFF", "TRUNC", "SNAP", "PING"],
  "collecting after DIFF": [...TRAFFIC, "NEWLEADER"],
  "collecting after TRUNC": [...TRAFFIC, "NEWLEADER"],
  "collecting after SNAP": [...TRAFFIC, "NEWLEADER"],
  truncating: TRAFFIC,
  installingSnapshot: TRAFFIC,
  loggingTxns: TRAFFIC,
  storingEpoch: TRAFFIC,
  awaitingUpToDate: [...TRAFFIC, "UPTODATE"],
  // A COMMIT of what was not proposed breaks another rule, and is tested below.
  broadcast: [...TRAFFIC.filter((kind) => !kind.startsWith("COMMIT")), "SYNC", "REVALIDATED"],
};

describe.each(Object.keys(PHASES) as LearnerPhase[])("a learner that is at %s", (phase) => {
  for (const packet of FROM_LEADER) {
    if (FROM_LEADER_AT[phase].includes(packet.kind)) {
      it(`takes ${packet.kind}`, () => {
        const peer = PHASES[phase]();
        // In epoch 1 there may be a txn that waits already; the next one is then 2.1 all the same.
        peer.hear(packet);
        expect(peer.reports.filter(({ kind }) => kind === "violation")).toEqual([]);
        expect(peer.peer.status().role).toBe("following");
      });
    } else if (phase === "broadcast" && packet.kind.startsWith("COMMIT")) {
      it(`takes ${packet.kind} of what was not proposed for a violation`, () => {
        expectLeft(PHASES[phase](), encodePacket(packet), "commit-order");
      });
    } else {
      it(`takes ${packet.kind} for a violation`, () => {
        expectLeft(PHASES[phase](), encodePacket(packet), "unexpected-packet");
      });
    }
  }

  it.each(FROM_LEARNER.filter(({ kind }) => !["PINGANSWER", "REVALIDATE"].includes(kind)))(
    "takes $kind, which only learners send, for a violation",
    (packet) => {
      expectLeft(PHASES[phase](), encodePacket(packet), "unexpected-packet");
    },
  );
});

/** Expects that the connection was closed for a broken rule, and that the learner goes back to an election with what its disk has. */
function expectLeft(peer: PeerHarness, bytes: Uint8Array, rule: string): void {
  const said = peer.say({ kind: "received", connection: TO_LEADER, bytes });
  expect(said.filter((text) => text.startsWith("close"))).toEqual([`close ${TO_LEADER}: ${rule}`]);
  said.push(...peer.releaseFiles());
  peer.holdFiles = false;
  expect(said.filter((text) => /^(send|answer|stopped)/.test(text))).toEqual([]);
  const { role, lastLoggedZxid, lastDurableZxid, lastProcessedZxid } = peer.peer.status();
  expect(role).toBe("looking");
  expect(lastDurableZxid).toBe(lastLoggedZxid);
  expect(lastProcessedZxid).toBe(lastLoggedZxid);
  expect(peer.state.applied.slice(0, 3)).toEqual(makeTxns(1, 1, 3).map(({ zxid }) => zxid));
}

describe("a packet that is malformed ends its connection and nothing else", () => {
  const bytesOf = (type: number, zxid: bigint, data: Uint8Array | null): Uint8Array =>
    QuorumPacket.encode({ type, zxid, data, authinfo: null });
  const short = (length: number): Uint8Array => new Uint8Array(length);

  const toLeader: readonly [string, Uint8Array, string][] = [
    ["type 0", bytesOf(0, 0n, null), "unexpected-packet"],
    ["type 20", bytesOf(20, 0n, null), "unexpected-packet"],
    ["type -1", bytesOf(-1, 0n, null), "unexpected-packet"],
    ["REQUEST without data", bytesOf(1, 0n, null), "malformed"],
    ["REQUEST of 15 bytes", bytesOf(1, 0n, short(15)), "malformed"],
    ["PING of 13 bytes", bytesOf(5, 0n, short(13)), "malformed"],
    ["REVALIDATE without data", bytesOf(6, 0n, null), "malformed"],
    ["REVALIDATE of 11 bytes", bytesOf(6, 0n, short(11)), "malformed"],
    ["ACK of a txn that was not proposed", bytesOf(3, makeZxid(2, 1), null), "zxid-order"],
    ["ACK of an epoch to come", bytesOf(3, makeZxid(3, 1), null), "zxid-order"],
    ["data of length -2", bytesWithLength(-2), "malformed"],
    ["data of 2 GiB", bytesWithLength(0x7fff_ffff), "limit"],
  ];
  it.each(toLeader)("at a leader: %s", (_, bytes, rule) => {
    expectOnlyClosed(STAGES.forwarding(), bytes, rule);
  });

  const toUnknown: readonly [string, Uint8Array, string][] = [
    ["FOLLOWERINFO without data", bytesOf(11, 0n, null), "identity"],
    ["FOLLOWERINFO of 19 bytes", bytesOf(11, 0n, short(19)), "malformed"],
    ["OBSERVERINFO of 21 bytes", bytesOf(16, 0n, short(21)), "malformed"],
    [
      "FOLLOWERINFO whose zxid is no epoch's beginning",
      bytesOf(11, makeZxid(1, 1), short(20)),
      "malformed",
    ],
    ["FOLLOWERINFO of a negative epoch", bytesOf(11, -2n << 32n, short(20)), "epoch"],
  ];
  it.each(toUnknown)("at a leader that waits for a name: %s", (_, bytes, rule) => {
    const peer = STAGES.unknown();
    const before = peer.peer.status();
    const connection = connectionOf(2n);
    expect(peer.say({ kind: "received", connection, bytes })).toEqual([
      `close ${connection}: ${rule}`,
    ]);
    expect(peer.peer.status()).toEqual({ ...before, learners: [] });
  });

  it.each([
    ["ACKEPOCH without data", bytesOf(18, 0n, null)],
    ["ACKEPOCH of 3 bytes", bytesOf(18, 0n, short(3))],
    ["ACKEPOCH of epoch -2", bytesOf(18, 0n, new Uint8Array([255, 255, 255, 254]))],
  ])("at a leader that waits for ACKEPOCH: %s", (_, bytes) => {
    expectOnlyClosed(STAGES.awaitingAckEpoch(), bytes, "malformed");
  });

  const toLearner: readonly [string, Uint8Array, string][] = [
    ["type 0", bytesOf(0, 0n, null), "unexpected-packet"],
    ["type 20", bytesOf(20, 0n, null), "unexpected-packet"],
    ["type -1", bytesOf(-1, 0n, null), "unexpected-packet"],
    ["PROPOSAL without data", bytesOf(2, TXN.zxid, null), "malformed"],
    ["PROPOSAL of 31 bytes", bytesOf(2, TXN.zxid, short(31)), "malformed"],
    ["PROPOSAL that names another txn", bytesOf(2, makeZxid(2, 2), TXN.bytes), "malformed"],
    ["INFORM without data", bytesOf(8, TXN.zxid, null), "malformed"],
    ["INFORM that names another txn", bytesOf(8, makeZxid(2, 2), TXN.bytes), "malformed"],
    ["REVALIDATE of 8 bytes", bytesOf(6, -1n, short(8)), "malformed"],
    ["COMMITANDACTIVATE of 7 bytes", bytesOf(9, TXN.zxid, short(7)), "malformed"],
    ["INFORMANDACTIVATE of 39 bytes", bytesOf(19, TXN.zxid, short(39)), "malformed"],
    [
      "PROPOSAL after a gap",
      encodePacket({ kind: "PROPOSAL", txn: makeTxn(makeZxid(2, 2)) }),
      "zxid-order",
    ],
    [
      "PROPOSAL of an epoch that is over",
      encodePacket({ kind: "PROPOSAL", txn: makeTxn(makeZxid(1, 3)) }),
      "zxid-order",
    ],
    [
      "PROPOSAL of an epoch to come",
      encodePacket({ kind: "PROPOSAL", txn: makeTxn(makeZxid(3, 1)) }),
      "zxid-order",
    ],
    [
      "INFORM of an epoch to come",
      encodePacket({ kind: "INFORM", txn: makeTxn(makeZxid(3, 1)) }),
      "zxid-order",
    ],
    ["data of length -2", bytesWithLength(-2), "malformed"],
    ["data of 2 GiB", bytesWithLength(0x7fff_ffff), "limit"],
    [
      "PROPOSAL of 2 GiB that holds another txn",
      lengthened(encodePacket({ kind: "PROPOSAL", txn: makeTxn(makeZxid(2, 2)) }), makeZxid(2, 1)),
      "limit",
    ],
  ];
  it.each(toLearner)("at a learner: %s", (_, bytes, rule) => {
    expectLeft(PHASES.broadcast(), bytes, rule);
  });

  it.each([
    ["LEADERINFO without data", bytesOf(17, makeZxid(2, 0), null), "malformed"],
    ["LEADERINFO of 3 bytes", bytesOf(17, makeZxid(2, 0), short(3)), "malformed"],
    ["LEADERINFO of protocol version 0", bytesOf(17, makeZxid(2, 0), short(4)), "malformed"],
    [
      "LEADERINFO whose zxid is no epoch's beginning",
      bytesOf(17, makeZxid(2, 1), new Uint8Array([0, 1, 0, 0])),
      "malformed",
    ],
  ])("at a learner that waits for the epoch: %s", (_, bytes, rule) => {
    expectLeft(PHASES.awaitingLeaderInfo(), bytes, rule);
  });

  it.each([
    ["DIFF of an epoch to come", { kind: "DIFF", zxid: makeZxid(3, 1) } as const, "zxid-order"],
    ["TRUNC of a negative zxid", { kind: "TRUNC", zxid: -1n } as const, "zxid-order"],
    ["TRUNC of an epoch to come", { kind: "TRUNC", zxid: makeZxid(3, 1) } as const, "zxid-order"],
    ["SNAP of a negative zxid", { kind: "SNAP", zxid: -1n } as const, "zxid-order"],
    ["SNAP of an epoch to come", { kind: "SNAP", zxid: makeZxid(3, 1) } as const, "zxid-order"],
  ])("at a learner that waits for a plan: %s", (_, packet, rule) => {
    expectLeft(PHASES.awaitingPlan(), encodePacket(packet), rule);
  });

  it.each([
    ["NEWLEADER of another epoch", { kind: "NEWLEADER", epoch: 3, configuration: "" }, "epoch"],
    ["PROPOSAL after a gap", { kind: "PROPOSAL", txn: makeTxn(makeZxid(1, 5)) }, "zxid-order"],
    ["PROPOSAL again", { kind: "PROPOSAL", txn: makeTxn(makeZxid(1, 3)) }, "zxid-order"],
    [
      "PROPOSAL of an epoch to come",
      { kind: "PROPOSAL", txn: makeTxn(makeZxid(3, 1)) },
      "zxid-order",
    ],
  ] as const)("at a learner that is synchronized: %s", (_, packet, rule) => {
    expectLeft(PHASES["collecting after DIFF"](), encodePacket(packet), rule);
  });

  /** A packet that claims to have 2 GiB of data, and to be of this zxid. */
  function lengthened(packet: Uint8Array, zxid: bigint): Uint8Array {
    const bytes = packet.slice();
    const view = new DataView(bytes.buffer);
    view.setBigInt64(4, zxid);
    view.setInt32(12, 0x7fff_ffff);
    return bytes;
  }

  function bytesWithLength(length: number): Uint8Array {
    const bytes = new Uint8Array(20);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, 5);
    view.setInt32(12, length);
    return bytes;
  }
});
