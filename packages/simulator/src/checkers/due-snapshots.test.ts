import { SnapshotFileEncoder } from "@jute-ts/persistence";
import type { Effect, FileOperation } from "@jute-ts/quorum";
import { DataTree } from "@jute-ts/data-tree";
import { describe, expect, it } from "vitest";
import { DueSnapshots } from "./due-snapshots.js";
import { applied, FakeRun, sessionTxn } from "./fake-run.js";

const FILE = { directory: "data", name: "unfinished-snapshot.100000001.tmp" } as const;
const NAME = "snapshot.100000001";
const CREATE: FileOperation = { kind: "create", file: FILE };

function runWith(storage = {}): FakeRun {
  const run = new FakeRun([new DueSnapshots()]);
  run.peer(1n).storage = { snapCount: 4, ...storage };
  run.lead(1n, 1);
  run.step(1n, {});
  return run;
}

function ask(id: number, operation: FileOperation): Effect {
  return { kind: "file", id, lane: "snapshot", operation };
}

function apply(run: FakeRun, count: number, ...more: readonly Effect[]): void {
  const txns = Array.from({ length: count }, (_, nth) => applied(sessionTxn(1, nth + 1)));
  run.step(1n, {}, [...txns, ...more]);
}

/** What was asked is done. */
function finish(run: FakeRun, ...operations: readonly FileOperation[]): void {
  for (const [nth, operation] of operations.entries()) {
    run.file(1n, operation);
    run.step(1n, {}, [], { kind: "fileDone", id: nth + 1 });
  }
}

describe("DueSnapshots", () => {
  it("accepts one between half and all of snapCount", () => {
    for (const count of [2, 3, 4]) {
      const run = runWith();
      apply(run, 3, ask(1, CREATE));
      finish(run, CREATE, { kind: "remove", file: FILE });
      apply(run, count, ask(2, CREATE));
      run.step(1n, {});
    }
  });

  it("refuses one too early, and none in time", () => {
    const early = runWith();
    apply(early, 3, ask(1, CREATE));
    expect(() => {
      apply(early, 1, ask(2, CREATE));
    }).toThrow("after 1 txns, and should after 2");
    const late = runWith();
    apply(late, 4);
    expect(() => {
      late.step(1n, {});
    }).toThrow("does not begin a snapshot after 4 txns");
  });

  it("counts what was replayed at the start, unless it was loaded again", () => {
    const recovered = {
      kind: "recovered",
      lastZxid: 3n,
      snapshotZxid: 0n,
      txns: 3,
      acceptedEpoch: 0,
      currentEpoch: 0,
      tornBytes: 0,
    } as const;
    const list = { kind: "list", directory: "data" } as const;
    const starts = (...more: readonly Effect[]): void => {
      const run = new FakeRun([new DueSnapshots()]);
      run.peer(1n).storage = { snapCount: 4 };
      run.step(1n, {}, [{ kind: "report", report: recovered }, ...more]);
      run.lead(1n, 1);
      apply(run, 1);
      run.step(1n, {});
    };
    starts({ kind: "file", id: 1, lane: "log", operation: list });
    expect(() => {
      starts();
    }).toThrow("does not begin a snapshot after 4 txns");
  });

  it("lets one that is busy with the last, or does not serve, go on", () => {
    const run = runWith();
    apply(run, 3, ask(1, CREATE));
    apply(run, 9);
    run.step(1n, { serving: false });
    apply(run, 9);
    run.step(1n, {});
  });

  it("refuses a file that begins otherwise", () => {
    const run = runWith();
    const bytes = new SnapshotFileEncoder().header();
    const write = (header: Uint8Array): void => {
      run.step(1n, {}, [ask(2, { kind: "write", file: FILE, offset: 0, bytes: header })]);
    };
    write(bytes);
    expect(() => {
      write(bytes.map((byte, at) => (at === 15 ? 0 : byte)));
    }).toThrow("with what no snapshot begins with");
  });

  it("holds a file to what the server was told, and to the last txn", () => {
    const publish = (storage: object, trailer: object): void => {
      const run = runWith(storage);
      const write = {
        kind: "write",
        file: FILE,
        offset: 0,
        bytes: new SnapshotFileEncoder().header(),
      } as const;
      run.step(1n, { lastProcessedZxid: 5n }, [ask(1, CREATE), ask(2, write)]);
      const encoder = new SnapshotFileEncoder();
      const pieces = [encoder.header()];
      const source = new DataTree().snapshot();
      for (let piece = source.next(); piece !== undefined; piece = source.next())
        pieces.push(encoder.body(piece));
      pieces.push(encoder.trailer(trailer));
      run.peer(1n).disk.put({ directory: "data", name: NAME }, Buffer.concat(pieces));
      run.file(1n, { kind: "rename", file: FILE, to: NAME });
    };
    const digest = { zxid: 5n, digest: 0n, version: 2 };
    const [noDigest, noZxid] = [{ digestInSnapshots: false }, { lastZxidInSnapshots: false }];
    publish({}, { digest, lastProcessedZxid: 5n });
    publish({ ...noDigest, ...noZxid }, {});
    expect(() => {
      publish({}, { lastProcessedZxid: 5n });
    }).toThrow("without a digest");
    expect(() => {
      publish(noDigest, { digest, lastProcessedZxid: 5n });
    }).toThrow("with a digest");
    expect(() => {
      publish(noZxid, { digest, lastProcessedZxid: 5n });
    }).toThrow("with the last zxid");
    expect(() => {
      publish({}, { digest, lastProcessedZxid: 4n });
    }).toThrow("it says 0x4");
  });
});
