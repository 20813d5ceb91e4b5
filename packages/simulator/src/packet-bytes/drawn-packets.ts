/**
 * Packets of the quorum port and their bytes, written here by hand and not by the servers' code: as
 * `Leader`, `Learner` and `LearnerHandler` of Apache ZooKeeper write and read them.
 */
import type { OutgoingPacket, Packet, Sender } from "@jute-ts/quorum/wire";
import { MAX_EPOCH, TxnHeader, type Zxid } from "@jute-ts/zookeeper";
import { ascii, int, joined, long } from "../model/plain-bytes.js";
import type { Random } from "../world/random.js";

/** What is sent, and what it says; undefined where nobody may believe it. */
export interface DrawnPacket {
  readonly what: string;
  readonly sender: Sender;
  readonly bytes: Uint8Array;
  readonly packet: Packet | undefined;
  /** Whether servers write it so, and do not only read it. */
  readonly isWritten: boolean;
}

export function drawPackets(random: Random): readonly DrawnPacket[] {
  return [...ofLeaders(random), ...ofLearners(random), ...ofNobody(random)];
}

function ofLeaders(random: Random): readonly DrawnPacket[] {
  const [zxid, sessionId, leader] = [drawZxid(random), random.integer(0, 9), random.integer(1, 9)];
  const epoch = random.pick([0, 1, 77, MAX_EPOCH]);
  const first = BigInt(epoch) << 32n;
  const txn = drawTxn(random);
  const configuration = random.pick(["", "server.1=h:1:2\nversion=1", "server.2=ü"]);
  const text = configuration === "" ? undefined : utf8(configuration);
  const valid = random.chance(0.5);
  const designatedLeader = BigInt(leader);
  const known = BigInt(sessionId);
  return [
    leaders({ kind: "PROPOSAL", txn }, 2, txn.zxid, txn.bytes),
    leaders({ kind: "COMMIT", zxid }, 4, zxid),
    leaders({ kind: "PING", zxid }, 5, zxid),
    leaders({ kind: "REVALIDATED", sessionId: known, valid }, 6, -1n, [
      long(known),
      Uint8Array.of(valid ? 1 : 0),
    ]),
    leaders({ kind: "SYNC" }, 7, 0n),
    leaders({ kind: "INFORM", txn }, 8, txn.zxid, txn.bytes),
    leaders({ kind: "COMMITANDACTIVATE", zxid, designatedLeader }, 9, zxid, long(designatedLeader)),
    leaders({ kind: "NEWLEADER", epoch, configuration }, 10, first, text),
    leaders({ kind: "UPTODATE" }, 12, -1n),
    leaders({ kind: "DIFF", zxid }, 13, zxid),
    leaders({ kind: "TRUNC", zxid }, 14, zxid),
    leaders({ kind: "SNAP", zxid }, 15, zxid),
    leaders({ kind: "LEADERINFO", epoch }, 17, first, int(0x10000)),
    // As this project's leaders say it, of which Apache's learners read the version alone.
    leaders({ kind: "LEADERINFO", epoch, isCounted: false }, 17, first, [
      int(0x10000),
      Uint8Array.of(1),
    ]),
    read("a later version", leaders({ kind: "LEADERINFO", epoch }, 17, first, int(0x10001))),
    leaders({ kind: "INFORMANDACTIVATE", txn, designatedLeader }, 19, txn.zxid, [
      long(designatedLeader),
      txn.bytes,
    ]),
  ];
}

function ofLearners(random: Random): readonly DrawnPacket[] {
  const zxid = drawZxid(random);
  const acceptedEpoch = random.pick([0, 1, 77, MAX_EPOCH]);
  const first = BigInt(acceptedEpoch) << 32n;
  const sid = BigInt(random.integer(1, 255));
  const configVersion = random.pick([0n, 5n, 0x4_0000_0001n]);
  const protocolVersion = 0x10000;
  const identity = { sid, protocolVersion, configVersion };
  const whole = [long(sid), int(protocolVersion), long(configVersion)];
  const timeoutMs = random.pick([0, 1, 30_000, 0x7fff_ffff]);
  const sessionId = random.pick([0n, 1n, 0x0100_0000_0000_0001n, -1n]);
  const touched = Array.from({ length: random.integer(0, 3) }, (_, nth) => ({
    sessionId: sessionId + BigInt(nth),
    timeoutMs: random.integer(0, 40_000),
  }));
  const touches = touched.map((each) => joined(long(each.sessionId), int(each.timeoutMs)));
  const currentEpoch = random.pick([undefined, 0, 3, MAX_EPOCH]);
  const ofEpoch = int(currentEpoch ?? -1);
  const cxid = random.pick([0, 1, -1, 0x7fff_ffff]);
  const older = (data: readonly Uint8Array[]): DrawnPacket => {
    const version = data.length > 1 ? protocolVersion : 0;
    const known = { sid, protocolVersion: version, configVersion: 0n };
    const packet = { kind: "FOLLOWERINFO", acceptedEpoch, identity: known } as const;
    return read("of an older server", learners(packet, 11, first, data));
  };
  const unknown = { sid: undefined, protocolVersion: 0, configVersion: 0n };
  const sync = joined(long(sessionId), int(cxid), int(9), int(1), ascii("/"));
  return [
    drawRequest(random, sessionId, cxid),
    learners({ kind: "SYNCREQUEST", sessionId, cxid }, 1, -1n, sync),
    learners({ kind: "ACK", zxid }, 3, zxid),
    learners({ kind: "PINGANSWER", zxid, touched }, 5, zxid, touches),
    read("without data", learners({ kind: "PINGANSWER", zxid, touched: [] }, 5, zxid)),
    learners({ kind: "REVALIDATE", sessionId, timeoutMs }, 6, -1n, [
      long(sessionId),
      int(timeoutMs),
    ]),
    learners({ kind: "FOLLOWERINFO", acceptedEpoch, identity }, 11, first, whole),
    learners({ kind: "OBSERVERINFO", acceptedEpoch, identity }, 16, first, whole),
    older(whole.slice(0, 1)),
    older(whole.slice(0, 2)),
    read(
      "of a server that says nothing of itself",
      learners({ kind: "FOLLOWERINFO", acceptedEpoch, identity: unknown }, 11, first),
    ),
    read(
      "of a server without an epoch",
      learners({ kind: "OBSERVERINFO", acceptedEpoch: 0, identity }, 16, -(1n << 32n), whole),
    ),
    learners({ kind: "ACKEPOCH", lastZxid: zxid, currentEpoch }, 18, zxid, ofEpoch),
  ];
}

/** A session is opened before anybody is known; whatever else is asked for has a list, even an empty one. */
function drawRequest(random: Random, sessionId: bigint, cxid: number): DrawnPacket {
  const opCode = random.pick([1, 5, -10, -11]);
  const body = ascii(random.pick(["", "a", "abcdefg"]));
  const authInfo = Array.from({ length: random.integer(0, 2) }, (_, nth) => ({
    scheme: random.pick(["ip", "digest"]),
    id: `user ${nth}`,
  }));
  const change = { sessionId, cxid, opCode, body, authInfo };
  const data = joined(long(sessionId), int(cxid), int(opCode), body);
  const ids = authInfo.flatMap(({ scheme, id }) => [scheme, id]).map(text);
  const list =
    opCode === -10 && authInfo.length === 0 ? int(-1) : joined(int(authInfo.length), ...ids);
  const bytes = joined(int(1), long(-1n), int(data.length), data, list);
  return {
    what: `REQUEST with ${authInfo.length} ids`,
    sender: "learner",
    bytes,
    packet: { kind: "REQUEST", change },
    isWritten: true,
  };
}

function ofNobody(random: Random): readonly DrawnPacket[] {
  const epoch = BigInt(random.integer(1, 5)) << 32n;
  const txn = drawTxn(random);
  const refused = (
    sender: Sender,
    what: string,
    type: number,
    zxid: Zxid,
    data?: Uint8Array,
  ): DrawnPacket => {
    const bytes = bytesOf(type, zxid, data);
    return { what, sender, bytes, packet: undefined, isWritten: false };
  };
  return [
    refused("leader", "PROPOSAL of another txn", 2, txn.zxid + 1n, txn.bytes),
    refused("leader", "PROPOSAL of less than a header", 2, txn.zxid, txn.bytes.slice(0, 31)),
    refused("leader", "PROPOSAL without data", 2, txn.zxid),
    refused("leader", "INFORM of another txn", 8, txn.zxid + 1n, txn.bytes),
    refused("leader", "REVALIDATE of 8 bytes", 6, -1n, long(1n)),
    refused("leader", "COMMITANDACTIVATE of 7 bytes", 9, epoch + 1n, long(1n).slice(1)),
    refused("leader", "NEWLEADER within an epoch", 10, epoch + 1n),
    refused("leader", "NEWLEADER before all epochs", 10, -(1n << 32n)),
    refused("leader", "LEADERINFO of 3 bytes", 17, epoch, int(0x10000).slice(1)),
    refused("leader", "LEADERINFO of an older version", 17, epoch, int(0xffff)),
    refused("leader", "LEADERINFO within an epoch", 17, epoch + 1n, int(0x10000)),
    refused("leader", "FOLLOWERINFO", 11, epoch),
    refused("learner", "REQUEST of 15 bytes", 1, -1n, new Uint8Array(15)),
    refused("learner", "PING of 11 bytes", 5, 0n, new Uint8Array(11)),
    refused("learner", "REVALIDATE of 11 bytes", 6, -1n, new Uint8Array(11)),
    refused("learner", "FOLLOWERINFO of 9 bytes", 11, epoch, new Uint8Array(9)),
    refused("learner", "FOLLOWERINFO within an epoch", 11, epoch + 1n, new Uint8Array(20)),
    refused("learner", "ACKEPOCH of 3 bytes", 18, 0n, new Uint8Array(3)),
    refused("learner", "ACKEPOCH of epoch -2", 18, 0n, int(-2)),
    refused("learner", "UPTODATE", 12, -1n),
    refused("learner", "a packet of an unknown type", random.pick([0, 20, 77, -1]), 0n),
  ];
}

type Parts = Uint8Array | readonly Uint8Array[];

function leaders(packet: Packet, type: number, zxid: Zxid, data?: Parts): DrawnPacket {
  return written("leader", packet, type, zxid, data);
}

function learners(packet: Packet, type: number, zxid: Zxid, data?: Parts): DrawnPacket {
  return written("learner", packet, type, zxid, data);
}

function written(
  sender: Sender,
  packet: Packet,
  type: number,
  zxid: Zxid,
  data?: Parts,
): DrawnPacket {
  const whole = data === undefined || data instanceof Uint8Array ? data : joined(...data);
  const bytes = bytesOf(type, zxid, whole);
  return { what: packet.kind, sender, bytes, packet, isWritten: true };
}

function read(what: string, drawn: DrawnPacket): DrawnPacket {
  return { ...drawn, what: `${drawn.what} ${what}`, isWritten: false };
}

/** Its type, its zxid, its data and no list of ids. */
function bytesOf(type: number, zxid: Zxid, data: Uint8Array | undefined): Uint8Array {
  const buffer = data === undefined ? int(-1) : joined(int(data.length), data);
  return joined(int(type), long(zxid), buffer, int(-1));
}

/** One that opens a session: a header, and its timeout. */
function drawTxn(random: Random): Extract<OutgoingPacket, { kind: "PROPOSAL" }>["txn"] {
  const zxid = (BigInt(random.integer(1, 9)) << 32n) + BigInt(random.integer(1, 9));
  const bytes = joined(long(7n), int(3), long(zxid), long(1_700_000_000_000n), int(-10), int(4000));
  return { zxid, header: TxnHeader.decode(bytes.subarray(0, 32)), bytes };
}

function drawZxid(random: Random): Zxid {
  return random.pick([0n, 1n, 0x1_0000_0000n, 0x7_0000_0042n, 0x7fff_ffff_ffff_ffffn]);
}

function text(value: string): Uint8Array {
  return joined(int(value.length), ascii(value));
}

/** Of characters up to ü alone. */
function utf8(value: string): Uint8Array {
  return joined(
    ...Array.from(value, (character) => {
      const code = character.charCodeAt(0);
      return code < 0x80
        ? Uint8Array.of(code)
        : Uint8Array.of(0xc0 | (code >> 6), 0x80 | (code & 63));
    }),
  );
}
