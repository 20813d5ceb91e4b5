/**
 * The dissector for Wireshark in Debian's tshark: what it shows of traffic of Apache's servers and of every message
 * there is, compared with `@jute-ts/inspect` and with what TCP says by itself, and what hostile bytes do to it.
 */
import { readFileSync } from "node:fs";
import { compile } from "@jute-ts/compiler";
import { decodeAll } from "@jute-ts/inspect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  packetsOf,
  pcapOf,
  type RecordedPacket,
  recordedLife,
  tcpOf,
} from "../../packages/inspect/test/pcap-files.js";
import { effort, rowsOf } from "../effort.js";
import { mutation } from "../properties/mutation.js";
import { everyMessage } from "./every-message.js";
import { connectionPackets } from "./tcp-packets.js";
import { byDirection, directionsOf } from "./directions.js";
import { type Ports, portOptions, type Shown, Tshark, whyNoTshark } from "./tshark.js";

const HOOK_MS = 60_000;
const why = whyNoTshark();
const isLeftOut = why !== undefined && process.env["CI"] !== "true";
const life = recordedLife();
const lifePackets = packetsOf(life);
const lifeItems = decodeAll(new Uint8Array(life), "capture");
/** Wireshark would take some of these ports for those of other protocols. */
const lifePorts = portOptions(recordedPorts());

describe.skipIf(isLeftOut)(`the dissector${isLeftOut ? ` (left out: ${why})` : ""}`, () => {
  let tshark: Tshark;
  beforeAll(async () => {
    tshark = await Tshark.start();
  }, HOOK_MS);
  afterAll(() => {
    tshark.stop();
  });

  describe("of traffic of Apache's servers", () => {
    let shown: readonly Shown[];
    beforeAll(() => {
      shown = tshark.messages(life, ...lifePorts);
    }, HOOK_MS);

    it("shows the messages that jute decode shows, each as what it is", () => {
      expect(byDirection(shown)).toEqual(directionsOf(lifeItems));
      expect(shown).toHaveLength(lifeItems.length);
      expect(tshark.print(life, ...lifePorts, "-Y", "zookeeper.malformed")).toBe("");
    });

    it("leaves out no byte that TCP carried", () => {
      const carried = new Map<string, Set<number>>();
      for (const packet of lifePackets) {
        const { key, sequence, payload, isSyn } = tcpOf(packet);
        const bytes = carried.get(key) ?? new Set<number>();
        carried.set(key, bytes);
        payload.forEach((_byte, at) => bytes.add((sequence + at + (isSyn ? 1 : 0)) >>> 0));
      }
      const expected = [...carried.values()].reduce((sum, bytes) => sum + bytes.size, 0);
      expect(shown.reduce((sum, { length }) => sum + length, 0)).toBe(expected);
    });

    it("shows as many messages as the frames of clients and servers say by themselves", () => {
      const streams = [...streamsOf(lifePackets)].filter(([key]) =>
        key.split(">").some((port) => recordedPorts().client.includes(Number(port))),
      );
      const framed = streams.map(([key, bytes]) => [key, countFrames(bytes)] as const);
      const counted = new Map<string, number>();
      for (const { sourcePort, destinationPort, kind } of shown) {
        if (kind === "fourLetterWord") continue;
        const key = `${String(sourcePort)}>${String(destinationPort)}`;
        counted.set(key, (counted.get(key) ?? 0) + 1);
      }
      const found = framed.filter(([, count]) => count !== undefined && count > 0);
      expect(found.length).toBeGreaterThan(5);
      for (const [key, count] of found) expect(counted.get(key), key).toBe(count);
    });

    it("is the same in a second pass and for connections on unnamed ports", () => {
      expect(tshark.messages(life, ...lifePorts, "-2")).toEqual(shown);
      const recognizing = ["-o", "tcp.try_heuristic_first:TRUE"];
      expect(tshark.messages(life, ...recognizing)).toEqual(shown);
    });

    it("gives fields the values that are there", () => {
      const rows = tshark.fields(life, [...FIELDS.keys()], ...lifePorts);
      [...FIELDS].forEach(([field, [kind, path]], column) => {
        const values = rows.flatMap((row) => (row[column] ?? "").split(","));
        const expected = lifeItems
          .filter((item) => kind.test(item.kind))
          .flatMap((item) => item.fields.filter((each) => path.test(each.path)))
          .map(({ value }) => plainValue(String(value)));
        expect(expected.length, field).toBeGreaterThan(0);
        const found = values.filter((value) => value !== "").map(plainValue);
        expect(counts(found), field).toEqual(counts(expected));
      });
    });

    it("finds the request of each response, and how long it took", () => {
      const names = ["zookeeper.kind", "zookeeper.request_in", "zookeeper.time"];
      const filter = ["-Y", 'zookeeper.kind == "response"'];
      const times: number[] = [];
      for (const [kinds = "", requests = "", latencies = ""] of tshark.fields(
        life,
        names,
        ...lifePorts,
        ...filter,
      )) {
        const responses = kinds.split(",").filter((kind) => kind === "response");
        expect(requests.split(",")).toHaveLength(responses.length);
        times.push(...latencies.split(",").map((text) => Number(text) * 1000));
      }
      const expected = lifeItems
        .filter(({ kind }) => kind === "response")
        .map(({ latencyMs }) => latencyMs ?? NaN);
      const inOrder = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
      expect(times).toHaveLength(expected.length);
      inOrder(times).forEach((time, at) => {
        expect(time).toBeCloseTo(inOrder(expected)[at] ?? NaN, 2);
      });
    });
  });

  it.each([1, 2, 3].slice(0, effort(3, 1)))("shows every message that there is (%i)", (seed) => {
    const capture = pcapOf(everyMessage(seed));
    const items = decodeAll(capture, "capture");
    expect(items.flatMap(({ faults }) => faults)).toEqual([]);
    expect(byDirection(tshark.messages(capture))).toEqual(directionsOf(items));
    expect(tshark.print(capture, "-Y", "zookeeper.malformed || zookeeper.undecoded")).toBe("");
  });

  it("finds the messages of connections that began before the capture", () => {
    const later = pcapOf(lifePackets.slice(Math.floor(lifePackets.length / 4)));
    const isFound = ({ kind }: { readonly kind: string }): boolean =>
      !["fault", "gap", "opaque"].includes(kind);
    const expected = decodeAll(later, "capture").filter(isFound).length;
    const found = tshark.messages(later, ...lifePorts).filter(isFound).length;
    // A message that the capture begins inside of is lost to both; others may be, to tshark.
    expect(found).toBeGreaterThan(expected * 0.98);
  });

  it("leaves TLS to the dissector of TLS", () => {
    const hello = Buffer.from("16030100050100000100", "hex");
    const capture = pcapOf(connectionPackets(40_000, 2181, [{ by: "opener", bytes: hello }]));
    expect(tshark.print(capture, "-Y", "zookeeper")).toBe("");
    expect(tshark.print(capture, "-Y", "tls")).toContain("TLS");
  });

  const examples = readFileSync(new URL("../../docs/wireshark.md", import.meta.url), "utf8");
  const blocks = examples.matchAll(/^```console\n\$ (.*)\n([^]*?)^```$/gm);
  const printed = Array.from(blocks, ([, line = "", text = ""]) => ({ line, text }));
  it.each(rowsOf(printed, 2))("prints what the documentation shows: $line", ({ line, text }) => {
    // Spaces and empty lines at the ends are none of a page's.
    expect(tshark.shell(line, life).trimEnd()).toBe(text.trimEnd());
  });

  describe("of bytes that are not what they should be", () => {
    const some = effort(lifePackets.length, 500);

    it("says so, and never fails itself", { timeout: 300_000 }, () => {
      for (let seed = 1; seed <= effort(10, 1); seed++) {
        const packets = [
          ...lifePackets.slice(0, effort(2000, 300)),
          ...everyMessage(seed),
          ...noise(seed),
        ];
        const text = tshark.print(pcapOf(damaged(packets, seed)), ...lifePorts, "-O", "zookeeper");
        expect(text).not.toMatch(/Lua Error|Dissector bug|\.lua:\d+/);
        expect(text).toContain("Expert Info (Error/Malformed)");
      }
    });

    it("copes with packets that the capture has cut", () => {
      const text = tshark.print(
        pcapOf(lifePackets.slice(0, some), { snapLength: 120 }),
        ...lifePorts,
        "-O",
        "zookeeper",
      );
      expect(text).not.toMatch(/Lua Error|Dissector bug|\.lua:\d+/);
    });

    it("copes without the reassembly of TCP", () => {
      const options = ["-o", "tcp.desegment_tcp_streams:FALSE", "-O", "zookeeper"];
      const text = tshark.print(pcapOf(lifePackets.slice(0, some)), ...lifePorts, ...options);
      expect(text).not.toMatch(/Lua Error|Dissector bug|\.lua:\d+/);
    });
  });
});

describe("the target", () => {
  it("needs ZooKeeper's records", async () => {
    const source = { path: "shop.jute", text: "module shop { class Item { ustring name; } }" };
    await expect(compile([source], { target: "wireshark" })).rejects.toThrow(
      /the target "wireshark" is about ZooKeeper's messages, and "[\w.]+" is not among the records/,
    );
  });
});

/** Fields of the dissector, and where `@jute-ts/inspect` has the same values. */
const FIELDS: ReadonlyMap<string, readonly [kind: RegExp, path: RegExp]> = new Map([
  ["zookeeper.requestheader.xid", [/^request$/, /^header\.xid$/]],
  ["zookeeper.requestheader.type", [/^request$/, /^header\.type$/]],
  ["zookeeper.replyheader.zxid", [/^(?:response|event)$/, /^header\.zxid$/]],
  ["zookeeper.replyheader.err", [/^(?:response|event)$/, /^header\.err$/]],
  ["zookeeper.connectrequest.timeout", [/^connectRequest$/, /^timeOut$/]],
  ["zookeeper.connectresponse.sessionid", [/^connectResponse$/, /^sessionId$/]],
  ["zookeeper.stat.mzxid", [/^response$/, /^body.*stat\.mzxid$/]],
  ["zookeeper.quorumpacket.zxid", [/^packet$/, /^zxid$/]],
  ["zookeeper.txnheader.zxid", [/^packet$/, /^data\.header\.zxid$/]],
  ["zookeeper.txndigest.treedigest", [/^packet$/, /^data\.digest\.treeDigest$/]],
  ["zookeeper.forwarded.xid", [/^packet$/, /^data\.cxid$/]],
  ["zookeeper.election.leader", [/^notification$/, /^leader$/]],
  ["zookeeper.election.round", [/^notification$/, /^electionEpoch$/]],
  ["zookeeper.statpersisted.pzxid", [/^znode$/, /^stat\.pzxid$/]],
]);

/** Changes a payload in ten, keeping its length, so that TCP stays as it is. */
function damaged(packets: readonly RecordedPacket[], seed: number): RecordedPacket[] {
  const edits = fc.sample(mutation, { seed, numRuns: 1000 });
  return packets.map((packet, at) => {
    const edit = edits[at % edits.length];
    const { payload } = tcpOf(packet);
    if ((at * 7 + seed) % 10 !== 0 || payload.length === 0 || edit === undefined) return packet;
    const bytes = Buffer.from(packet.bytes);
    const changed = Buffer.from(edit(new Uint8Array(payload)));
    const start = payload.byteOffset - packet.bytes.byteOffset;
    changed.copy(bytes, start, 0, Math.min(changed.length, payload.length));
    return { ...packet, bytes };
  });
}

/** Connections to each port on which nothing but noise is sent. */
function noise(seed: number): RecordedPacket[] {
  const bytes = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 300 }), { seed, numRuns: 60 });
  return bytes.flatMap((sent, at) =>
    connectionPackets(50_000 + at, [2181, 2888, 3888][at % 3] ?? 2181, [
      { by: "opener", bytes: sent },
      { by: "acceptor", bytes: sent.slice().reverse() },
    ]),
  );
}

/** The bytes of each direction, put together by their sequence numbers. */
function streamsOf(packets: readonly RecordedPacket[]): ReadonlyMap<string, Buffer> {
  const pieces = new Map<string, Map<number, Buffer>>();
  for (const packet of packets) {
    const { key, sequence, payload } = tcpOf(packet);
    const stream = pieces.get(key) ?? new Map<number, Buffer>();
    pieces.set(key, stream);
    if (payload.length > 0) stream.set(sequence, payload);
  }
  return new Map([...pieces].map(([key, stream]) => [key, Buffer.concat([...stream.values()])]));
}

/** How many frames these bytes are; undefined when they are something else, or not whole. */
function countFrames(bytes: Buffer): number | undefined {
  let count = 0;
  let at = 0;
  for (; at + 4 <= bytes.length; count++) at += 4 + bytes.readInt32BE(at);
  return at === bytes.length ? count : undefined;
}

/** Numbers in decimal, so that both sides write them alike. */
function plainValue(text: string): string {
  return /^0x[0-9a-f]+$/.test(text) ? String(BigInt.asIntN(64, BigInt(text))) : text;
}

function counts(values: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const value of values) found[value] = (found[value] ?? 0) + 1;
  return found;
}

/** Those of the recorded ensemble. */
function recordedPorts(): Ports {
  const file = new URL("../../packages/inspect/test/recorded/life.ports.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Ports;
}
