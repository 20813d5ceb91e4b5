/** What ReadOnlyServers accepts of servers without a leader, and what it must refuse. */
import { expect, it } from "vitest";
import type { ConnectionChange } from "../../checkers/checker.js";
import { CommittedRequests } from "../../checkers/committed-requests.js";
import { FakeRun, sessionTxn } from "../../checkers/fake-run.js";
import { createSessionChange } from "../../clients/change-requests.js";
import { CommittedTxns } from "../../model/committed-txns.js";
import { GhostOperations } from "../../model/ghost-operations.js";
import { newGhosts } from "../../model/ghosts.js";
import { calmSettings, USUAL_RULES } from "../../world/settings.js";
import type { FrameEvent } from "../frame-event.js";
import { ReadOnlyServers } from "./read-only-servers.js";

const SESSION = 5n;
const AFTER_MS = 100;

/** Server 1 leads. Server 2 is looking for a leader since 0 ms; a client has said hello on connection 1. Clocks are true. */
class Reading {
  readonly run: FakeRun;

  constructor(nowMs: number, readOnly = true, sessionId = 0n) {
    const { history } = newGhosts();
    const operations = new GhostOperations();
    const committed = new CommittedTxns(history);
    const options = { extendedTypes: false, enforcesQuotas: false, knowsLogins: false };
    const requests = new CommittedRequests(operations, committed, options);
    const judge = new ReadOnlyServers(committed, requests, calmSettings(3));
    this.run = new FakeRun([history, operations, committed, requests, judge]);
    const { run } = this;
    run.peer(2n).clientRules = { ...USUAL_RULES, readOnlyAfterMs: AFTER_MS };
    run.lead(1n, 1);
    run.follow(2n, 1n, 1);
    run.step(2n, { role: "looking", phase: undefined, serving: false });
    run.nowMs = nowMs;
    if (sessionId !== 0n) this.commits(sessionId);
    const hello = { timeoutMs: 1000, isThief: false, readOnly, lastZxid: 0n };
    this.frame({ kind: "connecting", sessionId, ...hello });
    this.becomes("admitted");
    this.becomes("heard");
  }

  /** The ensemble opens a session. */
  commits(sessionId: bigint): void {
    const change = createSessionChange(sessionId, 1000);
    this.run.ask(1, "server 1", 1n, { kind: "submit", change });
    this.run.deliverTxns(1n, sessionTxn(1, 1, sessionId));
  }

  becomes(change: ConnectionChange): void {
    this.run.observe({ kind: "connection", sid: 2n, connection: 1, address: "a", change });
  }

  gets(readOnly: boolean): void {
    this.becomes("answered");
    this.frame({ kind: "connected", sessionId: SESSION, timeoutMs: 1000, readOnly });
  }

  frame(event: FrameEvent): void {
    const happening = { client: "client-1", connection: 1, sessionId: SESSION, event };
    this.run.observe({ kind: "frame", sid: 2n, happening });
  }

  settles(): void {
    const load = {
      answered: 1,
      inProcess: 0,
      begun: { global: 0, renewed: 0, here: 0 },
      unsentBytes: 0,
      congestedBytes: 0,
      unansweredLengths: [],
    };
    this.run.observe({ kind: "settled", sid: 2n, ...load });
  }
}

it("accepts that a reader is served when the time has come, and is gone when there is a leader", () => {
  const reading = new Reading(AFTER_MS);
  reading.gets(true);
  reading.settles();
  reading.becomes("closed");
  reading.run.follow(2n, 1n, 1);
  reading.settles();
});

it("refuses readers too early, and anybody else at any time", () => {
  expect(() => {
    new Reading(AFTER_MS - 1).gets(true);
  }).toThrow("after 99.0 ms without a leader, where 100 ms are right");
  expect(() => {
    new Reading(AFTER_MS, false).gets(true);
  }).toThrow("which may write");
});

it("knows what a client has said that left before its server took it in", () => {
  const reading = new Reading(AFTER_MS);
  const connection = 2;
  const frame = (event: FrameEvent): void => {
    const happening = { client: "client-2", connection, sessionId: SESSION, event };
    reading.run.observe({ kind: "frame", sid: 2n, happening });
  };
  const hello = { timeoutMs: 1000, isThief: false, readOnly: true, lastZxid: 0n };
  frame({ kind: "connecting", sessionId: 0n, ...hello });
  frame({ kind: "closed", byClient: true });
  for (const change of ["admitted", "heard", "answered"] as const)
    reading.run.observe({ kind: "connection", sid: 2n, connection, address: "a", change });
});

it("refuses that a reader is turned away, or is not told what it has come to", () => {
  new Reading(AFTER_MS).becomes("closed");
  expect(() => {
    new Reading(AFTER_MS + 1).becomes("closed");
  }).toThrow("turns connection 1 away");
  expect(() => {
    new Reading(AFTER_MS).gets(false);
  }).toThrow("that it has a leader");
});

it("refuses that a reader stays when there is a leader", () => {
  const reading = new Reading(AFTER_MS);
  reading.gets(true);
  reading.run.follow(2n, 1n, 1);
  expect(() => {
    reading.settles();
  }).toThrow("keeps connection 1, which only reads");
});

it("refuses that whoever came while there was a leader stays without one", () => {
  const reading = new Reading(AFTER_MS);
  reading.run.follow(2n, 1n, 1);
  reading.gets(false);
  reading.settles();
  reading.run.step(2n, { role: "looking", phase: undefined, serving: false });
  expect(() => {
    reading.settles();
  }).toThrow("keeps connection 1, which had a leader");
  reading.becomes("closed");
  reading.settles();
});

it("refuses whatever is done to a session of the ensemble", () => {
  expect(() => {
    new Reading(AFTER_MS, true, SESSION).gets(true);
  }).toThrow("goes on with session 5 of the ensemble");
  expect(() => {
    const reading = new Reading(AFTER_MS, true, SESSION);
    reading.becomes("answered");
    reading.frame({ kind: "expired", sessionId: SESSION });
  }).toThrow("that session 5 is over, which the ensemble has");
  expect(() => {
    const reading = new Reading(AFTER_MS);
    reading.gets(true);
    reading.commits(SESSION);
  }).toThrow("which a server without a leader began");
});
