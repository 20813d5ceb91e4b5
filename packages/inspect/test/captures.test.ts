/**
 * A recorded life of Apache's servers and ours: every byte that TCP carried is in an
 * item, whatever form the capture has, and what is missing costs no more than itself.
 */
import { CaptureDecoder, decodeAll, type Item, itemJson } from "@jute-ts/inspect";
import type { JsonObject } from "@jute-ts/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../test/effort.js";
import { connectionPackets } from "../../../test/wireshark/tcp-packets.js";
import { expectFieldsCover } from "./coverage.js";
import {
  overIpv6,
  packetsOf,
  pcapngOf,
  pcapOf,
  type RecordedPacket,
  recordedLife,
  relinked,
  tcpOf,
} from "./pcap-files.js";

const life = recordedLife();
const packets = packetsOf(life);
const items = decodeAll(new Uint8Array(life), "capture");

describe("a capture of an ensemble's life", () => {
  it("has no byte that is not decoded, and no message that is not whole", () => {
    expect(items.flatMap(({ faults }) => faults)).toEqual([]);
    expect(items.filter(({ kind }) => kind === "opaque" || kind === "gap")).toEqual([]);
    for (const item of items) expectFieldsCover(item);
  });

  it("gives the bytes that TCP carried, in each direction of each connection", () => {
    // A slow and simple second opinion: the payloads by their sequence numbers.
    const expected = new Map<string, Map<number, number>>();
    for (const packet of packets) {
      const { key, sequence, payload, isSyn } = tcpOf(packet);
      const bytes = expected.get(key) ?? new Map<number, number>();
      expected.set(key, bytes);
      payload.forEach((byte, at) => bytes.set((sequence + at + (isSyn ? 1 : 0)) >>> 0, byte));
    }
    const carried = [...expected.values()].reduce((sum, bytes) => sum + bytes.size, 0);
    expect(carried).toBeGreaterThan(100_000);
    expect(items.reduce((sum, { length }) => sum + length, 0)).toBe(carried);
    expectStreams(items);
  });

  it("has everything that servers say to each other and to clients", () => {
    const names = new Set(items.map(({ name }) => name));
    const wanted =
      "FOLLOWERINFO OBSERVERINFO LEADERINFO ACKEPOCH DIFF SNAP TRUNC NEWLEADER UPTODATE REQUEST " +
      "PROPOSAL ACK COMMIT INFORM PING REVALIDATE hello LOOKING FOLLOWING LEADING connect create " +
      "setData multi closeSession znode signature word answer";
    for (const name of wanted.split(" ")) expect(names, name).toContain(name);
  });

  it("has a request for each response, which is later", () => {
    const responses = items.filter(({ kind }) => kind === "response");
    expect(responses.length).toBeGreaterThan(50);
    for (const { opCode, latencyMs } of responses) {
      expect(opCode).toBeDefined();
      expect(latencyMs).toBeGreaterThanOrEqual(0);
    }
  });

  it("needs no more memory at a time than a chunk", () => {
    const decoder = new CaptureDecoder();
    const inPieces: Item[] = [];
    for (let at = 0; at < life.length; at += 997) {
      inPieces.push(...decoder.push(new Uint8Array(life.subarray(at, at + 997))));
    }
    inPieces.push(...decoder.finish());
    expect(inPieces.map(itemJson)).toEqual(items.map(itemJson));
  });
});

const sll = Buffer.from([0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0]);
const sll2 = Buffer.from([8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0]);
const tagged = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, 12), Buffer.from([0x81, 0, 0, 7]), bytes.subarray(12)]);

describe("the same traffic in another form gives the same items", () => {
  const forms: readonly (readonly [string, () => Uint8Array])[] = [
    ["big-endian", () => pcapOf(packets, { isLittle: false })],
    ["nanoseconds", () => pcapOf(packets, { isNano: true })],
    ["big-endian nanoseconds", () => pcapOf(packets, { isLittle: false, isNano: true })],
    ["pcapng", () => pcapngOf(packets)],
    ["pcapng, big-endian", () => pcapngOf(packets, { isLittle: false })],
    ["pcapng, nanoseconds", () => pcapngOf(packets, { resolution: 9 })],
    ["Linux cooked", () => pcapOf(relinked(packets, sll), { linkType: 113 })],
    ["Linux cooked 2", () => pcapngOf(relinked(packets, sll2), { linkType: 276 })],
    [
      "loopback of BSD",
      () => pcapOf(relinked(packets, Buffer.from([2, 0, 0, 0])), { linkType: 0 }),
    ],
    ["raw IP", () => pcapOf(relinked(packets, Buffer.alloc(0)), { linkType: 101 })],
    [
      "a virtual network",
      () => pcapOf(packets.map((packet) => ({ ...packet, bytes: tagged(packet.bytes) }))),
    ],
  ];
  const expected = items.map(withoutTimes);

  it.each(rowsOf(forms, 4))("%s", (_name, make) => {
    const other = decodeAll(make(), "capture");
    expect(other.map(withoutTimes)).toEqual(expected);
    other.forEach((item, index) => {
      expect(item.timeMs).toBeCloseTo(items[index]?.timeMs ?? NaN, 2);
    });
  });

  it("IPv6", () => {
    const other = decodeAll(pcapOf(overIpv6(packets)), "capture");
    const texts = (list: readonly Item[]): string[] =>
      list.map((item) =>
        JSON.stringify(withoutTimes(item)).replaceAll(/127\.0\.0\.1:|\[::1\]:/g, ""),
      );
    expect(texts(other)).toEqual(texts(items));
    expect(other[0]?.connection?.opener).toMatch(/^\[::1\]:\d+$/);
  });
});

describe("traffic as networks have it", () => {
  const expected = byStream(items);

  it("may come twice", () => {
    const twice = packets.flatMap((packet) => [packet, packet]);
    expect(byStream(decodeAll(pcapOf(twice), "capture"))).toEqual(expected);
  });

  it("may come in another order", () => {
    // Neighbours of one direction change places, as behind several queues of a network card.
    const mixed = [...packets];
    for (let at = 0; at + 1 < mixed.length; at++) {
      const [first, second] = [mixed[at], mixed[at + 1]];
      if (first === undefined || second === undefined) break;
      const [a, b] = [tcpOf(first), tcpOf(second)];
      if (a.key === b.key && !a.isSyn && a.payload.length > 0 && b.payload.length > 0) {
        mixed[at] = second;
        mixed[at + 1] = first;
        at++;
      }
    }
    expect(mixed).not.toEqual(packets);
    expect(byStream(decodeAll(pcapOf(mixed), "capture"))).toEqual(expected);
  });

  it("may be cut by the capture, which shows as gaps of the right size", () => {
    const other = decodeAll(pcapOf(packets, { snapLength: 200 }), "capture");
    expectStreams(other);
    const total = (list: readonly Item[]): number =>
      list.reduce((sum, { length }) => sum + length, 0);
    expect(total(other)).toBe(total(items));
    // What was sent again is cut off again, but missing only once.
    const cut = new Set<string>();
    for (const packet of packets) {
      const { key, sequence, payload } = tcpOf(packet);
      const kept = payload.length - Math.max(0, packet.bytes.length - 200);
      for (let at = Math.max(0, kept); at < payload.length; at++)
        cut.add(`${key} ${sequence + at}`);
    }
    expect(total(other.filter(({ kind }) => kind === "gap"))).toBe(cut.size);
  });
});

describe("a lost packet", () => {
  const withData = packets.filter((packet) => tcpOf(packet).payload.length > 0);
  const lost = [40, 200, 500, 900, 1400].map((nth) => withData[nth]);

  it.each(lost.map((packet, nth) => [nth, packet] as const))(
    "leaves a gap, and all messages that it did not touch (%i)",
    (_nth, packet) => {
      if (packet === undefined) throw new Error("no packet");
      const rest = packets.filter((each) => each !== packet);
      const other = decodeAll(pcapOf(rest), "capture");
      expectStreams(other);
      const { payload } = tcpOf(packet);
      const gaps = other.filter(({ kind }) => kind === "gap");
      // The last packet of a direction leaves nothing that would show it.
      expect(gaps.map(({ length }) => length)).toEqual(gaps.length === 0 ? [] : [payload.length]);
      const before = new Set(items.map(placeText));
      const after = new Set(other.map(placeText));
      const [gap] = gaps;
      const missing = [...before].filter((text) => !after.has(text));
      // What the packet held, what began or ended in it, and in a snapshot what followed.
      const touched = items.filter(
        (item) =>
          item.connection?.number === gap?.connection?.number &&
          item.sender === gap?.sender &&
          item.endOffset > (gap?.offset ?? 0),
      );
      expect(missing.length).toBeLessThanOrEqual(touched.length);
      expect(missing.length).toBeLessThan(before.size);
    },
  );
});

describe("a capture that begins in the middle", () => {
  it("is decoded from the next message on, in both directions", () => {
    const start = packets.findIndex(({ bytes }) => bytes.includes("/life/")) + 200;
    const other = decodeAll(pcapOf(packets.slice(start)), "capture");
    const lost = other.filter(({ kind }) => kind === "fault");
    const decoded = other.filter(({ kind, bytes }) => kind !== "fault" && bytes !== undefined);
    const size = (list: readonly Item[]): number =>
      list.reduce((sum, { length }) => sum + length, 0);
    expect(decoded.length).toBeGreaterThan(500);
    expect(size(lost)).toBeLessThan(size(decoded) / 50);
  });
});

describe("a damaged capture", () => {
  it("is decoded up to the damage, says where it is, and goes on after it", () => {
    const file = pcapOf(packets);
    const middle = packetOffset(packets, 800);
    const damaged = file.slice();
    // A length that no packet has.
    damaged.fill(0xff, middle + 8, middle + 12);
    const other = decodeAll(damaged, "capture");
    const fault = other.find(
      ({ kind, connection }) => kind === "fault" && connection === undefined,
    );
    expect(fault).toMatchObject({ offset: middle });
    expect(fault?.length).toBe(packetOffset(packets, 801) - middle);
    expect(other.length).toBeGreaterThan(items.length - 20);
  });

  it("may end in the middle of a packet", () => {
    const file = pcapOf(packets);
    const other = decodeAll(file.subarray(0, packetOffset(packets, 900) + 30), "capture");
    expect(other.find(({ connection }) => connection === undefined)).toMatchObject({
      kind: "fault",
      length: 30,
    });
  });
});

it("of an unknown protocol says in which connection bytes are missing", () => {
  const piece = { by: "opener", bytes: new Uint8Array(50).fill(0xee) } as const;
  const sent = connectionPackets(50_000, 9_999, Array<typeof piece>(30).fill(piece));
  const found = decodeAll(pcapOf(sent.filter((_packet, at) => at !== 5 && at !== 25)), "capture");
  expect(found.filter(({ kind }) => kind === "gap")).toHaveLength(2);
  for (const { connection, sender } of found) {
    expect({ connection, sender }).toMatchObject({ connection: { number: 1 }, sender: "opener" });
  }
  expectStreams(found);
});

describe("a capture that was damaged in many places", () => {
  it.each(rowsOf([1, 2, 3, 4, 5, 6, 7, 8], 2))(
    "still shows each byte of a connection once (%i)",
    (seed) => {
      const edits = fc.sample(fc.tuple(fc.nat(), fc.nat(255)), { seed, numRuns: 400 });
      const file = pcapOf(packets.slice(0, 4000));
      for (const [at, value] of edits) file[24 + (at % (file.length - 24))] = value;
      const found = decodeAll(file, "capture");
      expect(found.some(({ faults }) => faults.length > 0)).toBe(true);
      expectStreams(found.filter(({ connection }) => connection !== undefined));
      for (const item of found) expectFieldsCover(item);
    },
  );
});

function packetOffset(list: readonly RecordedPacket[], nth: number): number {
  return list.slice(0, nth).reduce((sum, { bytes }) => sum + 16 + bytes.length, 24);
}

function withoutTimes(item: Item): JsonObject {
  const { timeMs: _time, latencyMs: _latency, ...json } = itemJson(item);
  return json;
}

/** Items of each direction by themselves: between directions the order is that of the capture. */
function byStream(list: readonly Item[]): Record<string, JsonObject[]> {
  const streams: Record<string, JsonObject[]> = {};
  for (const item of list) (streams[streamOf(item)] ??= []).push(withoutTimes(item));
  return streams;
}

function streamOf({ connection, sender }: Item): string {
  return `${connection?.opener ?? ""} ${connection?.acceptor ?? ""} ${sender ?? ""}`;
}

function placeText(item: Item): string {
  return `${streamOf(item)} ${item.kind} ${item.offset} ${item.length}`;
}

/** Checks that the items of each direction of each connection cover its bytes. */
function expectStreams(list: readonly Item[]): void {
  const ends = new Map<string, number>();
  for (const item of list) {
    const stream = `${item.connection?.number ?? ""} ${item.sender ?? ""}`;
    if (item.offset !== (ends.get(stream) ?? 0)) expect.fail(`${stream} at ${item.offset}`);
    ends.set(stream, item.endOffset);
  }
}
