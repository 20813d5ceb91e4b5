/**
 * What takes bytes apart for people. Nothing is refused there: whatever comes becomes items
 * that account for each byte, and everything that can be shown of an item can be asked for.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  CaptureDecoder,
  createDecoder,
  type Decoder,
  type Format,
  Item,
  itemDump,
  itemJson,
  itemLine,
  Summary,
  tableRow,
  TextSink,
  writeItemJson,
  writeItemLine,
} from "@jute-ts/inspect";
import { textSource } from "../../../packages/cli/src/inspect/input.js";
import { UsageError } from "../../../packages/cli/src/surroundings.js";
import { packetsOf, pcapngOf, pcapOf } from "../../../packages/inspect/test/pcap-files.js";
import { sampleLog } from "../../../packages/persistence/test/sample-logs.js";
import { type FuzzedParser, inPieces, type Verdict, verdictOf } from "../fuzzed-parser.js";
import { notification, electionHello } from "./election.js";
import { txnLog, withChecksums } from "./logs.js";
import { leaderPackets, learnerPackets } from "./quorum-port.js";
import { snapshotFile, snappy } from "./snapshots.js";
import { txnSamples } from "./txn-samples.js";

/** A byte becomes text in each form of output: a line of a dump with its path, JSON, a cell. */
const SHOWN = 128;

/** Found from the repository's root (see `recorded`). */
const life = gunzipSync(readFileSync("packages/inspect/test/recorded/life.pcap.gz"));
const packets = packetsOf(life).filter(({ bytes }) => bytes.length < 400);
const some = [0, 1, 2, 3, 4, 5].map((part) => packets.slice(part * 150, part * 150 + 40));

export const inspectedCapture: FuzzedParser = {
  name: "inspect-capture",
  memoryPerByte: SHOWN,
  samples: some.flatMap((part) => [
    pcapOf(part),
    pcapOf(part, { isLittle: false, isNano: true, snapLength: 120 }),
    pcapngOf(part),
    pcapngOf(part, { isLittle: false, resolution: 9 }),
  ]),
  begin: (random) => {
    const decoder = new CaptureDecoder({ ports: { client: [25_518], quorum: [29_583] } });
    return (input) => {
      const ends = new Map<string, number>();
      const take = (items: readonly Item[]): boolean => {
        for (const item of items) {
          // Each direction of a connection has offsets of its own.
          const { connection, sender, offset, endOffset } = item;
          const direction = `${connection?.number ?? "?"} ${sender ?? "?"}`;
          const end = ends.get(direction);
          if (connection !== undefined && end !== undefined && offset !== end) {
            throw new Error(`${direction}: an item at ${offset}, not at ${end}`);
          }
          ends.set(direction, endOffset);
        }
        return items.some(hasFaults);
      };
      return decoded(decoder, input, random.pick([undefined, random]), take);
    };
  },
};

export const inspectedLog: FuzzedParser = {
  name: "inspect-log",
  memoryPerByte: SHOWN,
  samples: [...txnLog.samples, sampleLog(txnSamples)],
  repair: withChecksums,
  begin: (random) => (input) => covered("log", input, random),
};

export const inspectedSnapshot: FuzzedParser = {
  name: "inspect-snapshot",
  memoryPerByte: SHOWN,
  samples: snapshotFile.samples,
  words: ["/zookeeper", "/a", "\u0000"],
  begin: (random) => (input) => covered("snapshot", input, random),
};

/** Where the compressed bytes are cut, the offsets are those of the others. */
export const inspectedSnappy: FuzzedParser = {
  name: "inspect-snappy",
  memoryPerByte: SHOWN,
  samples: snappy.samples,
  begin: (random) => (input) =>
    decoded(createDecoder("snapshot"), input, random, (items) => items.some(hasFaults)),
};

export const inspectedStream: FuzzedParser = {
  name: "inspect-stream",
  memoryPerByte: SHOWN,
  samples: [
    ...leaderPackets.samples,
    ...learnerPackets.samples,
    ...notification.samples,
    ...electionHello.samples,
  ],
  begin: (random) => {
    const format = random.pick(["quorum", "election", "requests"] as const);
    return (input) => covered(format, input, random);
  },
};

const MESSAGES = [
  "request",
  "response",
  "event",
  "connectRequest",
  "connectResponse",
  "packet",
  "hello",
  "notification",
  "txn",
  "epoch",
] as const satisfies readonly Format[];

export const inspectedMessage: FuzzedParser = {
  name: "inspect-message",
  memoryPerByte: SHOWN,
  samples: [
    ...txnSamples,
    ...leaderPackets.samples,
    ...notification.samples,
    ...electionHello.samples,
    // getData, the response to it, an event, a multi.
    ...[
      "0000000500000004000000022f6100",
      "000000050000000100000002000000000000000161",
      "ffffffffffffffffffffffff000000000000000300000003000000022f61",
      "000000070000000e0000000200ffffffff000000022f61ffffffffffffffff01ffffffff",
    ].map((hex) => new Uint8Array(Buffer.from(hex, "hex"))),
  ],
  begin: (random) => {
    const format = random.pick(MESSAGES);
    const opCode = random.pick([undefined, 1, 2, 4, 14, 22, 105]);
    return (input) => covered(format, input, random, opCode);
  },
};

/** Bytes that are written as text. */
export const inspectedText: FuzzedParser = {
  name: "inspect-text",
  samples: ["00 00 00 05", "0x0a,0x0b:0c", "AAAABQ==", "aGVsbG8\n"].map(
    (text) => new Uint8Array(Buffer.from(text)),
  ),
  words: ["0x", "=", "==", "\r\n", "é"],
  begin: (random) => {
    const encoding = random.pick(["hex", "base64"] as const);
    return (input) =>
      verdictOf(() => {
        const text = Buffer.from(input).toString("latin1");
        const { size } = textSource(text, encoding);
        if ((size ?? 0) > text.length) throw new Error("more bytes than characters");
      }, UsageError);
  },
};

/** Decodes bytes whose items follow each other without gap and overlap. */
function covered(
  format: Format,
  input: Uint8Array,
  random: Parameters<FuzzedParser["begin"]>[0],
  opCode?: number,
): Verdict {
  let end = 0;
  const verdict = decoded(createDecoder(format, { opCode }), input, random, (items) => {
    for (const { kind, offset, endOffset } of items) {
      if (offset !== end) throw new Error(`a ${kind} at ${offset}, not at ${end}`);
      end = endOffset;
    }
    return items.some(hasFaults);
  });
  if (end !== input.length) throw new Error(`the items end at ${end} of ${input.length} bytes`);
  return verdict;
}

/** Hands the input to a decoder, in pieces if there is a `random`, and everything of its items to `take`, which finds faults. */
function decoded(
  decoder: Decoder,
  input: Uint8Array,
  random: Parameters<FuzzedParser["begin"]>[0] | undefined,
  take: (items: readonly Item[]) => boolean,
): Verdict {
  const summary = new Summary();
  let faulty = 0;
  let shown = 0;
  const show = (items: readonly Item[]): void => {
    for (const item of items) {
      summary.add(item);
      // What is shown is many times as long as what it is made of.
      if (shown++ < MOST_SHOWN) showItem(item);
    }
    if (take(items)) faulty++;
  };
  if (random === undefined) show(decoder.push(input));
  else {
    inPieces(input, random, (piece) => {
      show(decoder.push(piece));
    });
  }
  show(decoder.finish());
  summary.text();
  return faulty === 0 ? "accepted" : "refused";
}

/** Asks for all that there is of an item; what is quick must be what is slow. */
function showItem(item: Item): void {
  let at = item.offset;
  for (const { path, offset, length } of item.fields) {
    if (offset !== at) throw new Error(`${item.kind} ${path} at ${offset}, not at ${at}`);
    at += length;
  }
  if (at !== item.endOffset) throw new Error(`the fields of a ${item.kind} end at ${at}`);
  itemDump(item);
  tableRow(item);
  const layout = item.quick?.layout();
  const twin = layout === undefined ? item : new Item(item, layout);
  const isFaulty = twin.faults.length > 0;
  if (item.hasFaults !== isFaulty) throw new Error("faults are not told");
  sameText(itemLine(twin), item, writeItemLine);
  sameText(JSON.stringify(itemJson(twin)), item, writeItemJson);
}

function sameText(expected: string, item: Item, write: (item: Item, sink: TextSink) => void): void {
  const sink = new TextSink(1024);
  write(item, sink);
  const text = Buffer.from(sink.take()).toString();
  if (text !== Buffer.from(expected).toString()) throw new Error(`${text} is not ${expected}`);
}

function hasFaults(item: Item): boolean {
  return item.hasFaults;
}

const MOST_SHOWN = 3;
