import { encodeTxn, OpCode, TxnHeader } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { ProtocolViolation } from "../protocol-violation.js";
import type { StateLoader, LoggedTxn } from "../replicated-state.js";
import { encodePacket, type Sender } from "./codec.js";
import type { OutgoingPacket, Packet } from "./packet.js";
import { PacketStream } from "./packet-stream.js";

const MAX = 2 * 0xfffff;
const identity = { sid: 1n, protocolVersion: 0x10000, configVersion: 0n };
const change = {
  sessionId: 0x0100_0000_0000_0001n,
  cxid: 7,
  opCode: OpCode.setData,
  body: new Uint8Array([1, 2, 3]),
  authInfo: [{ scheme: "ip", id: "::1" }],
};

function makeTxn(zxid: bigint): LoggedTxn {
  const header = { clientId: 5n, cxid: 6, zxid, time: 9n };
  const bytes = encodeTxn(OpCode.delete, header, { path: "/a" });
  return { zxid, header: TxnHeader.decode(bytes.subarray(0, 32)), bytes };
}

const txn = makeTxn(0x2_0000_0003n);
const txnHex =
  "0000000000000005" +
  "00000006" +
  "0000000200000003" +
  "0000000000000009" +
  "00000002" +
  "000000022f61";

/** Bytes as the protocol's description lays them out: type, zxid, data with its length, ids. */
function hex(type: string, zxid: string, data: string | null, ids = "ffffffff"): string {
  const length = data === null ? "ffffffff" : (data.length / 2).toString(16).padStart(8, "0");
  return `${type.padStart(8, "0")}${zxid}${length}${data ?? ""}${ids}`;
}

const NONE = "ffffffffffffffff";
const ZERO = "0000000000000000";

describe("packets as bytes", () => {
  const rows: [Sender, Packet, string][] = [
    [
      "learner",
      { kind: "REQUEST", change },
      hex(
        "1",
        NONE,
        "0100000000000001" + "00000007" + "00000005" + "010203",
        "00000001" + "000000026970" + "000000033a3a31",
      ),
    ],
    [
      "learner",
      { kind: "SYNCREQUEST", sessionId: 1n, cxid: 2 },
      hex("1", NONE, "0000000000000001" + "00000002" + "00000009" + "000000012f"),
    ],
    ["leader", { kind: "PROPOSAL", txn }, hex("2", "0000000200000003", txnHex)],
    ["learner", { kind: "ACK", zxid: 0x2_0000_0003n }, hex("3", "0000000200000003", null)],
    ["leader", { kind: "COMMIT", zxid: 0x2_0000_0003n }, hex("4", "0000000200000003", null)],
    ["leader", { kind: "PING", zxid: 3n }, hex("5", "0000000000000003", null)],
    ["learner", { kind: "PINGANSWER", zxid: 3n, touched: [] }, hex("5", "0000000000000003", "")],
    [
      "learner",
      { kind: "PINGANSWER", zxid: 3n, touched: [{ sessionId: 1n, timeoutMs: 4000 }] },
      hex("5", "0000000000000003", "0000000000000001" + "00000fa0"),
    ],
    [
      "learner",
      { kind: "REVALIDATE", sessionId: 1n, timeoutMs: 4000 },
      hex("6", NONE, "0000000000000001" + "00000fa0"),
    ],
    [
      "leader",
      { kind: "REVALIDATED", sessionId: 1n, valid: true },
      hex("6", NONE, "0000000000000001" + "01"),
    ],
    ["leader", { kind: "SYNC" }, hex("7", ZERO, null)],
    ["leader", { kind: "INFORM", txn }, hex("8", "0000000200000003", txnHex)],
    [
      "leader",
      { kind: "COMMITANDACTIVATE", zxid: 3n, designatedLeader: 2n },
      hex("9", "0000000000000003", "0000000000000002"),
    ],
    [
      "leader",
      { kind: "NEWLEADER", epoch: 2, configuration: "version=0" },
      hex("a", "0000000200000000", "76657273696f6e3d30"),
    ],
    [
      "leader",
      { kind: "NEWLEADER", epoch: 2, configuration: "" },
      hex("a", "0000000200000000", null),
    ],
    // Seen on the wire of Apache's server: FOLLOWERINFO of server 1 that has never accepted an epoch.
    [
      "learner",
      { kind: "FOLLOWERINFO", acceptedEpoch: 0, identity },
      "0000000b0000000000000000000000140000000000000001000100000000000000000000ffffffff",
    ],
    ["leader", { kind: "UPTODATE" }, hex("c", NONE, null)],
    ["leader", { kind: "DIFF", zxid: 3n }, hex("d", "0000000000000003", null)],
    ["leader", { kind: "TRUNC", zxid: 3n }, hex("e", "0000000000000003", null)],
    ["leader", { kind: "SNAP", zxid: 3n }, hex("f", "0000000000000003", null)],
    [
      "learner",
      { kind: "OBSERVERINFO", acceptedEpoch: 4, identity },
      hex("10", "0000000400000000", "0000000000000001" + "00010000" + ZERO),
    ],
    ["leader", { kind: "LEADERINFO", epoch: 5 }, hex("11", "0000000500000000", "00010000")],
    [
      "leader",
      { kind: "LEADERINFO", epoch: 5, isCounted: false },
      hex("11", "0000000500000000", "0001000001"),
    ],
    [
      "learner",
      { kind: "ACKEPOCH", lastZxid: 3n, currentEpoch: 4 },
      hex("12", "0000000000000003", "00000004"),
    ],
    [
      "learner",
      { kind: "ACKEPOCH", lastZxid: 3n, currentEpoch: undefined },
      hex("12", "0000000000000003", "ffffffff"),
    ],
    [
      "leader",
      { kind: "INFORMANDACTIVATE", txn, designatedLeader: 2n },
      hex("13", "0000000200000003", "0000000000000002" + txnHex),
    ],
  ];

  it.each([
    ["FOLLOWERINFO", "b"],
    ["OBSERVERINFO", "10"],
  ] as const)("%s of Java without a database says epoch -1, which is none", (kind, type) => {
    const data = "0000000000000001" + "00010000" + ZERO;
    const bytes = fromHex(hex(type, "ffffffff00000000", data));
    expect(readAll("learner", bytes)).toMatchObject([{ kind, acceptedEpoch: 0 }]);
  });

  it.each(rows)("%s: %o", (sender, packet, expected) => {
    expect(toHex(encodePacket(packet))).toBe(expected);
    expect(readAll(sender, fromHex(expected))).toEqual([packet]);
  });

  it("come back whole however they are cut", () => {
    const bytes = concat(
      rows.filter(([sender]) => sender === "leader").map(([, p]) => encodePacket(p)),
    );
    const expected = rows.filter(([sender]) => sender === "leader").map(([, packet]) => packet);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (cuts) => {
        const stream = new PacketStream({ sender: "leader", maxPacketBytes: MAX });
        const packets: unknown[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = cuts[turn % cuts.length] ?? 1;
          stream.push(bytes.subarray(at, at + size));
          at += size;
          for (let item = stream.next(); item !== undefined; item = stream.next())
            packets.push(item);
        }
        expect(packets).toEqual(expected);
        expect(stream.waitingBytes).toBe(0);
      }),
    );
  });

  it("keep their txns when the connection's memory is used again", () => {
    const chunk = encodePacket({ kind: "PROPOSAL", txn }).slice();
    const stream = new PacketStream({ sender: "leader", maxPacketBytes: MAX });
    stream.push(chunk);
    chunk.fill(0xee);
    const packet = stream.next();
    stream.push(new Uint8Array(500).fill(0xee));
    expect(packet).toEqual({ kind: "PROPOSAL", txn });
  });
});

describe("a snapshot's stream", () => {
  it("is taken by the sink up to its end, and packets follow the signature", () => {
    const packets: OutgoingPacket[] = [
      { kind: "SNAP", zxid: 3n },
      { kind: "SNAPSHOTPIECE", bytes: new Uint8Array([9, 9, 9, 0]) },
      { kind: "SNAPSHOTEND" },
      { kind: "UPTODATE" },
    ];
    const bytes = concat(packets.map((packet) => encodePacket(packet)));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const stream = new PacketStream({ sender: "leader", maxPacketBytes: MAX });
      const sink = new UntilZero();
      const items: string[] = [];
      for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
        stream.push(part);
        for (let item = stream.next(); item !== undefined; item = stream.next()) {
          items.push(item.kind);
          if (item.kind === "SNAP") stream.beginSnapshot(sink);
        }
      }
      expect(items).toEqual(["SNAP", "SNAPSHOTEND", "UPTODATE"]);
      expect(sink.taken).toEqual([9, 9, 9, 0]);
    }
  });

  it("without its signature is refused", () => {
    const stream = new PacketStream({ sender: "leader", maxPacketBytes: MAX });
    stream.beginSnapshot(new UntilZero());
    stream.push(new Uint8Array(20));
    expect(() => stream.next()).toThrow(ProtocolViolation);
  });
});

describe("what is no packet is refused, with its name and what is wrong", () => {
  const rows: [string, Sender, string, string][] = [
    ["type 0", "leader", hex("0", ZERO, null), "unexpected-packet"],
    ["type 20", "leader", hex("14", ZERO, null), "unexpected-packet"],
    ["a negative type", "learner", hex("ffffffff", ZERO, null), "unexpected-packet"],
    [
      "a leader's packet from a learner",
      "learner",
      hex("2", "0000000200000003", txnHex),
      "unexpected-packet",
    ],
    [
      "a learner's packet from a leader",
      "leader",
      hex("12", ZERO, "00000000"),
      "unexpected-packet",
    ],
    ["REQUEST without data", "learner", hex("1", NONE, null), "malformed"],
    ["REQUEST that ends early", "learner", hex("1", NONE, "0000000000000001"), "malformed"],
    ["PROPOSAL without data", "leader", hex("2", ZERO, null), "malformed"],
    ["PROPOSAL of another zxid", "leader", hex("2", "0000000200000004", txnHex), "malformed"],
    ["PROPOSAL with half a header", "leader", hex("2", ZERO, "0000000000000005"), "malformed"],
    [
      "PROPOSAL of a txn that ends early",
      "leader",
      hex("2", "0000000200000003", txnHex.slice(0, -2)),
      "malformed",
    ],
    [
      "PROPOSAL of a txn of unknown type",
      "leader",
      hex("2", "0000000200000003", txnHex.slice(0, 56) + "00000063" + txnHex.slice(64)),
      "malformed",
    ],
    ["PING of 13 bytes", "learner", hex("5", ZERO, "00".repeat(13)), "malformed"],
    ["REVALIDATE that is short, learner", "learner", hex("6", NONE, "00".repeat(11)), "malformed"],
    ["REVALIDATE that is short, leader", "leader", hex("6", NONE, "00".repeat(8)), "malformed"],
    ["INFORM without data", "leader", hex("8", ZERO, null), "malformed"],
    ["COMMITANDACTIVATE without its leader", "leader", hex("9", ZERO, null), "malformed"],
    ["FOLLOWERINFO of 9 bytes", "learner", hex("b", ZERO, "00".repeat(9)), "malformed"],
    [
      "FOLLOWERINFO inside an epoch",
      "learner",
      hex("b", "0000000000000001", "00".repeat(20)),
      "malformed",
    ],
    [
      "OBSERVERINFO of an epoch beyond the last",
      "learner",
      hex("10", "7fffffff00000000", "00".repeat(20)),
      "epoch",
    ],
    [
      "LEADERINFO of a negative epoch",
      "leader",
      hex("11", "8000000000000000", "00010000"),
      "epoch",
    ],
    ["LEADERINFO of an old protocol", "leader", hex("11", ZERO, "00000001"), "malformed"],
    ["ACKEPOCH without data", "learner", hex("12", ZERO, null), "malformed"],
    ["ACKEPOCH of epoch -2", "learner", hex("12", ZERO, "fffffffe"), "malformed"],
    [
      "INFORMANDACTIVATE without its leader",
      "leader",
      hex("13", "0000000200000003", txnHex),
      "malformed",
    ],
    ["data of length -2", "leader", `00000005${ZERO}fffffffe`, "malformed"],
    ["data beyond the limit", "leader", `00000005${ZERO}7fffffff`, "limit"],
    ["2^31 - 1 ids", "leader", `00000005${ZERO}ffffffff7fffffff`, "limit"],
    ["an id of length -2", "leader", `00000005${ZERO}ffffffff00000001fffffffe`, "malformed"],
    ["an id beyond the limit", "leader", `00000005${ZERO}ffffffff0000000100100000`, "limit"],
  ];

  it.each(rows)("%s", (_name, sender, bytes, rule) => {
    expect(ruleOf(sender, fromHex(bytes))).toBe(rule);
  });

  it("and nothing else happens for any bytes at all", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom<Sender>("leader", "learner"),
        (bytes, sender) => {
          ruleOf(sender, bytes);
        },
      ),
      { numRuns: effort(20_000, 2000) },
    );
  });
});

/** The rule that the bytes break, or undefined; any other error is thrown on. */
function ruleOf(sender: Sender, bytes: Uint8Array): string | undefined {
  try {
    readAll(sender, bytes);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolViolation) return error.rule;
    throw error;
  }
}

function readAll(sender: Sender, bytes: Uint8Array): unknown[] {
  const stream = new PacketStream({ sender, maxPacketBytes: MAX });
  stream.push(bytes);
  const items: unknown[] = [];
  for (let item = stream.next(); item !== undefined; item = stream.next()) items.push(item);
  return items;
}

/** A snapshot that ends with its first zero. */
class UntilZero implements StateLoader {
  readonly taken: number[] = [];
  done = false;

  push(bytes: Uint8Array): number {
    const end = bytes.indexOf(0);
    const taken = end === -1 ? bytes : bytes.subarray(0, end + 1);
    this.taken.push(...taken);
    this.done = end !== -1;
    return taken.length;
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
