import { snapshotFileName } from "@jute-ts/persistence";
import type { Effect, Report } from "@jute-ts/quorum";
import { makeZxid, type Zxid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { newGhosts } from "../model/ghosts.js";
import { CutLogs } from "./cut-logs.js";
import { FakeRun, sessionTxn } from "./fake-run.js";

const txns = [1, 2, 3].map((counter) => sessionTxn(1, counter));
const SECOND = makeZxid(1, 2);
const GIVES_UP = "the log cannot be cut after 0x100000002: it cannot be read";

/** Server 2 has a log of three txns, and a snapshot from before the first of them, or this one. */
function newRun(snapshot: Zxid = makeZxid(1, 0)): FakeRun {
  const { history, disks } = newGhosts();
  const run = new FakeRun([history, disks, new CutLogs({ disks })]);
  const { disk } = run.peer(2n);
  disk.putLog(txns);
  disk.put({ directory: "data", name: snapshotFileName(snapshot) }, new Uint8Array(0));
  return run;
}

function report(said: Report): Effect[] {
  return [{ kind: "report", report: said }];
}

/** It is told how it is brought up to date, and its role ends. */
function syncs(run: FakeRun, packet: "DIFF" | "TRUNC", zxid: Zxid, why: string): () => void {
  run.step(2n, { role: "following", leader: 1n }, report({ kind: "syncBegun", packet, zxid }));
  return () => {
    run.step(2n, {}, report({ kind: "roleChanged", role: "looking", leader: undefined, why }));
  };
}

describe("CutLogs", () => {
  it("refuses that a learner gives up to cut its log after a txn that it has", () => {
    expect(syncs(newRun(), "TRUNC", SECOND, GIVES_UP)).toThrow(
      `2 has 0x100000002, after which it was to cut its log, and gives up: ${GIVES_UP}`,
    );
    expect(syncs(newRun(SECOND), "TRUNC", SECOND, GIVES_UP)).toThrow("gives up");
  });

  it("accepts that a role ends for another reason, or after another plan", () => {
    expect(syncs(newRun(), "TRUNC", SECOND, "the leader is lost")).not.toThrow();
    const run = newRun();
    syncs(run, "TRUNC", SECOND, "the leader is lost");
    expect(syncs(run, "DIFF", SECOND, GIVES_UP)).not.toThrow();
  });

  it("accepts it where the txn is not there, no snapshot leads to it, or the disk is another", () => {
    expect(syncs(newRun(), "TRUNC", makeZxid(1, 9), GIVES_UP)).not.toThrow();
    expect(syncs(newRun(makeZxid(1, 3)), "TRUNC", SECOND, GIVES_UP)).not.toThrow();
    const run = newRun();
    run.observe({ kind: "newDisk", sid: 2n });
    expect(syncs(run, "TRUNC", SECOND, GIVES_UP)).not.toThrow();
  });
});
