/**
 * The quorum port: the stream of packets in both directions, and peers in live
 * roles that hear it. A role must survive everything: what is no packet ends a
 * connection, and `step` never throws.
 */
import { ProtocolViolation } from "@jute-ts/quorum";
import { encodePacket, type OutgoingPacket, PacketStream } from "@jute-ts/quorum/wire";
import { OpCode } from "@jute-ts/zookeeper";
import { encodeSnapshotStreamSignature } from "@jute-ts/persistence";
import { DataTree } from "@jute-ts/data-tree";
import {
  connectionOf,
  PeerHarness,
  TO_LEADER,
} from "../../../packages/quorum/test/peer-harness.js";
import { type FuzzedParser, inPieces, verdictOf } from "../fuzzed-parser.js";
import type { Random } from "../random.js";
import { numbered } from "./txn-samples.js";

const txns = numbered(8, 0x1_0000_0001n);

const greetings: readonly OutgoingPacket[] = [
  { kind: "LEADERINFO", epoch: 1 },
  { kind: "DIFF", zxid: 0x1_0000_0000n },
];
const newLeader: OutgoingPacket = { kind: "NEWLEADER", epoch: 1, configuration: "" };
const broadcast: readonly OutgoingPacket[] = [
  ...txns.map((txn): OutgoingPacket => ({ kind: "PROPOSAL", txn })),
  ...txns.map(({ zxid }): OutgoingPacket => ({ kind: "COMMIT", zxid })),
  { kind: "PING", zxid: 0x1_0000_0004n },
  { kind: "SYNC" },
  { kind: "REVALIDATED", sessionId: 7n, valid: true },
];

const leaderSays: readonly (readonly OutgoingPacket[])[] = [
  [...greetings, newLeader, { kind: "UPTODATE" }, ...broadcast],
  [{ kind: "LEADERINFO", epoch: 1 }, { kind: "TRUNC", zxid: 0n }, newLeader, { kind: "UPTODATE" }],
  [...greetings, ...txns.map((txn): OutgoingPacket => ({ kind: "PROPOSAL", txn })), newLeader],
  [...txns.map((txn): OutgoingPacket => ({ kind: "INFORM", txn }))],
  ...txns.slice(0, 2).map((txn): OutgoingPacket[] => [
    { kind: "COMMITANDACTIVATE", zxid: txn.zxid, designatedLeader: 3n },
    { kind: "INFORMANDACTIVATE", txn, designatedLeader: 2n },
  ]),
  broadcast,
];

/** A snapshot as the register of the harness writes it: some zxids and a zero. */
const snapshot = concatenated([
  ...[
    { kind: "LEADERINFO", epoch: 1 } as const,
    { kind: "SNAP", zxid: 0x1_0000_0002n } as const,
  ].map(encodePacket),
  Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1),
  new Uint8Array(8),
  encodeSnapshotStreamSignature(),
  encodePacket(newLeader),
  encodePacket({ kind: "UPTODATE" }),
]);

const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };
const change = {
  sessionId: 7n,
  cxid: 3,
  opCode: OpCode.setData,
  body: Uint8Array.of(0, 0, 0, 1, 0x2f, 0, 0, 0, 0, 0, 0, 0, 0),
  authInfo: [{ scheme: "ip", id: "127.0.0.1" }],
};
const learnerSays: readonly (readonly OutgoingPacket[])[] = [
  [
    { kind: "FOLLOWERINFO", acceptedEpoch: 0, identity },
    { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 },
    { kind: "ACK", zxid: 0x1_0000_0000n },
    { kind: "ACK", zxid: 0x1_0000_0001n },
  ],
  [
    { kind: "OBSERVERINFO", acceptedEpoch: 0, identity: { ...identity, sid: 4n } },
    { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: undefined },
    { kind: "ACK", zxid: 0x1_0000_0000n },
  ],
  [
    { kind: "REQUEST", change },
    { kind: "SYNCREQUEST", sessionId: 7n, cxid: 4 },
    { kind: "REVALIDATE", sessionId: 7n, timeoutMs: 4000 },
    { kind: "PINGANSWER", zxid: 1n, touched: [{ sessionId: 7n, timeoutMs: 4000 }] },
    { kind: "ACK", zxid: 0x1_0000_0001n },
  ],
];

const fromLeader = [...leaderSays.map(encoded), snapshot];
const fromLearner = learnerSays.map(encoded);

export const leaderPackets: FuzzedParser = packetsOf("leader", fromLeader);
export const learnerPackets: FuzzedParser = packetsOf("learner", fromLearner);

function packetsOf(sender: "leader" | "learner", samples: readonly Uint8Array[]): FuzzedParser {
  return {
    name: `packets-of-${sender}`,
    samples,
    begin: (random) => {
      const stream = new PacketStream({ sender, maxPacketBytes: 1024 * 1024 });
      return (input) =>
        verdictOf(() => {
          inPieces(input, random, (piece) => {
            stream.push(piece);
            piece.fill(0xa5);
            for (;;) {
              const item = stream.next();
              if (item === undefined) return;
              if (item.kind === "SNAP") stream.beginSnapshot(new DataTree().restore(item.zxid));
            }
          });
        }, ProtocolViolation);
    },
  };
}

/** How far a role has come before it hears the input. */
const FOLLOWING: readonly ((peer: PeerHarness) => unknown)[] = [
  (peer) => peer.follow(),
  (peer) => [peer.follow(), peer.hear(...greetings)],
  (peer) => peer.followUpToDate(),
];

export const learnerRole: FuzzedParser = {
  name: "learner",
  samples: fromLeader,
  begin: (random) => {
    const peer = new PeerHarness();
    random.pick(FOLLOWING)(peer);
    return hearing(peer, TO_LEADER, random);
  },
};

const LEADING: readonly ((peer: PeerHarness) => unknown)[] = [
  (peer) => [peer.lead(), peer.say({ kind: "accepted", connection: connectionOf(2n) })],
  (peer) => [peer.lead(), peer.introduce(2n)],
  (peer) => [peer.establish(3n), peer.say({ kind: "accepted", connection: connectionOf(2n) })],
  (peer) => peer.establish(2n),
  (peer) => [peer.establish(2n), peer.submit(1, 7n)],
];

export const leaderRole: FuzzedParser = {
  name: "leader",
  samples: fromLearner,
  begin: (random) => {
    const peer = new PeerHarness({ observers: 1 });
    random.pick(LEADING)(peer);
    return hearing(peer, connectionOf(2n), random);
  },
};

function hearing(
  peer: PeerHarness,
  connection: number,
  random: Random,
): ReturnType<FuzzedParser["begin"]> {
  return (input) => {
    const outcome = { closed: false };
    inPieces(input, random, (bytes) => {
      if (outcome.closed) return;
      const effects = peer.step({ kind: "received", connection, bytes });
      bytes.fill(0xa5);
      outcome.closed = effects.some(
        (effect) => effect.kind === "closeConnection" && effect.connection === connection,
      );
      const stopped = effects.find((effect) => effect.kind === "stopped");
      if (stopped !== undefined) throw new Error(`the peer stopped: ${JSON.stringify(stopped)}`);
    });
    return outcome.closed ? "refused" : "accepted";
  };
}

function encoded(packets: readonly OutgoingPacket[]): Uint8Array {
  return concatenated(packets.map(encodePacket));
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
