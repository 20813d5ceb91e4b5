/** A capture with every message that ZooKeeper knows, made by its records and by hand: none of it is the dissector's own idea. */
import fc from "fast-check";
import { recordArbitrary } from "@jute-ts/fast-check";
import type { AnyRecordType, JuteRecord } from "@jute-ts/runtime";
import {
  ConnectRequest,
  ConnectResponse,
  isMultiOpCode,
  LearnerInfo,
  MultiHeader,
  MultiTxn,
  multiOperationRecordType,
  multiResultRecordType,
  OpCode,
  PacketType,
  QuorumPacket,
  ReplyHeader,
  RequestHeader,
  requestRecordType,
  responseRecordType,
  subTxnRecordType,
  Txn,
  TxnDigest,
  TxnHeader,
  txnRecordType,
  WatcherEvent,
} from "@jute-ts/zookeeper";
import type { RecordedPacket } from "../../packages/inspect/test/pcap-files.js";
import { connectionPackets, type Sent } from "./tcp-packets.js";

const OP_CODES: readonly number[] = Object.values(OpCode);

/** Client connections on port 2181 and quorum connections on 2888. `seed` decides the values. */
export function everyMessage(seed: number): RecordedPacket[] {
  return [
    ...connectionPackets(40_001, 2181, clientMessages(seed)),
    ...connectionPackets(40_002, 2181, oldClientMessages()),
    ...connectionPackets(40_003, 2888, quorumMessages(seed)),
  ];
}

function clientMessages(seed: number): Sent[] {
  const sent: Sent[] = [
    request(new ConnectRequest({ passwd: new Uint8Array(16), readOnly: false })),
    response(new ConnectResponse({ sessionId: 5n, passwd: new Uint8Array(16), readOnly: true })),
  ];
  let xid = 1;
  for (const type of OP_CODES) {
    const body = requestBody(type, seed);
    if (body === undefined) continue;
    sent.push(request(new RequestHeader({ xid, type }), ...body));
    const answer = responseBody(type, seed);
    const zxid = BigInt(xid);
    if (answer !== undefined) sent.push(response(new ReplyHeader({ xid, zxid }), ...answer));
    else sent.push(response(new ReplyHeader({ xid, zxid, err: -6 })));
    xid++;
  }
  const event = new WatcherEvent({ type: 3, state: 3, path: "/watched" });
  sent.push(response(new ReplyHeader({ xid: -1, zxid: -1n }), event));
  return sent;
}

/** A client from before 3.4, which does not send `readOnly`; its answer lacks it, too. */
function oldClientMessages(): Sent[] {
  const passwd = new Uint8Array(16);
  return [
    request(new ConnectRequest({ passwd, readOnly: undefined })),
    response(new ConnectResponse({ passwd, readOnly: undefined })),
    request(new RequestHeader({ xid: -2, type: OpCode.ping })),
    response(new ReplyHeader({ xid: -2, zxid: 1n })),
  ];
}

function requestBody(type: number, seed: number): readonly JuteRecord[] | undefined {
  if (isMultiOpCode(type)) {
    return parts((part) => multiOperationRecordType(type, part), seed);
  }
  const recordType = requestRecordType(type);
  if (recordType === undefined) return undefined;
  return recordType === null ? [] : [sample(recordType, seed)];
}

function responseBody(type: number, seed: number): readonly JuteRecord[] | undefined {
  if (isMultiOpCode(type)) return parts((part) => multiResultRecordType(type, part), seed);
  const recordType = responseRecordType(type);
  if (recordType === undefined) return undefined;
  return recordType === null ? [] : [sample(recordType, seed)];
}

/** A part for each op code that can be one, and the end. */
function parts(
  recordOf: (part: number) => AnyRecordType | null | undefined,
  seed: number,
): readonly JuteRecord[] {
  const records: JuteRecord[] = [];
  for (const type of OP_CODES) {
    const recordType = recordOf(type);
    if (recordType === undefined) continue;
    records.push(new MultiHeader({ type, done: false, err: 0 }));
    if (recordType !== null) records.push(sample(recordType, seed));
  }
  return [...records, new MultiHeader({ type: -1, done: true, err: -1 })];
}

function quorumMessages(seed: number): Sent[] {
  const learner = (packet: QuorumPacket): Sent => ({ by: "opener", bytes: packet.encode() });
  const leader = (packet: QuorumPacket): Sent => ({ by: "acceptor", bytes: packet.encode() });
  const info = new LearnerInfo({ serverid: 1n, protocolVersion: 0x10000, configVersion: 7n });
  const sent = [
    learner(new QuorumPacket({ type: PacketType.FOLLOWERINFO, data: info.encode() })),
    leader(new QuorumPacket({ type: PacketType.LEADERINFO, data: hex("00010000") })),
    learner(new QuorumPacket({ type: PacketType.ACKEPOCH, data: hex("00000001") })),
    leader(new QuorumPacket({ type: PacketType.DIFF })),
    leader(new QuorumPacket({ type: PacketType.NEWLEADER, data: Buffer.from("version=0") })),
    leader(new QuorumPacket({ type: PacketType.UPTODATE })),
    leader(new QuorumPacket({ type: PacketType.PING })),
    learner(new QuorumPacket({ type: PacketType.PING, data: hex("000000000000000500007530") })),
    learner(
      new QuorumPacket({ type: PacketType.REVALIDATE, data: hex("000000000000000500007530") }),
    ),
    leader(new QuorumPacket({ type: PacketType.REVALIDATE, data: hex("000000000000000501") })),
    leader(new QuorumPacket({ type: PacketType.COMMITANDACTIVATE, data: hex("0000000000000002") })),
  ];
  let zxid = 1n;
  for (const type of OP_CODES) {
    const body = requestBody(type, seed);
    if (body !== undefined) {
      const head = [hex("0000000000000005"), intBytes(9), intBytes(type)];
      const data = Buffer.concat([...head, ...body.map((record) => record.encode())]);
      sent.push(learner(new QuorumPacket({ type: PacketType.REQUEST, data })));
    }
    const recordType = txnRecordType(type);
    if (recordType === undefined) continue;
    zxid++;
    const header = new TxnHeader({ clientId: 5n, cxid: 9, zxid, time: 1_700_000_000_000n, type });
    const record = type === OpCode.multi ? multiTxn(seed) : sample(recordType, seed);
    const digest = new TxnDigest({ version: 2, treeDigest: zxid });
    const data = Buffer.concat([header.encode(), record.encode(), digest.encode()]);
    sent.push(leader(new QuorumPacket({ type: PacketType.PROPOSAL, zxid, data })));
    sent.push(leader(new QuorumPacket({ type: PacketType.INFORM, zxid, data })));
    const activate = Buffer.concat([hex("0000000000000002"), data]);
    sent.push(
      leader(new QuorumPacket({ type: PacketType.INFORMANDACTIVATE, zxid, data: activate })),
    );
    sent.push(learner(new QuorumPacket({ type: PacketType.ACK, zxid })));
    sent.push(leader(new QuorumPacket({ type: PacketType.COMMIT, zxid })));
  }
  return sent;
}

function multiTxn(seed: number): MultiTxn {
  const txns = OP_CODES.flatMap((type) => {
    const recordType = subTxnRecordType(type);
    return recordType === undefined
      ? []
      : [new Txn({ type, data: sample(recordType, seed).encode() })];
  });
  return new MultiTxn({ txns });
}

function sample(type: AnyRecordType, seed: number): JuteRecord {
  const [record] = fc.sample(recordArbitrary(type), { seed, numRuns: 1 });
  if (record === undefined) throw new Error(`no ${type.descriptor.name}`);
  return record;
}

function request(...records: readonly JuteRecord[]): Sent {
  return { by: "opener", bytes: framed(records) };
}

function response(...records: readonly JuteRecord[]): Sent {
  return { by: "acceptor", bytes: framed(records) };
}

function framed(records: readonly JuteRecord[]): Uint8Array {
  const body = Buffer.concat(records.map((record) => record.encode()));
  return Buffer.concat([intBytes(body.length), body]);
}

function intBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function hex(text: string): Buffer {
  return Buffer.from(text, "hex");
}
