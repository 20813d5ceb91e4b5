/** What LocalSessions accepts of sessions that only one server knows, and what it must refuse. */
import { CreateMode, OpCode, OPEN_ACL_UNSAFE } from "@jute-ts/zookeeper";
import type { ClientsView } from "@jute-ts/server/clients";
import { expect, it } from "vitest";
import type { ConnectionChange } from "../../checkers/checker.js";
import { CommittedRequests } from "../../checkers/committed-requests.js";
import { FakeRun, sessionTxn } from "../../checkers/fake-run.js";
import { createSessionChange } from "../../clients/change-requests.js";
import { CommittedTxns } from "../../model/committed-txns.js";
import { GhostOperations } from "../../model/ghost-operations.js";
import { newGhosts } from "../../model/ghosts.js";
import { ClientDoor } from "../../world/client-door.js";
import { CountedFigures } from "../../world/counted-figures.js";
import { USUAL_RULES } from "../../world/settings.js";
import type { FrameEvent } from "../frame-event.js";
import { request } from "../frame-operations.js";
import { LocalSessions } from "./local-sessions.js";

/** One of server 2, which is in the top byte of its number. */
const SESSION = (2n << 56n) | 5n;
const TIMEOUT_MS = 1000;

const ephemeral = request(OpCode.create, {
  path: "/e",
  data: null,
  acl: [...OPEN_ACL_UNSAFE],
  flags: CreateMode.EPHEMERAL,
}).message;
const closing = request(OpCode.closeSession, null).message;

/** Server 2, a follower of server 1, has given a session to a client on connection 1, at 0 ms. Clocks are true. */
class Local {
  readonly run: FakeRun;

  constructor(upgradesLocalSessions = false) {
    const { history } = newGhosts();
    const operations = new GhostOperations();
    const committed = new CommittedTxns(history);
    const options = {
      extendedTypes: false,
      enforcesQuotas: false,
      knowsLogins: false,
      leaderOf: () => 1n,
    };
    const requests = new CommittedRequests(operations, committed, options);
    const bounds = { minTimeoutMs: 1000, maxTimeoutMs: 5000, clockDrift: 0 };
    const judge = new LocalSessions(committed, requests, bounds);
    this.run = new FakeRun([history, operations, committed, requests, judge]);
    const rules = { ...USUAL_RULES, upgradesLocalSessions };
    this.run.peer(2n).clientRules = rules;
    this.run.lead(1n, 1);
    this.run.follow(2n, 1n, 1);
    this.says(1, 2n, 0n);
    this.gets(1, 2n);
  }

  says(connection: number, sid: bigint, sessionId: bigint): void {
    this.becomes(connection, sid, "admitted");
    const hello = { kind: "connecting", sessionId, timeoutMs: TIMEOUT_MS, isThief: false } as const;
    this.frame(connection, sid, hello);
    this.becomes(connection, sid, "heard");
    this.becomes(connection, sid, "answered");
  }

  gets(connection: number, sid: bigint): void {
    this.frame(connection, sid, {
      kind: "connected",
      sessionId: SESSION,
      timeoutMs: TIMEOUT_MS,
    });
  }

  asks(message: typeof ephemeral): void {
    const asked = { xid: 1, message, ids: [], operation: undefined, objection: undefined };
    this.frame(1, 2n, { kind: "asked", request: asked });
  }

  becomes(connection: number, sid: bigint, change: ConnectionChange): void {
    this.run.observe({ kind: "connection", sid, connection, address: "a", change });
  }

  frame(connection: number, sid: bigint, event: FrameEvent): void {
    const happening = { client: "client-1", connection, sessionId: SESSION, event };
    this.run.observe({ kind: "frame", sid, happening });
  }

  /** The ensemble opens the session. */
  commits(timeoutMs = TIMEOUT_MS): void {
    const change = createSessionChange(SESSION, timeoutMs);
    this.run.ask(1, "server 2", 2n, { kind: "submit", change });
    this.run.deliverTxns(1n, sessionTxn(1, 1, SESSION));
  }

  /** Server 2 shows its operators what it alone knows. */
  shows(...local: ReturnType<ClientsView["sessions"]>["global"]): void {
    const sessions = () => ({ decidesExpiry: false, global: [], local });
    const shown = { sessions } as unknown as ClientsView;
    const [seen, measured] = [new ClientDoor(), new CountedFigures()];
    const ofConnections = {
      sessions: 0,
      idle: 0,
      idleTimes: 0,
      waiting: 0,
      sessionless: 0,
      unsent: 0,
    };
    const upkeep = { listBytes: 0, countedListBytes: 0, audited: 0, ...ofConnections };
    this.run.observe({ kind: "counted", sid: 2n, seen, shown, measured, upkeep, owed: 0 });
  }
}

const SHOWN = { sessionId: SESSION, timeoutMs: TIMEOUT_MS };

it("accepts that a session is renewed where it began, and ends when its time is over", () => {
  const local = new Local();
  local.shows(SHOWN);
  local.run.nowMs = 500;
  local.says(2, 2n, SESSION);
  local.becomes(1, 2n, "closed");
  local.gets(2, 2n);
  local.run.nowMs = 1500;
  local.becomes(2, 2n, "closed");
  local.shows();
  local.says(3, 2n, SESSION);
  local.frame(3, 2n, { kind: "expired", sessionId: SESSION });
});

it("refuses that another server takes it, or that it outlives the leader or its time", () => {
  const moved = new Local();
  moved.says(2, 1n, SESSION);
  expect(() => {
    moved.gets(2, 1n);
  }).toThrow("which only 2 knows");
  const left = new Local();
  left.run.step(2n, { role: "looking", phase: undefined, serving: false });
  left.run.follow(2n, 1n, 1);
  left.says(2, 2n, SESSION);
  expect(() => {
    left.gets(2, 2n);
  }).toThrow("from before it lost its leader");
  const late = new Local();
  late.becomes(1, 2n, "ended");
  late.run.nowMs = 1001;
  expect(() => {
    late.shows(SHOWN);
  }).toThrow("nothing was heard for 1001 ms");
});

it("refuses that it ends before its time, or with its connection", () => {
  const denied = new Local();
  denied.run.nowMs = 999;
  denied.says(2, 2n, SESSION);
  expect(() => {
    denied.frame(2, 2n, { kind: "expired", sessionId: SESSION });
  }).toThrow("says after 999 ms");
  const closed = new Local();
  closed.run.nowMs = 999;
  expect(() => {
    closed.becomes(1, 2n, "closed");
  }).toThrow("after 999 ms of silence");
  const renewed = new Local();
  renewed.says(2, 2n, SESSION);
  renewed.becomes(1, 2n, "closed");
  renewed.gets(2, 2n);
  renewed.run.nowMs = 999;
  expect(() => {
    renewed.becomes(2, 2n, "closed");
  }).toThrow("after 999 ms of silence");
  expect(() => {
    new Local().shows();
  }).toThrow("has lost");
});

it("takes a request to end the session for its end", () => {
  const local = new Local();
  local.asks(closing);
  local.shows();
  local.says(2, 2n, SESSION);
  local.frame(2, 2n, { kind: "expired", sessionId: SESSION });
});

it("accepts that the ensemble has it when its client has asked for an ephemeral, and not otherwise", () => {
  const upgraded = new Local(true);
  upgraded.asks(ephemeral);
  upgraded.commits();
  expect(() => {
    upgraded.shows(SHOWN);
  }).toThrow("calls session");
  expect(() => {
    new Local(true).commits();
  }).toThrow("which only its server should know");
  expect(() => {
    const kept = new Local(false);
    kept.asks(ephemeral);
    kept.commits();
  }).toThrow("which only its server should know");
});
