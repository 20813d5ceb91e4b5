/** Logs with random damage that are decoded with others, in any order and in segments of any size: what is shown is what one decoder shows. */
import {
  decodeAll,
  type FilterOptions,
  type Item,
  itemFilter,
  LogDecoder,
  type LogRun,
} from "@jute-ts/inspect";
import { encodeTxnLogHeader, encodeTxnLogRecords, readTxnLog } from "@jute-ts/persistence";
import { encodeTxn, OPEN_ACL_UNSAFE, OpCode, packMultiTxn } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { ITEM_OUTPUTS, type ItemForm, itemPrinter } from "./item-output.js";
import { type SegmentAnswer, segmentShower } from "./log-segment.js";
import { ResultWriter } from "./result-writer.js";
import { type SegmentDecoder, SpreadLog } from "./spread-log.js";

const HEADER_BYTES = 16;
const TXNS = 60;

function sampleTxn(number: number): Uint8Array {
  const zxid = BigInt(number);
  const header = { clientId: 1n, cxid: number, zxid, time: 1_790_000_000_000n + zxid };
  const path = `/ä/${String(number % 7)}`;
  const data = new Uint8Array((number * 37) % 150);
  if (number % 11 === 0) return encodeTxn(OpCode.error, header, { err: -101 });
  if (number % 5 === 0) {
    const body = packMultiTxn([{ type: OpCode.setData, body: { path, data, version: number } }]);
    return encodeTxn(OpCode.multi, header, body);
  }
  if (number % 3 === 0) {
    const body = { path, data, acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: number };
    return encodeTxn(OpCode.create, header, body);
  }
  return encodeTxn(OpCode.setData, header, { path, data, version: number });
}

/** Records, and zeros behind them. */
const whole = new Uint8Array(
  Buffer.concat([
    encodeTxnLogHeader(),
    encodeTxnLogRecords(Array.from({ length: TXNS }, (_, index) => sampleTxn(index + 1))),
    new Uint8Array(1000),
  ]),
);
const { records } = readTxnLog(whole);

/** Bytes that are written over others: most where they hurt, in a record's checksum, length or zxid. */
const damage = fc.record({
  at: fc.oneof(
    fc.nat(whole.length - 1),
    fc
      .tuple(fc.constantFrom(...records), fc.integer({ min: 0, max: 31 }))
      .map(([{ offset }, more]) => offset + more),
  ),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 2 }),
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc.nat(400).map((size) => new Uint8Array(size)),
    fc.constant(encodeTxnLogHeader()),
    // A record of another place: sound, and not in order.
    fc.constantFrom(...records).map(({ offset, endOffset }) => whole.slice(offset, endOffset)),
  ),
});

const logs = fc
  .tuple(fc.array(damage, { maxLength: 3 }), fc.nat(whole.length))
  .map(([damages, missing]) => {
    const log = whole.slice();
    for (const { at, bytes } of damages) log.set(bytes.subarray(0, log.length - at), at);
    // Half of them are torn somewhere.
    return missing % 2 === 0 ? log : log.subarray(0, log.length - missing);
  });

const forms = fc.record<ItemForm>({
  output: fc.constantFrom(...ITEM_OUTPUTS.filter((output) => output !== "summary")),
  isFull: fc.boolean(),
});

const filters = fc.constantFrom<FilterOptions>(
  {},
  { fromZxid: 10n, toZxid: 40n },
  { ops: ["setData"] },
  { paths: ["/ä/3"] },
  { onlyErrors: true },
  { toZxid: 0n },
);

interface Shown {
  readonly text: string;
  readonly faults: number;
}

/** What shows items, and how it went. */
function screen(form: ItemForm, filter: FilterOptions) {
  const written: Uint8Array[] = [];
  const writer = new ResultWriter({ write: (piece) => written.push(piece) });
  const printer = itemPrinter(form, writer);
  const matches = itemFilter(filter);
  let faults = 0;
  return {
    show: (items: readonly Item[]) => {
      for (const item of items) {
        const isShown = matches(item);
        if (isShown) printer.print(item);
        if ((isShown || item.isSuspect) && item.hasFaults) faults += item.faults.length;
      }
    },
    add: (shown: NonNullable<SegmentAnswer["shown"]>) => {
      for (const piece of shown.pieces) writer.piece(piece);
      faults += shown.faults;
    },
    drained: () => Promise.resolve(),
    result: (): Shown => {
      writer.flush();
      return { text: Buffer.concat(written).toString(), faults };
    },
  };
}

/** Answers in the order that `next` draws, and counts. */
class Others implements SegmentDecoder {
  readonly capacity: number;
  readonly #answer: (run: LogRun) => SegmentAnswer;
  readonly #next: () => number;
  readonly #waiting: (() => void)[] = [];
  most = 0;
  /** How many runs were sound. */
  sound = 0;

  constructor(capacity: number, next: () => number, answer: (run: LogRun) => SegmentAnswer) {
    this.capacity = capacity;
    this.#next = next;
    this.#answer = answer;
  }

  decode(run: LogRun): Promise<SegmentAnswer> {
    // As a thread has it: memory of its own, and what was handed over is gone.
    const bytes = new Uint8Array(run.bytes.buffer.slice(0)).subarray(0, run.bytes.length);
    new Uint8Array(run.bytes.buffer).fill(0xee);
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        const answer = this.#answer({ ...run, bytes });
        if (answer.shown !== undefined) this.sound++;
        resolve(answer);
      });
      this.most = Math.max(this.most, this.#waiting.length);
      setImmediate(() => {
        this.#waiting.splice(this.#next() % this.#waiting.length, 1)[0]?.();
      });
    });
  }
}

interface Spreading {
  readonly segmentBytes: number;
  readonly pieceBytes: number;
  readonly others: Others;
}

async function spread(
  log: Uint8Array,
  form: ItemForm,
  filter: FilterOptions,
  { segmentBytes, pieceBytes, others }: Spreading,
): Promise<Shown> {
  const { result, ...output } = screen(form, filter);
  const decoder = new LogDecoder();
  const spreading = new SpreadLog(decoder, others, output, segmentBytes);
  for (let at = 0; at < log.length; at += pieceBytes) {
    await spreading.push(log.slice(at, at + pieceBytes));
  }
  await spreading.settle();
  output.show(decoder.finish());
  return result();
}

function alone(log: Uint8Array, form: ItemForm, filter: FilterOptions): Shown {
  const { show, result } = screen(form, filter);
  show(decodeAll(log, "log"));
  return result();
}

describe("a log that is decoded with others", () => {
  it("shows the same as alone, whatever is damaged", async () => {
    let sound = 0;
    await fc.assert(
      fc.asyncProperty(
        logs,
        forms,
        filters,
        fc.integer({ min: 100, max: 2000 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat(100)),
        async (log, form, filter, segmentBytes, pieceBytes, capacity, order) => {
          const next = (): number => Number(order.next().value);
          const others = new Others(capacity, next, segmentShower({ form, filter }));
          const shown = await spread(log, form, filter, { segmentBytes, pieceBytes, others });
          expect(shown).toEqual(alone(log, form, filter));
          expect(others.most).toBeLessThanOrEqual(capacity);
          sound += others.sound;
        },
      ),
      { numRuns: effort(800, 150) },
    );
    expect(sound).toBeGreaterThan(effort(800, 150));
  });

  it("goes on with others after what is not sound, and with a record that is longer than a segment", async () => {
    const form: ItemForm = { output: "json", isFull: false };
    const log = whole.slice();
    log[(records[9]?.offset ?? 0) + 50] = 0xff;
    const others = new Others(2, () => 0, segmentShower({ form, filter: {} }));
    const some = { segmentBytes: 300, pieceBytes: 100, others };
    expect(await spread(log, form, {}, some)).toEqual(alone(log, form, {}));
    // Of some fifty segments those with the damage, and those that were on their way.
    expect(others.sound).toBeGreaterThan(20);
    const long = encodeTxnLogRecords([sampleTxn(1), encodeLong(), sampleTxn(3), sampleTxn(4)]);
    const withLong = new Uint8Array(Buffer.concat([encodeTxnLogHeader(), long]));
    const shown = alone(withLong, form, {});
    expect(shown.faults).toBe(0);
    expect(await spread(withLong, form, {}, some)).toEqual(shown);
  });

  it("rejects when the others fail", async () => {
    const form: ItemForm = { output: "lines", isFull: false };
    const others = new Others(
      2,
      () => 0,
      () => {
        throw new RangeError("never answers");
      },
    );
    others.decode = () => Promise.reject(new RangeError("out of order"));
    const some = { segmentBytes: 300, pieceBytes: 100, others };
    await expect(spread(whole, form, {}, some)).rejects.toThrow("out of order");
  });
});

function encodeLong(): Uint8Array {
  const header = { clientId: 1n, cxid: 2, zxid: 2n, time: 1_790_000_000_002n };
  return encodeTxn(OpCode.setData, header, { path: "/a", data: new Uint8Array(5000), version: 1 });
}

describe("the sample", () => {
  it("is sound but for its zeros", () => {
    expect(records).toHaveLength(TXNS);
    expect(records[0]?.offset).toBe(HEADER_BYTES);
    expect(alone(whole, { output: "lines", isFull: false }, {}).faults).toBe(0);
  });
});
