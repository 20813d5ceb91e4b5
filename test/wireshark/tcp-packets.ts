/** Packets of TCP connections, made by hand: Ethernet, IPv4, TCP, without checksums, which nobody asks for. */
import type { RecordedPacket } from "../../packages/inspect/test/pcap-files.js";

/** One side of a connection sends bytes, in one packet. */
export interface Sent {
  readonly by: "opener" | "acceptor";
  readonly bytes: Uint8Array;
}

/** A connection from a port of its own to `port`, from its first packet on. */
export function connectionPackets(
  openerPort: number,
  port: number,
  sent: readonly Sent[],
): RecordedPacket[] {
  const next = { opener: 1000, acceptor: 5000 };
  const packets = [
    packet(openerPort, port, next.opener++, 0, SYN),
    packet(port, openerPort, next.acceptor++, next.opener, SYN | ACK),
  ];
  for (const { by, bytes } of sent) {
    for (let at = 0; at < bytes.length; at += MOST_BYTES) {
      const part = bytes.subarray(at, at + MOST_BYTES);
      const other = by === "opener" ? next.acceptor : next.opener;
      const [from, to] = by === "opener" ? [openerPort, port] : [port, openerPort];
      packets.push(packet(from, to, next[by], other, ACK, part));
      next[by] += part.length;
    }
  }
  return packets.map((each, index) => ({ ...each, micros: index }));
}

function packet(
  from: number,
  to: number,
  sequence: number,
  acknowledged: number,
  flags: number,
  payload: Uint8Array = new Uint8Array(0),
): RecordedPacket {
  const header = Buffer.alloc(54);
  header.writeUInt16BE(0x0800, 12);
  header.writeUInt8(0x45, 14);
  header.writeUInt16BE(40 + payload.length, 16);
  header.writeUInt8(64, 22);
  header.writeUInt8(6, 23);
  header.writeUInt32BE(LOOPBACK, 26);
  header.writeUInt32BE(LOOPBACK, 30);
  header.writeUInt16BE(from, 34);
  header.writeUInt16BE(to, 36);
  header.writeUInt32BE(sequence, 38);
  header.writeUInt32BE(acknowledged, 42);
  header.writeUInt8(0x50, 46);
  header.writeUInt8(flags, 47);
  header.writeUInt16BE(65_535, 48);
  return { seconds: 1_700_000_000, micros: 0, bytes: Buffer.concat([header, payload]) };
}

const SYN = 2;
const ACK = 16;
const LOOPBACK = 0x7f000001;
/** As much as fits into a packet of IP with some room. */
const MOST_BYTES = 60_000;
