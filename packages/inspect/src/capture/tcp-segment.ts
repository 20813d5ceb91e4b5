/** From a captured packet to its TCP segment: link layers, IPv4 and IPv6. */
import type { CapturedPacket } from "./packet-source.js";

export interface TcpSegment {
  /** `127.0.0.1:2181` or `[::1]:2181`. */
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly isSyn: boolean;
  readonly isAck: boolean;
  readonly isFin: boolean;
  readonly isReset: boolean;
  /** Borrowed. */
  readonly payload: Uint8Array;
  /** How many bytes of the payload were cut off by the capture. */
  readonly cutBytes: number;
}

/** Why there is no segment in a packet. */
export type NoSegment = "not TCP" | "fragment" | "damaged" | "unknown link layer";

/** The segment in a packet, or why there is none. */
export function segmentOf(packet: CapturedPacket): TcpSegment | NoSegment {
  const ip = ipOf(packet);
  if (typeof ip === "string") return ip;
  const { bytes } = ip;
  const { length } = bytes;
  if (length < 20) return "damaged";
  switch ((bytes[0] ?? 0) >> 4) {
    case 4:
      return segmentOfIpv4(bytes);
    case 6:
      return segmentOfIpv6(bytes);
    default:
      return "damaged";
  }
}

/** The IP packet in a packet of this link layer. */
function ipOf({ linkType, bytes }: CapturedPacket): { readonly bytes: Uint8Array } | NoSegment {
  switch (linkType) {
    case ETHERNET:
      return afterEtherType(bytes, 12);
    case LINUX_COOKED:
      return afterEtherType(bytes, 14);
    case LINUX_COOKED_2:
      return isIp(shortAt(bytes, 0)) ? { bytes: bytes.subarray(20) } : "not TCP";
    case NULL_LOOPBACK:
    case OPENBSD_LOOPBACK:
      return { bytes: bytes.subarray(4) };
    case RAW:
    case RAW_BSD:
    case RAW_OPENBSD:
    case IPV4:
    case IPV6:
      return { bytes };
    default:
      return "unknown link layer";
  }
}

/** What follows an EtherType and the tags of virtual networks before it. */
function afterEtherType(bytes: Uint8Array, at: number): { readonly bytes: Uint8Array } | NoSegment {
  let typeAt = at;
  for (let tags = 0; tags < MOST_TAGS && TAGS.has(shortAt(bytes, typeAt)); tags++) typeAt += 4;
  return isIp(shortAt(bytes, typeAt)) ? { bytes: bytes.subarray(typeAt + 2) } : "not TCP";
}

function segmentOfIpv4(bytes: Uint8Array): TcpSegment | NoSegment {
  const headerBytes = ((bytes[0] ?? 0) & 0x0f) * 4;
  if (headerBytes < 20 || headerBytes > bytes.length) return "damaged";
  if (bytes[9] !== TCP) return "not TCP";
  // More fragments, or not the first: the flag and the offset.
  if ((shortAt(bytes, 6) & 0x3fff) !== 0) return "fragment";
  // Zero: the network card was to fill it in.
  const total = shortAt(bytes, 2) === 0 ? bytes.length : shortAt(bytes, 2);
  return segmentIn(bytes, headerBytes, total, (addressAt, port) => {
    return ipv4End(bytes, 12 + 4 * addressAt, port);
  });
}

function segmentOfIpv6(bytes: Uint8Array): TcpSegment | NoSegment {
  if (bytes.length < IPV6_HEADER_BYTES) return "damaged";
  const payload = shortAt(bytes, 4);
  const total = payload === 0 ? bytes.length : IPV6_HEADER_BYTES + payload;
  let next = bytes[6] ?? 0;
  let at = IPV6_HEADER_BYTES;
  for (let headers = 0; headers < MOST_EXTENSIONS && EXTENSIONS.has(next); headers++) {
    if (at + 8 > bytes.length) return "damaged";
    if (next === FRAGMENT && (shortAt(bytes, at + 2) & 0xfff9) !== 0) return "fragment";
    const size = next === FRAGMENT ? 8 : ((bytes[at + 1] ?? 0) + 1) * 8;
    next = bytes[at] ?? 0;
    at += size;
  }
  if (next !== TCP) return "not TCP";
  return segmentIn(bytes, at, total, (addressAt, port) => {
    const from = 8 + 16 * addressAt;
    return `[${ipv6Text(bytes.subarray(from, from + 16))}]:${port}`;
  });
}

function segmentIn(
  bytes: Uint8Array,
  at: number,
  total: number,
  /** The text of the first or the second address with this port. */
  endText: (address: 0 | 1, port: number) => string,
): TcpSegment | NoSegment {
  if (at + 20 > bytes.length) return "damaged";
  const headerBytes = ((bytes[at + 12] ?? 0) >> 4) * 4;
  const start = at + headerBytes;
  if (headerBytes < 20 || start > total) return "damaged";
  const end = Math.min(total, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[at + 13] ?? 0;
  const sourcePort = view.getUint16(at);
  const destinationPort = view.getUint16(at + 2);
  return {
    source: endText(0, sourcePort),
    destination: endText(1, destinationPort),
    sourcePort,
    destinationPort,
    sequence: view.getInt32(at + 4),
    acknowledgment: view.getInt32(at + 8),
    isFin: (flags & 0x01) !== 0,
    isSyn: (flags & 0x02) !== 0,
    isReset: (flags & 0x04) !== 0,
    isAck: (flags & 0x10) !== 0,
    payload: start < end ? bytes.subarray(start, end) : NOTHING,
    cutBytes: Math.max(0, total - Math.max(end, start)),
  };
}

/** Packets come from few ends, each of which would be made again for every packet. */
function ipv4End(bytes: Uint8Array, at: number, port: number): string {
  const address = shortAt(bytes, at) * TWO_16 + shortAt(bytes, at + 2);
  const key = address * TWO_16 + port;
  let text = ipv4Ends.get(key);
  if (text === undefined) {
    if (ipv4Ends.size >= MOST_ENDS) ipv4Ends.clear();
    text = `${bytes.subarray(at, at + 4).join(".")}:${port}`;
    ipv4Ends.set(key, text);
  }
  return text;
}

/** With the longest run of zeros left out. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => shortAt(bytes, 2 * index));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(":");
  if (best.start < 0) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

function isIp(etherType: number): boolean {
  return etherType === 0x0800 || etherType === 0x86dd;
}

function shortAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** LINKTYPE numbers of the pcap formats. */
const NULL_LOOPBACK = 0;
const ETHERNET = 1;
const RAW_BSD = 12;
const RAW_OPENBSD = 14;
const RAW = 101;
const OPENBSD_LOOPBACK = 108;
const LINUX_COOKED = 113;
const IPV4 = 228;
const IPV6 = 229;
const LINUX_COOKED_2 = 276;

/** EtherTypes of virtual networks. */
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const MOST_TAGS = 4;

const TCP = 6;
const FRAGMENT = 44;
/** Hop by hop, routing, fragment, destination options. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, FRAGMENT, 60]);
const MOST_EXTENSIONS = 8;
const IPV6_HEADER_BYTES = 40;
const TWO_16 = 65_536;
const MOST_ENDS = 4096;
const ipv4Ends = new Map<number, string>();
const NOTHING = new Uint8Array(0);
