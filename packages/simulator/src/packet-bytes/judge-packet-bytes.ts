/**
 * PacketBytes: what servers write on their quorum connections is what Apache's servers read, byte for
 * byte; what those write is read, however it comes cut; and what is nothing of the kind is
 * refused. Each run draws a packet of each kind together with its bytes.
 */
import { ProtocolViolation } from "@jute-ts/quorum";
import { encodePacket, type Packet, PacketStream, type Sender } from "@jute-ts/quorum/wire";
import { InvariantViolation } from "../checkers/checker.js";
import { equalBytes } from "../model/equal-bytes.js";
import { joined } from "../model/plain-bytes.js";
import type { Random } from "../world/random.js";
import { type DrawnPacket, drawPackets } from "./drawn-packets.js";

/** How servers write and read. */
export interface PacketCodec {
  readonly encode: (packet: Packet) => Uint8Array;
  /** The packets that come in these pieces. */
  readonly read: (sender: Sender, pieces: readonly Uint8Array[]) => readonly unknown[];
}

export const SERVERS: PacketCodec = {
  encode: encodePacket,
  read(sender, pieces) {
    const stream = new PacketStream({ sender, maxPacketBytes: 1000 });
    const found: unknown[] = [];
    for (const piece of pieces) {
      stream.push(piece);
      for (let item = stream.next(); item !== undefined; item = stream.next()) found.push(item);
    }
    return found;
  },
};

/** Throws InvariantViolation when packets that are drawn now are not written or read as they should be. */
export function judgePacketBytes(random: Random, codec: PacketCodec = SERVERS): void {
  const drawn = drawPackets(random);
  for (const { what, packet, bytes, isWritten } of drawn)
    if (packet !== undefined && isWritten && !equalBytes(codec.encode(packet), bytes))
      throw violation(`writes another ${what}`, packet);
  for (const sender of ["leader", "learner"] as const) judgeRead(random, sender, drawn, codec);
  for (const { what, sender, packet, bytes } of drawn)
    if (packet === undefined && !isRefused(sender, bytes, codec))
      throw violation(`believes ${what} of a ${sender}`, [...bytes]);
}

function judgeRead(
  random: Random,
  sender: Sender,
  drawn: readonly DrawnPacket[],
  codec: PacketCodec,
): void {
  const good = drawn.filter((each) => each.sender === sender && each.packet !== undefined);
  const pieces = cut(random, joined(...good.map(({ bytes }) => bytes)));
  let found: readonly unknown[];
  try {
    found = codec.read(sender, pieces);
  } catch (error) {
    if (!(error instanceof ProtocolViolation)) throw error;
    throw violation(
      `refuses packets of a ${sender} (${error.message})`,
      good.map(({ what }) => what),
    );
  }
  for (const [nth, { what, packet }] of good.entries())
    if (shown(found[nth]) !== shown(packet))
      throw violation(`reads ${what} as ${shown(found[nth])}`, packet);
  if (found.length > good.length) throw violation("reads more than was sent", found.at(-1));
}

function cut(random: Random, bytes: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const longest = random.pick([1, 30, 1000]);
  for (let at = 0; at < bytes.length;) {
    const end = at + random.integer(1, longest);
    pieces.push(bytes.slice(at, end));
    at = end;
  }
  return pieces;
}

function isRefused(sender: Sender, bytes: Uint8Array, codec: PacketCodec): boolean {
  try {
    codec.read(sender, [bytes]);
    return false;
  } catch (error) {
    if (error instanceof ProtocolViolation) return true;
    throw error;
  }
}

/** As text that is equal for equal values, whatever the order of their fields. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === "bigint") return `${each}n`;
    if (each instanceof Uint8Array) return [...each];
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function violation(what: string, packet: unknown): InvariantViolation {
  return new InvariantViolation("PacketBytes", `a server ${what}: ${shown(packet)}`);
}
