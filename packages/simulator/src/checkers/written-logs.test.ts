import type { FileOperation, LoggedTxn } from "@jute-ts/quorum";
import { encodeSyncedMark, encodeTxnLogRecords } from "@jute-ts/persistence";
import { describe, expect, it } from "vitest";
import { FakeRun, newLog, sessionTxn } from "./fake-run.js";
import { WrittenLogs } from "./written-logs.js";

const one = sessionTxn(1, 1);
const two = sessionTxn(1, 2);
const three = sessionTxn(1, 3);
const LOG = { directory: "log", name: "log.100000001" } as const;
const MARK = { directory: "data", name: "synced" } as const;
const STEP = 1024;

function runWith(storage = {}): FakeRun {
  const run = new FakeRun([new WrittenLogs({ timerLatenessMs: 5 })]);
  run.peer(1n).storage = { preAllocSizeBytes: STEP, ...storage };
  return run;
}

/** Writes a new log, with space allocated in advance. */
function begin(run: FakeRun, txns: readonly LoggedTxn[], size = 16 + STEP * txns.length): number {
  const [create, write] = newLog(txns);
  if (create?.kind !== "create" || write?.kind !== "write") throw new Error("not a new log");
  for (const operation of [create, { kind: "truncate", file: LOG, size } as const, write])
    run.file(1n, operation);
  return write.bytes.length;
}

function sync(run: FakeRun): void {
  run.file(1n, { kind: "sync", file: LOG });
}

function mark(run: FakeRun, bytes: number): void {
  const line = encodeSyncedMark({ file: LOG.name, bytes });
  run.file(1n, { kind: "write", file: MARK, offset: 0, bytes: line });
}

/** Adds a txn, for which the file grows. */
function append(run: FakeRun, offset: number, txn: LoggedTxn, size: number): void {
  run.file(1n, { kind: "truncate", file: LOG, size });
  const bytes = encodeTxnLogRecords([txn.bytes]);
  run.file(1n, { kind: "write", file: LOG, offset, bytes });
}

describe("WrittenLogs", () => {
  it("accepts a log as Apache's servers write it", () => {
    const run = runWith();
    const end = begin(run, [one]);
    sync(run);
    mark(run, end);
    append(run, end, two, 16 + 2 * STEP);
    sync(run);
    run.nowMs += 10;
    append(run, 2 * end - 16, three, 16 + 3 * STEP);
  });

  it("refuses a file of another length", () => {
    expect(() => begin(runWith(), [one], 16 + 2 * STEP)).toThrow("which 1040 should be");
  });

  it("refuses other first bytes, another name, half a record and a wrong checksum", () => {
    const [create, write] = newLog([one]);
    if (create?.kind !== "create" || write?.kind !== "write") throw new Error("not a new log");
    const changed = (at: number): FileOperation => ({
      ...write,
      bytes: write.bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)),
    });
    const attempts: readonly (readonly [FileOperation, string])[] = [
      [changed(15), "begins log.100000001 with what no log begins with"],
      [changed(23), "a record that is none"],
      [changed(write.bytes.length - 1), "a record that is none"],
      [{ ...write, bytes: write.bytes.slice(0, -1) }, "half a record"],
      [{ ...write, offset: 4 }, "writes at 4"],
    ];
    for (const [operation, text] of attempts) {
      const run = runWith();
      run.file(1n, create);
      run.file(1n, { kind: "truncate", file: LOG, size: 16 + STEP });
      expect(() => {
        run.file(1n, operation);
      }).toThrow(text);
    }
    const run = runWith();
    expect(() => {
      run.file(1n, { ...create, file: { directory: "log", name: "log.0A" } });
    }).toThrow("creates a log log.0A");
  });

  it("refuses more before an fsync than is allowed", () => {
    const small = [one, two, three];
    expect(() => begin(runWith({ maxBatchTxns: 2 }), small)).toThrow("writes 3 txns");
    expect(() => begin(runWith({ maxBatchBytes: 100 }), small)).toThrow("bytes before an fsync");
    expect(() => begin(runWith({ maxBatchTxns: 3, maxBatchBytes: 1000 }), small)).not.toThrow();
  });

  it("refuses a mark that is late, or says more or less than is durable", () => {
    const run = runWith();
    const end = begin(run, [one]);
    expect(() => {
      mark(run, end);
    }).toThrow("of which 0 are durable");
    sync(run);
    expect(() => {
      mark(run, end - 1);
    }).toThrow(`of which ${end} are durable`);
    run.nowMs += 100;
    append(run, end, two, 16 + 2 * STEP);
    sync(run);
    run.nowMs += 31;
    expect(() => {
      append(run, 2 * end - 16, three, 16 + 3 * STEP);
    }).toThrow("its mark says 0");
  });

  it.each([
    [30, true],
    [31, false],
  ])("%i ms after the mark before, a batch that ends has its mark: %s", (ms, isSoon) => {
    const run = runWith();
    const end = begin(run, [one]);
    sync(run);
    mark(run, end);
    append(run, end, two, 16 + 2 * STEP);
    run.nowMs += ms;
    sync(run);
    const goesOn = expect(() => {
      append(run, 2 * end - 16, three, 16 + 3 * STEP);
    });
    if (isSoon) goesOn.not.toThrow();
    else goesOn.toThrow(`its mark says ${end}`);
  });

  it("lets a server that was paused mark late", () => {
    const run = runWith();
    const end = begin(run, [one]);
    sync(run);
    mark(run, end);
    append(run, end, two, 16 + 2 * STEP);
    sync(run);
    run.observe({ kind: "pause", sid: 1n });
    run.nowMs += 100;
    append(run, 2 * end - 16, three, 16 + 3 * STEP);
  });

  it("knows that the clock of a server may have stood still after its last mark", () => {
    const run = runWith();
    const end = begin(run, [one]);
    sync(run);
    run.observe({ kind: "pause", sid: 1n });
    // Asked for before.
    mark(run, end);
    run.nowMs += 20;
    run.observe({ kind: "resume", sid: 1n });
    append(run, end, two, 16 + 2 * STEP);
    run.nowMs += 15;
    sync(run);
    append(run, 2 * end - 16, three, 16 + 3 * STEP);
  });

  it("refuses long reads", () => {
    const read = { kind: "read", file: LOG, offset: 0, length: 512 } as const;
    runWith({ readBytes: 512 }).file(1n, read);
    expect(() => {
      runWith({ readBytes: 511 }).file(1n, read);
    }).toThrow("reads 512 bytes");
  });

  it("refuses a cut of what is not durable", () => {
    const line = encodeSyncedMark({ file: LOG.name, bytes: 4, isCut: true });
    const cut = { kind: "write", file: MARK, offset: 0, bytes: line } as const;
    const run = runWith();
    run.peer(1n).disk.put(LOG, Uint8Array.of(1, 2, 3, 4, 5));
    run.file(1n, cut);
    run.peer(1n).disk.durable.set(`log/${LOG.name}`, Uint8Array.of(1, 2, 3));
    expect(() => {
      run.file(1n, cut);
    }).toThrow("not all before that is durable");
  });

  it("refuses that a log goes of which the mark says something", () => {
    const run = runWith();
    const remove = { kind: "remove", file: LOG } as const;
    const put = (bytes: number): void => {
      run.peer(1n).disk.put(MARK, encodeSyncedMark({ file: LOG.name, bytes }));
    };
    run.file(1n, remove);
    put(0);
    run.file(1n, remove);
    put(50);
    expect(() => {
      run.file(1n, remove);
    }).toThrow("of which the mark says that it has something");
  });
});
