import type { Effect, FileOperation } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { FakeRun } from "./fake-run.js";
import { RetainedFiles } from "./retained-files.js";

/** A file that ends as a snapshot does. */
const WHOLE = Uint8Array.of(9, 0, 0, 0, 1, 0x2f);
const LIMITS = { tickTimeMs: 100, operationMs: 0.1, syncMs: 1 };
const LIST: FileOperation = { kind: "list", directory: "data" };
let lastId = 0;

function runWith(snapshots: readonly string[], logs: readonly string[], storage = {}): FakeRun {
  const run = new FakeRun([new RetainedFiles(LIMITS)]);
  run.peer(1n).storage = { retainSnapshots: 3, ...storage };
  for (const each of snapshots) run.peer(1n).disk.put(inData(`snapshot.${each}`), WHOLE);
  for (const each of logs) run.peer(1n).disk.put(inLog(`log.${each}`), WHOLE);
  return run;
}

const inData = (name: string) => ({ directory: "data", name }) as const;
const inLog = (name: string) => ({ directory: "log", name }) as const;

/** Asked for beside the log, and carried out. */
function purge(run: FakeRun, ...operations: readonly FileOperation[]): void {
  for (const operation of operations) {
    run.step(1n, {}, [{ kind: "file", id: ++lastId, lane: "snapshot", operation }]);
    run.file(1n, operation);
  }
}

function begin(run: FakeRun): void {
  const file = inData("unfinished-snapshot.30.tmp");
  purge(run, { kind: "rename", file, to: "snapshot.20" }, { kind: "create", file });
}

describe("RetainedFiles", () => {
  it("accepts that what is too old goes", () => {
    const run = runWith(["5", "9", "1f"], ["3", "7"]);
    purge(run, LIST);
    purge(run, { kind: "remove", file: inData("snapshot.1") });
    purge(run, { kind: "remove", file: inLog("log.1") });
    begin(run);
  });

  it("refuses that too many go, or any where all are to stay", () => {
    expect(() => {
      purge(runWith(["5", "9"], []), { kind: "remove", file: inData("snapshot.1") });
    }).toThrow("beside 2 newer ones");
    const keepsAll = runWith(["5", "9", "a", "b"], [], { retainSnapshots: undefined });
    expect(() => {
      purge(keepsAll, { kind: "remove", file: inData("snapshot.1") });
    }).toThrow("should keep all");
  });

  it("refuses that a log goes which the oldest needs", () => {
    expect(() => {
      purge(runWith(["5", "9", "a"], ["7"]), { kind: "remove", file: inLog("log.1") });
    }).toThrow("which the snapshot of 5 needs");
  });

  it("refuses that too much stays", () => {
    expect(() => {
      begin(runWith(["1", "5", "9", "a"], []));
    }).toThrow("keeps 4 snapshots");
    expect(() => {
      begin(runWith(["5", "9", "a"], ["1", "6"]));
    }).toThrow("keeps log.1, which no snapshot from snapshot.5 on needs");
  });

  it("counts no snapshot that was not written to its end", () => {
    const run = runWith(["1", "5", "9"], []);
    run.peer(1n).disk.put(inData("snapshot.a"), new Uint8Array(9));
    begin(run);
  });

  it("refuses that a server looks oftener than it was told", () => {
    const run = runWith([], [], { purgeIntervalMs: 100 });
    purge(run, LIST);
    run.nowMs += 100;
    purge(run, LIST, LIST);
    expect(() => {
      purge(run, LIST);
    }).toThrow("looked 4 times");
  });
  it("refuses that a server does not look", () => {
    const run = runWith([], [], { purgeIntervalMs: 100 });
    run.observe({ kind: "restart", sid: 1n });
    run.nowMs = 500;
    run.end();
    run.nowMs = 501;
    expect(() => {
      run.end();
    }).toThrow("has not looked for old files since 0 ms");
  });

  it("asks nothing of a server while it sleeps", () => {
    const run = runWith([], [], { purgeIntervalMs: 100 });
    run.observe({ kind: "restart", sid: 1n });
    for (const nowMs of [90, 1090]) {
      run.nowMs = nowMs;
      run.step(1n, {}, []);
    }
    run.nowMs = 1500;
    run.end();
    run.nowMs = 1501;
    expect(() => {
      run.end();
    }).toThrow("has not looked for old files since 1000 ms");
  });

  it("refuses that a look by the clock leaves too much, where the newest is known to be good", () => {
    const looks = (good: bigint): void => {
      const run = runWith(["1", "5", "9", "a"], [], { purgeIntervalMs: 100 });
      const [epochs, rest] = [
        { acceptedEpoch: 0, currentEpoch: 0 },
        { txns: 0, tornBytes: 0 },
      ];
      const report = { kind: "recovered", lastZxid: good, snapshotZxid: good, ...epochs, ...rest };
      run.step(1n, {}, [{ kind: "report", report } as Effect]);
      purge(run, LIST, LIST);
    };
    looks(9n);
    expect(() => {
      looks(10n);
    }).toThrow("keeps 4 snapshots");
  });
});
