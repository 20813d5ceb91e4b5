/** Connections on ports of no meaning: what they speak is known by their first bytes, in however many segments these come. */
import { decodeAll, type Item, itemJson } from "@jute-ts/inspect";
import type { JuteRecord } from "@jute-ts/runtime";
import {
  ConnectRequest,
  ConnectResponse,
  ExistsRequest,
  LearnerInfo,
  OpCode,
  PacketType,
  QuorumPacket,
  RequestHeader,
} from "@jute-ts/zookeeper";
import { describe, expect, it, test } from "vitest";
import { connectionPackets, type Sent } from "../../../test/wireshark/tcp-packets.js";
import { packetsOf, pcapOf, recordedLife, tcpOf } from "./pcap-files.js";

const framed = (...records: readonly JuteRecord[]): Buffer => {
  const body = Buffer.concat(records.map((record) => record.encode()));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};

const request = framed(
  new RequestHeader({ xid: 1, type: OpCode.exists }),
  new ExistsRequest({ path: "/somewhere", watch: false }),
);
const client: readonly Sent[] = [
  { by: "opener", bytes: framed(new ConnectRequest({ passwd: new Uint8Array(16) })) },
  { by: "acceptor", bytes: framed(new ConnectResponse({ passwd: new Uint8Array(16) })) },
  { by: "opener", bytes: request },
];

const info = new LearnerInfo({ serverid: 2n, protocolVersion: 0x10000, configVersion: 0n });
const followerInfo = new QuorumPacket({ type: PacketType.FOLLOWERINFO, data: info.encode() });
const quorum: readonly Sent[] = [{ by: "opener", bytes: followerInfo.encode() }];

// A hello of server 2 with its address for elections, as QuorumCnxManager writes it since 3.6.
const address = Buffer.from("127.0.0.1:3888");
const hello = Buffer.alloc(20);
hello.writeBigInt64BE(-65535n);
hello.writeBigInt64BE(2n, 8);
hello.writeInt32BE(address.length, 16);
const election: readonly Sent[] = [{ by: "opener", bytes: Buffer.concat([hello, address]) }];

/** The same bytes in segments of `size`. */
const cut = (sent: readonly Sent[], size: number): Sent[] =>
  sent.flatMap(({ by, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => ({
      by,
      bytes: bytes.subarray(at * size, (at + 1) * size),
    })),
  );

/** All but when it was. */
const contents = (items: readonly Item[]) =>
  items.map((item): Readonly<Record<string, unknown>> => {
    return { ...itemJson(item), timeMs: undefined, latencyMs: undefined };
  });
const decoded = (sent: readonly Sent[]) =>
  contents(decodeAll(pcapOf(connectionPackets(50_123, 40_123, sent)), "capture"));

describe.each([
  ["client", client, ["connectRequest", "connectResponse", "request"]],
  ["quorum", quorum, ["packet"]],
  ["election", election, ["hello"]],
] as const)("a connection of the protocol %s", (_name, sent, kinds) => {
  const whole = decoded(sent);

  it("is recognized", () => {
    expect(whole.map(({ kind }) => kind)).toEqual(kinds);
  });

  // A client in C sends the four bytes of a length by themselves.
  it.each([1, 2, 3, 4, 5, 7, 11, 13])("is recognized in segments of %i bytes", (size) => {
    expect(decoded(cut(sent, size))).toEqual(whole);
  });
});

test("a SYN that comes again, whenever it does, begins nothing again", () => {
  const packets = connectionPackets(50_123, 40_123, client);
  const [syn, synAck] = packets;
  if (syn === undefined || synAck === undefined) throw new Error("no packets");
  const whole = decoded(client);
  for (const again of [syn, synAck]) {
    for (let at = 1; at <= packets.length; at++) {
      // Everything before it once more, as the retransmission brings it.
      const twice = [...packets.slice(0, at), again, ...packets.slice(2, at), ...packets.slice(at)];
      expect(contents(decodeAll(pcapOf(twice), "capture"))).toEqual(whole);
    }
  }
});

test("a whole capture in segments of four bytes shows the same messages", () => {
  const life = recordedLife();
  const packets = packetsOf(life).flatMap((packet) => {
    const { payload, sequence } = tcpOf(packet);
    if (payload.length <= 4) return [packet];
    const headerBytes = packet.bytes.length - payload.length;
    return Array.from({ length: Math.ceil(payload.length / 4) }, (_, nth) => {
      const at = headerBytes + nth * 4;
      const header = Buffer.from(packet.bytes.subarray(0, headerBytes));
      const part = packet.bytes.subarray(at, at + 4);
      header.writeUInt16BE(headerBytes - 14 + part.length, 16);
      // After Ethernet's header and that of IPv4, which has no options here.
      header.writeUInt32BE((sequence + nth * 4) >>> 0, 38);
      return { ...packet, bytes: Buffer.concat([header, part]) };
    });
  });
  // The text that answers a four-letter word has no end but the connection's: it is shown as it comes.
  const isMessage = ({ kind }: Item): boolean => kind !== "fourLetterWord";
  const byName = (items: readonly Item[]): string[] =>
    contents(items.filter(isMessage))
      .map((item) => JSON.stringify(item))
      .sort();
  const expected = byName(decodeAll(new Uint8Array(life), "capture"));
  expect(expected.length).toBeGreaterThan(2000);
  expect(byName(decodeAll(pcapOf(packets), "capture"))).toEqual(expected);
});
