import { encodePacket } from "@jute-ts/quorum/wire";
import { ProtocolViolation } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { Random } from "../world/random.js";
import { judgePacketBytes, type PacketCodec, SERVERS } from "./judge-packet-bytes.js";

/** What is said of a codec over some draws; undefined when nothing is. */
function whatIsSaidOf(change: Partial<PacketCodec>): string | undefined {
  for (let seed = 1; seed <= effort(300, 50); seed += 1) {
    try {
      judgePacketBytes(new Random(seed), { ...SERVERS, ...change });
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}

describe("packets of the quorum port", () => {
  it("are written and read by servers as Apache's do", () => {
    expect(whatIsSaidOf({})).toBeUndefined();
  });

  it("must be written so", () => {
    const encode: PacketCodec["encode"] = (packet) =>
      packet.kind === "SYNC" ? encodePacket({ kind: "UPTODATE" }) : encodePacket(packet);
    expect(whatIsSaidOf({ encode })).toContain("a server writes another SYNC");
  });

  it("must be read so, all of them and no more", () => {
    const late: PacketCodec["read"] = (sender, pieces) => SERVERS.read(sender, pieces).slice(1);
    expect(whatIsSaidOf({ read: late })).toContain("a server reads PROPOSAL as");
    const twice: PacketCodec["read"] = (sender, pieces) => {
      const found = SERVERS.read(sender, pieces);
      return [...found, ...found];
    };
    expect(whatIsSaidOf({ read: twice })).toContain("reads more than was sent");
  });

  it("must be refused when they are none, and only then", () => {
    const trusting: PacketCodec["read"] = (sender, pieces) => {
      if (pieces.length > 1) return SERVERS.read(sender, pieces);
      try {
        return SERVERS.read(sender, pieces);
      } catch {
        return [];
      }
    };
    const strict: PacketCodec["read"] = () => {
      throw new ProtocolViolation("malformed", "nothing will do");
    };
    expect(whatIsSaidOf({ read: strict })).toContain("refuses packets of a leader");
    expect(whatIsSaidOf({ read: trusting })).toContain("believes PROPOSAL of another txn");
  });
});
