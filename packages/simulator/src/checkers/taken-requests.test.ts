import type { Answer, Effect } from "@jute-ts/quorum";
import { beforeEach, describe, expect, it } from "vitest";
import { setChange } from "../clients/change-requests.js";
import { FakeRun } from "./fake-run.js";
import { TakenRequests } from "./taken-requests.js";

const FULL: Answer = { kind: "refused", text: "too many requests wait already" };
const SYNCED: Answer = { kind: "synced" };
const CHANGE = { sessionId: 7n, cxid: 1, ...setChange("/a", "", -1), authInfo: [] };

let run: FakeRun;

/** Server 1 leads, 2 follows, and two requests may wait. */
beforeEach(() => {
  run = runWith(1024 * 1024);
});

function runWith(maxQueuedBytes: number): FakeRun {
  const made = new FakeRun([new TakenRequests({ maxQueuedBytes })]);
  for (const peer of made.peers.values()) peer.maxWaitingRequests = 2;
  made.step(1n, { role: "leading", serving: true });
  made.step(2n, { role: "following", serving: true });
  return made;
}

function answers(...answered: readonly (readonly [number, Answer])[]): Effect[] {
  return answered.map(([request, answer]) => ({ kind: "answer", request, answer }));
}

function sync(sid: bigint, request: number, effects: readonly Effect[] = []): void {
  run.step(sid, {}, effects, { kind: "sync", request, sessionId: 7n, cxid: 1 });
}

function submit(sid: bigint, request: number, effects: readonly Effect[] = []): void {
  run.step(sid, {}, effects, { kind: "submit", request, change: CHANGE });
}

describe("TakenRequests", () => {
  it.each([1n, 2n])("lets server %i have two requests wait, and no third", (sid) => {
    sync(sid, 1);
    submit(sid, 2);
    sync(sid, 3, answers([3, FULL]));
    run.step(sid, {}, answers([1, SYNCED]));
    sync(sid, 4);
    expect(() => {
      submit(sid, 5);
      run.step(sid, {});
    }).toThrow(`${sid} takes a submit while 2 wait, and may 2`);
  });

  it.each([1n, 2n])("wants server %i to take what there is room for", (sid) => {
    submit(sid, 1, answers([1, SYNCED]));
    submit(sid, 2);
    expect(() => {
      sync(sid, 3, answers([3, FULL]));
      run.step(sid, {});
    }).toThrow(`${sid} refuses a sync while 1 wait, and may take 2`);
  });

  it("counts what a leader proposes by itself, until it is applied", () => {
    run.step(1n, { lastLoggedZxid: 5n, lastProcessedZxid: 4n }, [], { kind: "deadline" });
    sync(1n, 1);
    sync(1n, 2, answers([2, FULL]));
    run.step(1n, { lastProcessedZxid: 5n });
    expect(() => {
      sync(1n, 3, answers([3, FULL]));
      run.end();
    }).toThrow("1 refuses a sync while 1 wait, and may take 2");
  });

  it("lets a leader refuse when what waits may be too long", () => {
    run = runWith(4096);
    sync(1n, 1);
    sync(1n, 2, answers([2, FULL]));
  });

  it("asks nothing of those that do not serve, and forgets all with a crash", () => {
    sync(2n, 1, answers([1, { kind: "refused", text: "this server does not serve now" }]));
    for (const request of [2, 3]) sync(2n, request);
    // The crash may have come before it was refused.
    sync(2n, 4);
    run.observe({ kind: "crash", sid: 2n });
    sync(2n, 5);
    run.end();
  });

  it("counts the sessions that a learner asks for", () => {
    for (const request of [1, 2])
      run.step(2n, {}, [], { kind: "revalidate", request, sessionId: 7n, timeoutMs: 1000 });
    expect(() => {
      sync(2n, 3);
      run.step(2n, {});
    }).toThrow("2 takes a sync while 2 wait");
  });
});
