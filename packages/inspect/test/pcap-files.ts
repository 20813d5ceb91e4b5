/** Capture files taken apart and put together again in other ways, by code that shares nothing with the decoder. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export interface RecordedPacket {
  readonly seconds: number;
  readonly micros: number;
  /** From the link layer on. */
  readonly bytes: Buffer;
}

/** The recorded life of an ensemble (test/interop/record-capture-main.ts): Ethernet, little-endian, microseconds. */
export function recordedLife(): Buffer {
  return gunzipSync(readFileSync(new URL("recorded/life.pcap.gz", import.meta.url)));
}

/** The packets of a little-endian file with microseconds. */
export function packetsOf(file: Buffer): RecordedPacket[] {
  const packets: RecordedPacket[] = [];
  for (let at = 24; at < file.length;) {
    const length = file.readUInt32LE(at + 8);
    packets.push({
      seconds: file.readUInt32LE(at),
      micros: file.readUInt32LE(at + 4),
      bytes: file.subarray(at + 16, at + 16 + length),
    });
    at += 16 + length;
  }
  return packets;
}

export interface PcapForm {
  readonly isLittle?: boolean;
  readonly isNano?: boolean;
  readonly linkType?: number;
  /** How many bytes of each packet are kept. */
  readonly snapLength?: number;
}

/** A classic file. */
export function pcapOf(
  packets: readonly RecordedPacket[],
  { isLittle = true, isNano = false, linkType = 1, snapLength = 262_144 }: PcapForm = {},
): Uint8Array {
  const int = intWriter(isLittle);
  const header = Buffer.concat([
    int(isNano ? 0xa1b23c4d : 0xa1b2c3d4),
    isLittle ? Buffer.from([2, 0, 4, 0]) : Buffer.from([0, 2, 0, 4]),
    int(0),
    int(0),
    int(snapLength),
    int(linkType),
  ]);
  const records = packets.flatMap(({ seconds, micros, bytes }) => {
    const kept = bytes.subarray(0, snapLength);
    const fraction = isNano ? micros * 1000 : micros;
    return [int(seconds), int(fraction), int(kept.length), int(bytes.length), kept];
  });
  return new Uint8Array(Buffer.concat([header, ...records]));
}

/** The newer file, with one interface. `resolution`: the exponent of ten, or of two with the highest bit set. */
export function pcapngOf(
  packets: readonly RecordedPacket[],
  { isLittle = true, linkType = 1, resolution }: PcapForm & { readonly resolution?: number } = {},
): Uint8Array {
  const int = intWriter(isLittle);
  const short = (value: number): Buffer => {
    const bytes = Buffer.alloc(2);
    if (isLittle) bytes.writeUInt16LE(value);
    else bytes.writeUInt16BE(value);
    return bytes;
  };
  const block = (type: number, body: Buffer): Buffer => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const length = int(padded.length + 12);
    return Buffer.concat([int(type), length, padded, length]);
  };
  const section = Buffer.concat([int(0x1a2b3c4d), short(1), short(0), Buffer.alloc(8, 0xff)]);
  const option =
    resolution === undefined
      ? Buffer.alloc(0)
      : Buffer.concat([short(9), short(1), Buffer.from([resolution, 0, 0, 0]), int(0)]);
  const from = Buffer.concat([short(linkType), short(0), int(262_144), option]);
  const unit =
    (resolution ?? 6) & 0x80
      ? 2n ** BigInt((resolution ?? 6) & 0x7f)
      : 10n ** BigInt(resolution ?? 6);
  const blocks = packets.map(({ seconds, micros, bytes }) => {
    const units = ((BigInt(seconds) * 1_000_000n + BigInt(micros)) * unit) / 1_000_000n;
    const [high, low] = [Number(units >> 32n), Number(units & 0xffff_ffffn)];
    const body = [int(0), int(high), int(low), int(bytes.length), int(bytes.length), bytes];
    return block(6, Buffer.concat(body));
  });
  // A block of names, which says nothing of the traffic.
  const names = block(4, Buffer.alloc(4));
  return new Uint8Array(
    Buffer.concat([block(0x0a0d0d0a, section), block(1, from), names, ...blocks]),
  );
}

/** The packets as another link layer has them. `header` is put in the place of Ethernet's. */
export function relinked(packets: readonly RecordedPacket[], header: Buffer): RecordedPacket[] {
  return packets.map((packet) => ({
    ...packet,
    bytes: Buffer.concat([header, packet.bytes.subarray(14)]),
  }));
}

/** The packets with IPv6 headers in the place of IPv4's, behind Ethernet. */
export function overIpv6(packets: readonly RecordedPacket[]): RecordedPacket[] {
  return packets.map((packet) => {
    const { bytes } = packet;
    const headerLength = (bytes.readUInt8(14) & 0x0f) * 4;
    const tcp = bytes.subarray(14 + headerLength);
    const address = Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
    const header = Buffer.alloc(8);
    header.writeUInt8(0x60);
    // A header of options for all hops stands between.
    header.writeUInt16BE(tcp.length + 8, 4);
    header.writeUInt8(0, 6);
    const options = Buffer.from([6, 0, 1, 4, 0, 0, 0, 0]);
    const ethernet = Buffer.concat([bytes.subarray(0, 12), Buffer.from([0x86, 0xdd])]);
    return { ...packet, bytes: Buffer.concat([ethernet, header, address, address, options, tcp]) };
  });
}

/** What TCP says of a packet behind Ethernet and IPv4. */
export function tcpOf({ bytes }: RecordedPacket) {
  const ip = 14;
  const tcp = ip + (bytes.readUInt8(ip) & 0x0f) * 4;
  const end = ip + bytes.readUInt16BE(ip + 2);
  const start = tcp + (bytes.readUInt8(tcp + 12) >> 4) * 4;
  const flags = bytes.readUInt8(tcp + 13);
  return {
    key: `${bytes.readUInt16BE(tcp)}>${bytes.readUInt16BE(tcp + 2)}`,
    ports: [bytes.readUInt16BE(tcp), bytes.readUInt16BE(tcp + 2)] as const,
    sequence: bytes.readUInt32BE(tcp + 4),
    isSyn: (flags & 2) !== 0,
    payload: bytes.subarray(start, end),
  };
}

function intWriter(isLittle: boolean): (value: number) => Buffer {
  return (value) => {
    const bytes = Buffer.alloc(4);
    if (isLittle) bytes.writeUInt32LE(value >>> 0);
    else bytes.writeUInt32BE(value >>> 0);
    return bytes;
  };
}
