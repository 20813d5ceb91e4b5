/**
 * A recorded life of Apache's servers and ours: every byte that TCP carried is in an
 * item, whatever form the capture has, and what is missing costs no more than itself.
 */
import { CaptureDecoder, decodeAll, type Item, itemJson } from "@jute-ts/inspect";
import type { JsonObject, JuteRecord } from "@jute-ts/runtime";
import {
  ConnectRequest,
  ConnectResponse,
  CreateRequest,
  CreateResponse,
  OPEN_ACL_UNSAFE,
  OpCode,
  ReplyHeader,
  RequestHeader,
} from "@jute-ts/zookeeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../test/effort.js";
import { connectionPackets, type Sent } from "../../../test/wireshark/tcp-packets.js";
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

describe("a message of which bytes are missing", () => {
  const framed = (...records: readonly JuteRecord[]): Buffer => {
    const body = Buffer.concat(records.map((record) => record.encode()));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  };
  const from = (by: "opener" | "acceptor", ...records: readonly JuteRecord[]): Sent => ({
    by,
    bytes: framed(...records),
  });
  const create = (xid: number, path: string, size: number): Sent => {
    const data = new Uint8Array(size).fill(0xee);
    const body = new CreateRequest({ path, data, acl: OPEN_ACL_UNSAFE, flags: 0 });
    return from("opener", new RequestHeader({ xid, type: OpCode.create }), body);
  };
  const created = (xid: number, path: string): Sent =>
    from("acceptor", new ReplyHeader({ xid, zxid: 7n }), new CreateResponse({ path }));
  const sent: readonly Sent[] = [
    from("opener", new ConnectRequest({ passwd: new Uint8Array(16) })),
    from("acceptor", new ConnectResponse({ sessionId: 9n, passwd: new Uint8Array(16) })),
    create(1, "/a", 150_000),
    created(1, "/a"),
    create(2, "/b", 100),
    created(2, "/b"),
    from("opener", new RequestHeader({ xid: 3, type: OpCode.ping })),
  ];
  const whole = connectionPackets(50_001, 2181, sent);
  const wanted = [
    "request connect /",
    "response connect /",
    "request create /a",
    "response create /a",
    "request create /b",
    "response create /b",
    "request ping ",
  ];
  const messages = (list: readonly Item[]): string[] =>
    list
      .filter(({ kind }) => kind !== "gap" && kind !== "fault")
      .map(({ kind, name, paths }) => {
        const side = kind.startsWith("connect") ? kind.slice("connect".length).toLowerCase() : kind;
        return `${side} ${name} ${kind.startsWith("connect") ? "/" : (paths[0] ?? "")}`;
      });

  const requests = wanted.filter((text) => text.startsWith("request"));

  it("shows what is there of it, and costs no other message", () => {
    // The first packet of the long request stays, so that its length is known.
    const long = whole.findIndex(({ bytes }) => bytes.length > 50_000);
    for (const lost of [[long + 1], [long + 2], [long + 1, long + 2]]) {
      const found = decodeAll(pcapOf(whole.filter((_packet, at) => !lost.includes(at))), "capture");
      // Nobody knows yet that a packet is lost when the response comes.
      expect(messages(found.filter(({ sender }) => sender === "client"))).toEqual(requests);
      expect(found.filter(({ kind, xid }) => kind === "response" && xid !== 0)).toHaveLength(2);
      expectStreams(found);
      const cut = found.filter(({ kind, faults }) => kind === "request" && faults.length > 0);
      expect(cut.map(({ paths }) => paths)).toEqual([["/a"]]);
      for (const item of found) expectFieldsCover(item);
    }
  });

  it("may be every one, where the capture kept only the start of each packet", () => {
    for (const snapLength of [80, 100, 130]) {
      const found = decodeAll(pcapOf(whole, { snapLength }), "capture");
      expect(messages(found)).toEqual(wanted);
      expectStreams(found);
      const missing = found.filter(({ kind }) => kind === "gap");
      const sizes = whole.map(({ bytes }) => Math.max(0, bytes.length - snapLength));
      const sum = (list: readonly number[]): number => list.reduce((all, each) => all + each, 0);
      expect(sum(missing.map(({ length }) => length))).toBe(sum(sizes));
    }
  });

  it("is taken for what it is, as soon as its length is there, wherever it is cut", () => {
    const kindsAt = (list: readonly Item[]): string[] =>
      list
        .filter(({ kind }) => kind !== "gap" && kind !== "fault")
        .map(({ kind, sender, offset }) => `${kind} ${sender ?? ""} ${offset}`);
    const header = whole[0]?.bytes.length ?? 0;
    const expected = kindsAt(decodeAll(pcapOf(whole), "capture"));
    for (let shown = 4; shown <= 60; shown++) {
      const found = decodeAll(pcapOf(whole, { snapLength: header + shown }), "capture");
      expect([shown, kindsAt(found)]).toEqual([shown, expected]);
      for (const item of found) expectFieldsCover(item);
    }
  });

  it("is told in the singular where one byte is left or missing", () => {
    for (const { by, bytes } of sent.slice(0, 3)) {
      for (let length = 0; length < Math.min(bytes.length, 60); length++) {
        for (const format of by === "opener"
          ? (["request", "requests", "packet", "hello", "notification", "txn"] as const)
          : (["connectResponse"] as const)) {
          const said = decodeAll(bytes.subarray(0, length), format).flatMap((item) => [
            item.detail,
            ...item.faults.map(({ reason }) => reason),
          ]);
          expect(said.join("\n")).not.toMatch(/\b1 (bytes|are)\b/);
        }
      }
    }
  });

  it("can be a step of the authentication between servers", () => {
    // The magic number, the status, and a token of 100 bytes.
    const step = Buffer.alloc(116, 0x41);
    step.writeBigInt64BE(BigInt.asIntN(64, -0xa0dbcafecafe1234n));
    step.writeInt32BE(1, 8);
    step.writeInt32BE(100, 12);
    const opening = connectionPackets(50_002, 2888, [{ by: "opener", bytes: step }]);
    const header = opening[0]?.bytes.length ?? 0;
    for (let shown = 12; shown < 116; shown++) {
      const cut = pcapOf(opening, { snapLength: header + shown });
      const [first] = decodeAll(cut, "capture");
      expect([shown, first?.kind, first?.length]).toEqual([shown, "quorumAuthentication", shown]);
    }
  });

  it("leaves what ended in the gap to be looked for, as nothing says where the next one begins", () => {
    // All of the requests from the end of the long one on.
    const long = whole.findIndex(({ bytes }) => bytes.length > 50_000);
    const isLost = (packet: RecordedPacket, at: number): boolean =>
      at >= long + 2 && tcpOf(packet).ports[1] === 2181 && packet.bytes.length > 100;
    const found = decodeAll(pcapOf(whole.filter((packet, at) => !isLost(packet, at))), "capture");
    expect(messages(found.filter(({ sender }) => sender === "client"))).toEqual(
      requests.filter((text) => text !== "request create /b"),
    );
    expectStreams(found);
  });

  it("is a packet between servers, too, and the packets after it stay in step", () => {
    const cut = decodeAll(pcapOf(packets, { snapLength: 160 }), "capture");
    const startOf = ({ connection, sender, offset, name }: Item): string =>
      `${connection?.number ?? ""} ${sender ?? ""} ${offset} ${name}`;
    const proposals = items.filter(({ name }) => name === "PROPOSAL" || name === "INFORM");
    const shown = new Set(cut.map(startOf));
    const found = proposals.filter((item) => shown.has(startOf(item)));
    expect(proposals.length).toBeGreaterThan(100);
    // Without their lengths being trusted 32 of them were found, and 348 requests.
    expect(found.length).toBeGreaterThan(80);
    expect(cut.filter(({ kind }) => kind === "request").length).toBeGreaterThan(420);
    // Nothing is shown that was not sent.
    const real = new Set(items.map(startOf));
    const names = new Set(items.map(({ name }) => name));
    for (const item of cut) {
      if (item.kind === "gap" || item.kind === "fault" || !names.has(item.name)) continue;
      expect(real).toContain(startOf(item));
    }
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
