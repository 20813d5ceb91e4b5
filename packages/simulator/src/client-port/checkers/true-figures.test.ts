import type { ClientsView, ConnectionView } from "@jute-ts/server/clients";
import { EventType, OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { FakeRun } from "../../checkers/fake-run.js";
import type { SeenConnection, SeenTotals } from "../../world/client-door.js";
import { USUAL_RULES } from "../../world/settings.js";
import { CountedFigures } from "../../world/counted-figures.js";
import type { LoginSettings } from "../../world/login-settings.js";
import { TrueFigures } from "./true-figures.js";

/** One client has asked five things and been answered three, the last by a change that it watched. */
const seen: SeenConnection = {
  address: "10.0.0.1",
  port: 99,
  isSecure: false,
  openedMs: 10,
  openedWallMs: 1010,
  framesIn: 6,
  requestBytesIn: 100,
  framesOut: 5,
  framesInBefore: 0,
  framesOutBefore: 0,
  eventsOut: 1,
  isReading: true,
  isCongested: false,
  session: { id: 5n, timeoutMs: 4000 },
  lastAnswer: { type: OpCode.setData, zxid: 9n, err: 0 },
  lastOpCode: OpCode.setData,
  lastXid: 3,
  latency: {
    count: 4,
    lastMs: 2,
    totalMs: 7,
    minMs: 1,
    maxMs: 3,
    isLastExact: true,
    isExact: true,
  },
};

const totals: SeenTotals = {
  openedPlain: 2,
  opened: 2,
  dropped: 1,
  perhapsClosed: 0,
  framesIn: 6,
  requestBytesIn: 100,
  framesOut: 5,
  bytesOut: 300,
  eventBytesOut: 20,
  eventsOut: new Map([[EventType.NodeDataChanged, 1]]),
  closed: new Map([["large requests", 1]]),
  sessionsGiven: 1,
  answers: 3,
  readAnswers: 2,
  updateAnswers: 1,
  authsIn: 3,
  authsAccepted: 1,
  authsRefused: 1,
  openedOwn: 0,
  ensembles: { named: { came: 2, taken: 1 }, unnamed: { came: 1, taken: 1 } },
};

const session: NonNullable<ConnectionView["session"]> = {
  sessionId: 5n,
  timeoutMs: 4000,
  lastOpCode: OpCode.setData,
  lastCxid: 3,
  lastZxid: 9n,
  lastResponseMs: 40,
  latency: { lastMs: 2, minMs: 1, maxMs: 3, totalMs: 7, count: 4 },
};

const connection: ConnectionView = {
  remoteAddress: "10.0.0.1",
  remotePort: 99,
  secure: false,
  interestOps: 1,
  outstandingRequests: 2,
  packetsReceived: 6,
  packetsSent: 5,
  establishedWallMs: 1010,
  expiresMs: 4040,
  session,
};

function shownWith(
  ofConnection: Partial<ConnectionView> = {},
  ofServer: Partial<ClientsView> = {},
): ClientsView {
  return {
    connections: () => [{ ...connection, ...ofConnection }],
    connectionCount: 1,
    outstandingRequests: 2,
    sessions: () => ({ decidesExpiry: false, global: [], local: undefined }),
    dataWatches: () => [{ sessionId: 5n, path: "/a" }],
    watchCount: 2,
    isReadOnly: false,
    connectionDropProbability: 0,
    resetConnectionStatistics: () => undefined,
    ...ofServer,
  };
}

function measuredWith(
  counts: Readonly<Record<string, number>> = {},
  reads: readonly number[] = [70, 82],
  latencies: readonly string[] = ["readlatency", "readlatency", "updatelatency"],
): CountedFigures {
  const measured = new CountedFigures();
  const right = {
    packets_received: 6,
    packets_sent: 5,
    connection_request_count: 1,
    connection_drop_count: 1,
    large_requests_rejected: 1,
    non_mtls_remote_conn_count: 2,
    response_bytes: 300,
    bytes_received_count: 100,
    watch_bytes: 20,
    auth_failed_count: 1,
    ensemble_auth_success: 1,
    ensemble_auth_fail: 1,
    ensemble_auth_skip: 1,
    ...counts,
  };
  for (const [name, count] of Object.entries(right)) measured.count(name, count);
  for (const name of latencies) {
    measured.record("latency", 2);
    measured.record(name, 2);
  }
  for (const bytes of reads) measured.recordOf("read_per_namespace", "a", bytes);
  for (const size of [16, 16, 16, 36]) measured.record("client_response_size", size);
  measured.record("node_changed_watch_count", 1);
  for (const tokens of [0, 1]) measured.record("connection_token_deficit", tokens);
  return measured;
}

const LOGINS: LoginSettings = {
  ...{ sasl: false, x509: false, ensemble: true, requiredSchemes: new Set<string>() },
  ...{ allowsFailedSasl: false, mostIds: 1000, mostIdCharacters: 1000 },
};

/** Two znodes below /a were read, of which one lists names of other letters. */
const namespaces = new Map([["a", { reads: 2, leastBytes: 150, mostBytes: 154 }]]);

function judge(
  shown: ClientsView,
  measured = measuredWith(),
  connections = [seen],
  maxOutstandingRequests = Infinity,
  waiting = 0,
): void {
  const ports = { localSessions: false, readOnlyServers: false, logins: LOGINS };
  const limits = { connections: { tokens: 1, fillTimeMs: 10 } };
  const run = new FakeRun([new TrueFigures(ports, limits)]);
  run.follow(2n, 1n, 1);
  const peer = run.peer(2n);
  peer.clientRules = { ...USUAL_RULES, maxOutstandingRequests };
  peer.tree = undefined;
  peer.tree = run.newState();
  const ofConnections = { sessions: 1, idle: 1, idleTimes: 1, waiting, sessionless: 0, unsent: 0 };
  const upkeep = { listBytes: 0, countedListBytes: 0, audited: 0, ...ofConnections };
  const reads = { namespaces, isComplete: true };
  const clients = { seen: { connections, totals, reads }, shown, measured, upkeep, owed: 0 };
  run.observe({ kind: "counted", sid: 2n, ...clients });
}

describe("TrueFigures", () => {
  it("wants those counted that wait for room for requests", () => {
    expect(() => {
      judge(shownWith(), measuredWith(), [seen], Infinity, 1);
    }).toThrow("0 waits for room for requests, where 1 do now");
  });

  it("accepts what has happened", () => {
    expect(() => {
      judge(shownWith());
    }).not.toThrow();
  });

  it.each<[string, Partial<ConnectionView>]>([
    ["the address", { remoteAddress: "10.0.0.2" }],
    ["the port", { remotePort: 98 }],
    ["TLS", { secure: true }],
    ["the interest", { interestOps: 0 }],
    ["the beginning", { establishedWallMs: 1011 }],
    ["the packets sent", { packetsSent: 4 }],
    ["the packets received", { packetsReceived: 5 }],
    ["the outstanding requests", { outstandingRequests: 3 }],
    ["the session", { session: { ...session, sessionId: 6n } }],
    ["the timeout", { session: { ...session, timeoutMs: 4001 } }],
    ["the last op", { session: { ...session, lastOpCode: OpCode.exists } }],
    ["the last cxid", { session: { ...session, lastCxid: 2 } }],
    ["the last zxid", { session: { ...session, lastZxid: 8n } }],
    ["the end", { expiresMs: 4041 }],
    [
      "the number of answers",
      { session: { ...session, latency: { ...session.latency, count: 3 } } },
    ],
    ["the last latency", { session: { ...session, latency: { ...session.latency, lastMs: 1 } } }],
    [
      "the sum of latencies",
      { session: { ...session, latency: { ...session.latency, totalMs: 8 } } },
    ],
    [
      "the order of latencies",
      { session: { ...session, latency: { ...session.latency, maxMs: 1 } } },
    ],
    [
      "the least and the greatest latency",
      { session: { ...session, latency: { ...session.latency, minMs: 0 } } },
    ],
    [
      "the least and the greatest latency",
      { session: { ...session, latency: { ...session.latency, maxMs: 4 } } },
    ],
    [
      "the mean of latencies",
      { session: { ...session, latency: { ...session.latency, minMs: 2 } } },
    ],
  ])("refuses %s where it is another", (what, change) => {
    expect(() => {
      judge(shownWith(change));
    }).toThrow(`for ${what}, where`);
  });

  it("counts on from where an operator has begun to count again", () => {
    const before = { ...seen, framesInBefore: 4, framesOutBefore: 3, lastOpCode: undefined };
    const shown = {
      packetsReceived: 2,
      packetsSent: 2,
      session: { ...session, lastOpCode: undefined },
    };
    judge(shownWith(shown), undefined, [before]);
    for (const [change, what] of [
      [{ packetsReceived: 6 }, "the packets received"],
      [{ packetsSent: 5 }, "the packets sent"],
      [{ session }, "the last op"],
    ] as const)
      expect(() => {
        judge(shownWith({ ...shown, ...change }), undefined, [before]);
      }).toThrow(`for ${what}, where`);
  });

  it.each<[string, Partial<ClientsView>]>([
    ["0 connections, of 1", { connectionCount: 0 }],
    ["0 connections one by one", { connections: () => [] }],
    ["3 outstanding requests", { outstandingRequests: 3 }],
    ["1 outstanding requests", { outstandingRequests: 1 }],
    ["serves nobody but readers", { isReadOnly: true }],
    [
      "decides when sessions expire",
      { sessions: () => ({ decidesExpiry: true, global: [], local: undefined }) },
    ],
    [
      "1 sessions other",
      {
        sessions: () => ({
          decidesExpiry: false,
          global: [{ sessionId: 5n, timeoutMs: 1 }],
          local: undefined,
        }),
      },
    ],
    ["a client that is gone", { dataWatches: () => [{ sessionId: 6n, path: "/a" }] }],
    ["0 watches, and 1 on data", { watchCount: 0 }],
    ["refuses clients with probability 0.1", { connectionDropProbability: 0.1 }],
  ])("refuses %s", (text, change) => {
    expect(() => {
      judge(shownWith({}, change));
    }).toThrow(text);
  });

  it.each([
    ["ensemble_auth_success", -1],
    ["ensemble_auth_success", 1],
    ["ensemble_auth_fail", 1],
    ["ensemble_auth_skip", -1],
    ["ensemble_auth_skip", 1],
  ] as const)("refuses %s when it is wrong by %i", (name, by) => {
    const measured = measuredWith();
    measured.count(name, by);
    expect(() => {
      judge(shownWith(), measured);
    }).toThrow("1 to 2 with a name and 1 to 1 without");
  });

  it("refuses more outstanding requests than it may have, and one for each connection", () => {
    judge(shownWith(), undefined, undefined, 1);
    expect(() => {
      judge(shownWith(), undefined, undefined, 0);
    }).toThrow("2 outstanding requests of 1 connections, where it may read on below 0");
  });

  it.each([
    ["3 notes", 0],
    ["3 notes", 1],
  ] as const)("refuses %s of missing tokens, where there is one client", (text, tokens) => {
    const measured = measuredWith();
    measured.record("connection_token_deficit", tokens);
    expect(() => {
      judge(shownWith(), measured);
    }).toThrow(text);
  });

  it("refuses that more tokens were missing than there are, and fewer than none", () => {
    for (const tokens of [2, -1]) {
      const measured = measuredWith({ connection_request_count: 2 });
      for (const each of [0, tokens]) measured.record("connection_token_deficit", each);
      expect(() => {
        judge(shownWith(), measured);
      }).toThrow("tokens were missing, of 1");
    }
  });

  it.each([
    ["as many latencies as reads", ["updatelatency", "updatelatency", "updatelatency"]],
    ["as many latencies as changes", ["readlatency", "readlatency", "readlatency"]],
  ] as const)("wants %s", (text, names) => {
    const measured = measuredWith({}, undefined, names);
    expect(() => {
      judge(shownWith(), measured);
    }).toThrow(text);
  });

  it.each([
    ["packets_received", 1],
    ["packets_received", -1],
    ["packets_sent", -1],
    ["connection_request_count", 2],
    ["connection_rejected", 1],
    ["large_requests_rejected", 1],
    ["sessionless_connections_expired", 1],
    ["connection_revalidate_count", 2],
    ["connection_drop_count", 1],
    ["connection_drop_count", -1],
    ["non_mtls_remote_conn_count", -1],
    ["non_mtls_local_conn_count", 1],
    ["auth_failed_count", -1],
    ["auth_failed_count", 2],
    ["response_bytes", 1],
    ["bytes_received_count", 1],
    ["bytes_received_count", -1],
    ["watch_bytes", -1],
  ] as const)("refuses %s when it is wrong by %i", (name, by) => {
    const measured = measuredWith();
    measured.count(name, by);
    expect(() => {
      judge(shownWith(), measured);
    }).toThrow(`for ${name}, where`);
  });

  it.each([
    ["1 reads below /a of 150 bytes", [150]],
    ["2 reads below /a of 149 bytes", [70, 79]],
    ["2 reads below /a of 155 bytes", [70, 85]],
    ["3 reads below /a of 152 bytes", [70, 82, 0]],
  ] as const)("refuses %s, where 2 of 150 to 154 were seen", (text, reads) => {
    expect(() => {
      judge(shownWith(), measuredWith({}, reads));
    }).toThrow(text);
  });

  it.each([
    ["the latencies of reads and writes", "readlatency", 0],
    ["latencies from 0 on", "latency", -1],
    ["commits before answers", "local_write_committed_time_ms", -1],
  ] as const)("refuses wrong %s", (text, name, value) => {
    const measured = measuredWith();
    if (name === "latency") measured.record("readlatency", value);
    measured.record(name, value);
    expect(() => {
      judge(shownWith(), measured);
    }).toThrow(text);
  });
});
