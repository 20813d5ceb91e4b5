/** For each checker of what clients see, histories made by hand: what it accepts, and what it must refuse. */
import {
  CreateMode,
  encodeResponse,
  decodeResponse,
  decodeTxn,
  encodeTxn,
  ErrorCode,
  EventType,
  makeZxid,
  OpCode,
  OPEN_ACL_UNSAFE,
  type ResponseBodyInit,
  type ResponseMessage,
  type ResponseOpCode,
  Xid,
} from "@jute-ts/zookeeper";
import type { LoggedTxn } from "@jute-ts/quorum";
import type { ClientCloseReason } from "@jute-ts/server/clients";
import { describe, expect, it } from "vitest";
import type { Checker, ClientLoad, ConnectionChange } from "../../checkers/checker.js";
import { CommittedRequests } from "../../checkers/committed-requests.js";
import { FakeRun, sessionTxn, txnOf } from "../../checkers/fake-run.js";
import { calmSettings, type ConnectionTokens, USUAL_RULES } from "../../world/settings.js";
import { createChange, createSessionChange } from "../../clients/change-requests.js";
import { CommittedTxns } from "../../model/committed-txns.js";
import { GhostOperations } from "../../model/ghost-operations.js";
import { newGhosts } from "../../model/ghosts.js";
import type { FrameEvent, FrameRequest } from "../frame-event.js";
import { type DrawnRequest, request } from "../frame-operations.js";
import { ClientLimits } from "./client-limits.js";
import { ConnectionLimits } from "./connection-limits.js";
import { SilentConnections } from "./silent-connections.js";
import { ClientsNeedLeader } from "./clients-need-leader.js";
import { DocumentedReplies } from "./documented-replies.js";
import { KeptSessions } from "./kept-sessions.js";
import { LinearizableWrites } from "./linearizable-writes.js";
import { OrderedReplies } from "./ordered-replies.js";
import { TimelyWatches } from "./timely-watches.js";
import { GhostZnodeChanges } from "./znode-changes.js";

const SESSION = 5n;
const ids = [{ scheme: "ip", id: "10.0.0.1" }];

function zxidOf(counter: number): bigint {
  return makeZxid(1, counter);
}

/** Three servers, of which the first leads, one session, and then /a, created by operation 2 as txn 2. */
class History {
  readonly run: FakeRun;
  readonly requests: CommittedRequests;

  constructor(localSessions = false) {
    const { history } = newGhosts();
    const operations = new GhostOperations();
    const committed = new CommittedTxns(history);
    const requests = new CommittedRequests(operations, committed, {
      extendedTypes: false,
      enforcesQuotas: false,
      knowsLogins: false,
    });
    this.requests = requests;
    const changes = new GhostZnodeChanges(committed, requests);
    const bounds = { minTimeoutMs: 1000, maxTimeoutMs: 5000 };
    const checkers: Checker[] = [
      ...[history, operations, committed, requests, changes],
      new OrderedReplies(committed),
      new DocumentedReplies(requests),
      new TimelyWatches(requests, changes),
      new LinearizableWrites(),
      new KeptSessions(requests, bounds, localSessions),
    ];
    this.run = new FakeRun(checkers);
    this.run.lead(1n, 1);
    const session = createSessionChange(SESSION, 1000);
    this.run.ask(1, "server 1", 1n, { kind: "submit", change: session });
    this.commit(sessionTxn(1, 1, SESSION));
    this.asksForCreate(2, 1, "/a");
  }

  commit(...txns: readonly LoggedTxn[]): void {
    this.run.deliverTxns(1n, ...txns);
  }

  /** A create is asked for, and becomes a txn. */
  creates(operation: number, cxid: number, path: string, counter: number): void {
    this.asksForCreate(operation, cxid, path);
    this.commit(createTxn(path, cxid, counter));
  }

  asksForCreate(operation: number, cxid: number, path: string): void {
    const change = {
      ...createChange(path, "", CreateMode.PERSISTENT),
      sessionId: SESSION,
      cxid,
      authInfo: ids,
    };
    this.run.ask(operation, "client-1", 1n, { kind: "submit", change });
  }

  happens(event: FrameEvent, connection = 1, client = "client-1"): void {
    const happening = { client, connection, sessionId: SESSION, event };
    this.run.observe({ kind: "frame", sid: 1n, happening });
  }

  asks(xid: number, { message, objection }: DrawnRequest, operation?: number): FrameRequest {
    const asked = { xid, message: { ...message, xid }, ids, operation, objection };
    this.happens({ kind: "asked", request: asked });
    return asked;
  }

  answers<C extends ResponseOpCode>(
    asked: FrameRequest,
    counter: number,
    err: number,
    type?: C,
    body?: ResponseBodyInit<C>,
  ): void {
    const zxid = zxidOf(counter);
    const response = type && body && responseOf(type, asked.xid, zxid, body);
    this.happens({ kind: "answered", request: asked, xid: asked.xid, zxid, err, response });
  }

  notifies(counter: number, type: number, path: string): void {
    this.happens({ kind: "event", zxid: zxidOf(counter), type, path });
  }

  connects(connection: number, sessionId: bigint, isThief = false): void {
    this.happens({ kind: "connecting", sessionId, timeoutMs: 1000, isThief }, connection);
  }
}

function responseOf<C extends ResponseOpCode>(
  type: C,
  xid: number,
  zxid: bigint,
  body: ResponseBodyInit<C>,
): ResponseMessage<ResponseOpCode> {
  // What an op code needs is not known before the op code is; `body` is tied to it above.
  const content = [body] as unknown as Parameters<typeof encodeResponse<C>>[2][];
  return decodeResponse(type, encodeResponse(type, { xid, zxid }, ...(content as never)));
}

function createTxn(path: string, cxid: number, counter: number): LoggedTxn {
  const zxid = zxidOf(counter);
  const header = { clientId: SESSION, cxid, zxid, time: 0n };
  const data = new Uint8Array(0);
  const body = { path, data, acl: [...OPEN_ACL_UNSAFE], ephemeral: false, parentCVersion: 1 };
  return txnOf(zxid, encodeTxn(OpCode.create2, header, body));
}

const getRoot = request(OpCode.getChildren, { path: "/", watch: false });
const getA = request(OpCode.exists, { path: "/a", watch: true });
const sync = request(OpCode.sync, { path: "/" });
const ping = request(OpCode.ping, null);
const createA = request(OpCode.create2, {
  path: "/a",
  data: null,
  acl: [...OPEN_ACL_UNSAFE],
  flags: 0,
});

/** Names are told in any order. */
const AT_FIRST = ["zookeeper"];

describe("OrderedReplies", () => {
  it("refuses an answer out of turn, and one to nothing", () => {
    const history = new History();
    const first = history.asks(1, getRoot);
    history.answers(first, 1, 0, OpCode.getChildren, { children: AT_FIRST });
    const second = history.asks(2, ping);
    expect(() => {
      history.answers({ ...second, xid: 3 }, 1, 0);
      const event = { kind: "answered", request: second, xid: 3, zxid: zxidOf(1), err: 0 } as const;
      history.happens({ ...event, response: undefined });
    }).toThrow("request 3");
    expect(() => {
      const event = { kind: "answered", request: undefined, xid: 4, zxid: 1n, err: 0 } as const;
      history.happens({ ...event, response: undefined });
    }).toThrow("had asked nothing");
  });

  it("refuses a state before one that was shown, on whatever connection", () => {
    const history = new History();
    history.commit(createTxn("/a", 1, 2));
    history.answers(history.asks(1, ping), 2, 0);
    expect(() => {
      history.answers(history.asks(2, ping), 1, 0);
    }).toThrow("after");
  });

  it("holds servers to what one without a leader has shown, where that was committed", () => {
    const committed = { zxid: zxidOf(4), message: decodeTxn(createTxn("/a", 1, 4).bytes) };
    for (const isCommitted of [true, false]) {
      const at = (zxid: bigint) => (isCommitted && zxid === committed.zxid ? committed : undefined);
      const run = new FakeRun([new OrderedReplies({ at })]);
      const shows = (connection: number, counter: number, isReader: boolean): void => {
        const message = { ...ping.message, xid: 1 };
        const request = { xid: 1, message, ids, operation: undefined, objection: undefined };
        const answer = { xid: 1, zxid: zxidOf(counter), err: 0, response: undefined };
        const event = { kind: "answered", request, ...answer } as const;
        const happening = { client: "c", connection, sessionId: SESSION, isReader, event };
        run.observe({ kind: "frame", sid: 1n, happening });
      };
      shows(1, 4, true);
      expect(() => {
        shows(1, 3, true);
      }).toThrow("after");
      const next = expect(() => {
        shows(2, 3, false);
      });
      if (isCommitted) next.toThrow("after");
      else next.not.toThrow();
    }
  });
});

describe("DocumentedReplies", () => {
  it("accepts what is there, and refuses what is not", () => {
    const history = new History();
    history.commit(createTxn("/a", 1, 2));
    const children = [...AT_FIRST, "a"];
    history.answers(history.asks(1, getRoot), 2, 0, OpCode.getChildren, { children });
    expect(() => {
      history.answers(history.asks(2, getRoot), 2, 0, OpCode.getChildren, { children: AT_FIRST });
    }).toThrow("lacks [a]");
    expect(() => {
      history.answers(history.asks(3, getA), 2, ErrorCode.NONODE);
    }).toThrow("has error -101, where 0 is right");
  });

  it("refuses any other answer to what makes no sense than that", () => {
    const history = new History();
    history.commit(createTxn("/a", 1, 2));
    const odd = { ...getA, objection: ErrorCode.MARSHALLINGERROR };
    history.answers(history.asks(1, odd), 2, ErrorCode.MARSHALLINGERROR);
    expect(() => {
      history.answers(history.asks(2, odd), 2, ErrorCode.NONODE);
    }).toThrow("has error -101, where -5 is right");
  });

  it("refuses a write that is answered with another's txn, or another error", () => {
    const history = new History();
    history.commit(createTxn("/a", 1, 2));
    history.creates(3, 2, "/b", 3);
    expect(() => {
      history.answers(history.asks(1, createA, 2), 3, 0);
    }).toThrow("the txn is another one");
    expect(() => {
      history.answers(history.asks(1, createA, 2), 2, ErrorCode.NODEEXISTS);
    }).toThrow("where 0 is right");
  });
});

describe("TimelyWatches", () => {
  /** Somebody watches for /a, which is created then. */
  function watched(): History {
    const history = new History();
    history.answers(history.asks(1, getA), 1, ErrorCode.NONODE);
    history.commit(createTxn("/a", 1, 2));
    return history;
  }

  it("accepts the event before the answer that shows the change, and not after it", () => {
    const history = watched();
    history.notifies(2, EventType.NodeCreated, "/a");
    history.answers(history.asks(2, ping), 2, 0);
    expect(() => {
      const late = watched();
      late.answers(late.asks(2, ping), 2, 0);
    }).toThrow("was not notified");
  });

  it("refuses an event twice, of another kind, or of what nobody watches", () => {
    const history = watched();
    history.notifies(2, EventType.NodeCreated, "/a");
    expect(() => {
      history.notifies(2, EventType.NodeCreated, "/a");
    }).toThrow("nothing was to be told");
    expect(() => {
      watched().notifies(2, EventType.NodeDataChanged, "/a");
    }).toThrow("was to be told next");
    expect(() => {
      watched().notifies(2, EventType.NodeChildrenChanged, "/");
    }).toThrow("was to be told next");
  });

  it("holds a client to how much it may watch, and ends it with one watch more", () => {
    const watches = (path: string) => request(OpCode.getChildren, { path, watch: true });
    const busy = (most: number): History => {
      const history = new History();
      history.run.peer(1n).clientRules = { ...USUAL_RULES, maxWatchSize: most };
      history.answers(history.asks(1, watches("/")), 1, 0, OpCode.getChildren, {
        children: ["zookeeper"],
      });
      return history;
    };
    const again = (history: History, err: number): void => {
      history.answers(history.asks(2, request(OpCode.addWatch, { path: "/b", mode: 0 })), 1, err);
    };
    again(busy(203), 0);
    const full = busy(202);
    again(full, ErrorCode.THROTTLEDOP);
    expect(() => {
      full.answers(full.asks(3, ping), 1, 0);
    }).toThrow("was told that it watches too much");
    expect(() => {
      again(busy(202), 0);
    }).toThrow("has error 0, where -127 is right");
    expect(() => {
      again(busy(203), ErrorCode.THROTTLEDOP);
    }).toThrow("has error -127, where 0 is right");
    expect(() => {
      const history = busy(1000);
      history.answers(history.asks(2, ping), 1, ErrorCode.THROTTLEDOP);
    }).toThrow("(op 11) at 0x100000001 has error -127, where 0 is right");
  });

  const ofOldKinds = {
    relativeZxid: zxidOf(1),
    dataWatches: [],
    existWatches: ["/a"],
    childWatches: [],
  };

  it.each([
    ["", request(OpCode.setWatches, ofOldKinds)],
    [
      " with those of new kinds",
      request(OpCode.setWatches2, {
        ...ofOldKinds,
        persistentWatches: [],
        persistentRecursiveWatches: [],
      }),
    ],
  ])("wants to be told what was missed, when watches are set again%s", (_kinds, again) => {
    const told = new History();
    told.commit(createTxn("/a", 1, 2));
    told.happens({ kind: "event", zxid: -1n, type: EventType.NodeCreated, path: "/a" });
    told.answers(told.asks(Xid.setWatches, again), 2, 0);
    expect(() => {
      const untold = new History();
      untold.commit(createTxn("/a", 1, 2));
      untold.answers(untold.asks(Xid.setWatches, again), 2, 0);
    }).toThrow("is not told that it missed");
  });
});

describe("LinearizableWrites", () => {
  it("refuses a write before what was known, and a sync that shows less", () => {
    const history = new History();
    const early = history.asks(1, createA, 2);
    history.commit(createTxn("/a", 1, 2));
    history.answers(history.asks(9, ping), 2, 0);
    history.happens({
      ...{ kind: "answered", request: early, xid: 1, zxid: zxidOf(2), err: 0 },
      response: undefined,
    });
    expect(() => {
      const late = history.asks(3, createA, 2);
      history.answers(late, 2, 0);
    }).toThrow("was known before it was made");
  });

  it("refuses a sync that shows less than was known", () => {
    const history = new History();
    history.commit(createTxn("/a", 1, 2));
    history.answers(history.asks(1, ping), 2, 0);
    const asked = history.asks(2, sync);
    const event = { kind: "answered", request: asked, xid: 2, zxid: zxidOf(1), err: 0 } as const;
    const response = responseOf(OpCode.sync, 2, zxidOf(1), { path: "/" });
    const checker = new LinearizableWrites();
    const { run } = history;
    checker.observe({ kind: "step", ...leading(run) });
    const happening = { client: "x", connection: 1, sessionId: SESSION } as const;
    const ask = (req: FrameRequest): void => {
      checker.observe({
        kind: "frame",
        sid: 1n,
        happening: { ...happening, event: { kind: "asked", request: req } },
      });
    };
    const seen = { ...asked, message: { ...ping.message, xid: 1 }, xid: 1 };
    ask(seen);
    const shown = { ...event, request: seen, xid: 1, zxid: zxidOf(2), response: undefined };
    checker.observe({ kind: "frame", sid: 1n, happening: { ...happening, event: shown } });
    ask(asked);
    expect(() => {
      const behind = { ...event, response };
      checker.observe({ kind: "frame", sid: 1n, happening: { ...happening, event: behind } });
    }).toThrow("after a sync");
  });
});

describe("KeptSessions", () => {
  const connected = { kind: "connected", sessionId: SESSION, timeoutMs: 1000 } as const;

  it("refuses a session for a wrong password, for two, or with another timeout", () => {
    expect(() => {
      const history = new History();
      history.connects(1, SESSION, true);
      history.happens(connected);
    }).toThrow("wrong password");
    expect(() => {
      const history = new History();
      history.connects(1, 0n);
      history.happens(connected);
      history.connects(2, 0n);
      history.happens(connected, 2, "client-2");
    }).toThrow("which another has");
    expect(() => {
      const history = new History();
      history.connects(1, 0n);
      history.happens({ ...connected, timeoutMs: 999 });
    }).toThrow("where 1000 ms is right");
  });

  it("refuses to hear that a session is over that nothing has ended", () => {
    const history = new History();
    history.connects(1, 0n);
    history.happens(connected);
    history.connects(2, SESSION);
    expect(() => {
      history.happens({ kind: "expired", sessionId: SESSION }, 2);
    }).toThrow("which nobody has ended");
  });

  it("refuses that a server lacks a session in use, unless only another may know it", () => {
    const endsWith = (sessionId: bigint, localSessions: boolean, isOver = false): void => {
      const history = new History(localSessions);
      history.connects(1, 0n);
      history.happens({ ...connected, sessionId });
      const header = { clientId: sessionId, cxid: 0, zxid: zxidOf(2), time: 0n };
      const close = encodeTxn(OpCode.closeSession, header, { paths2Delete: [] });
      if (isOver) history.commit(txnOf(zxidOf(2), close));
      history.run.peer(1n).tree = history.run.newState();
      history.run.end();
    };
    endsWith(6n, true);
    expect(() => {
      endsWith(6n, false);
    }).toThrow("lacks session 6");
    for (const isOver of [false, true])
      expect(() => {
        endsWith(SESSION, true, isOver);
      }).toThrow("lacks session 5");
  });

  it("refuses the end of a connection in calm, and not before", () => {
    const history = new History();
    history.connects(1, 0n);
    history.happens(connected);
    history.happens({ kind: "closed", byClient: false });
    history.connects(2, SESSION);
    history.run.observe({ kind: "calm" });
    expect(() => {
      history.happens({ kind: "closed", byClient: false }, 2);
    }).toThrow("while all is calm");
  });

  it("accepts that a client which does not read loses its connection in calm", () => {
    const history = new History();
    history.connects(1, 0n);
    history.run.observe({ kind: "calm" });
    const closing = {
      reason: "client does not read",
      congestedBytes: 99,
      isUnknown: false,
    } as const;
    const closed = { connection: 1, address: "a", change: "closed", closing } as const;
    history.run.observe({ kind: "connection", sid: 1n, ...closed });
    history.happens({ kind: "closed", byClient: false });
  });
});

/** Nothing is under way. */
const IDLE: Omit<ClientLoad, "answered"> = {
  inProcess: 0,
  begun: { global: 0, renewed: 0, here: 0 },
  unsentBytes: 0,
  congestedBytes: 0,
  unansweredLengths: [],
};

describe("ClientsNeedLeader", () => {
  it("refuses that a server keeps clients that it has answered when it has lost its leader", () => {
    const run = new FakeRun([new ClientsNeedLeader()]);
    const settle = (answered: number): void => {
      run.observe({ kind: "settled", sid: 2n, answered, ...IDLE });
    };
    run.follow(2n, 1n, 1);
    settle(3);
    run.step(2n, { role: "looking", phase: undefined, serving: false });
    settle(0);
    expect(() => {
      settle(1);
    }).toThrow("keeps 1 connections");
  });
});

describe("ClientLimits", () => {
  const judged = (throttledRequests: number): ((load: Partial<ClientLoad>) => void) => {
    const connections = { tokens: 2, fillTimeMs: 100 };
    const largeRequests = { thresholdBytes: 100, maxBytes: 1000 };
    const limits = { throttledRequests, connections, unsentBytes: 500, largeRequests };
    const run = new FakeRun([new ClientLimits({ ...limits, perAddress: 0, total: 0 }, 0.01)]);
    return (load) => {
      run.observe({ kind: "settled", sid: 2n, answered: 1, ...IDLE, ...load });
    };
  };

  const limited = (throttledRequests: number): ((inProcess: number, renewed: number) => void) => {
    const judge = judged(throttledRequests);
    return (inProcess, renewed) => {
      judge({ inProcess, begun: { ...IDLE.begun, renewed } });
    };
  };

  it("refuses that an answer is added to what is too much already", () => {
    const judge = judged(Infinity);
    judge({ unsentBytes: 499 });
    expect(() => {
      judge({ unsentBytes: 500 });
    }).toThrow("adds an answer to 500 bytes, and may only below 500");
  });

  it("refuses that more waits for a client that does not read than may", () => {
    const run = new FakeRun([new ClientLimits(calmSettings(3).clientLimits, 0)]);
    run.peer(2n).clientRules = { ...USUAL_RULES, maxCongestedBytes: 60 };
    const settle = (congestedBytes: number): void => {
      run.observe({ kind: "settled", sid: 2n, answered: 1, ...IDLE, congestedBytes });
    };
    settle(60);
    expect(() => {
      settle(61);
    }).toThrow("lets 61 bytes wait for a client that does not read, of 60");
  });

  it("refuses more bytes of large requests than there may be", () => {
    const judge = judged(Infinity);
    judge({ unansweredLengths: [100, 100, 500, 500] });
    expect(() => {
      judge({ unansweredLengths: [500, 500, 101] });
    }).toThrow("large requests of 1101 bytes, of 1000");
  });

  it("refuses more requests in process than there may be", () => {
    const settle = limited(3);
    settle(3, 0);
    expect(() => {
      settle(4, 0);
    }).toThrow("4 requests in process, of 3");
  });

  it("refuses more sessions than there are tokens for", () => {
    const settle = limited(Infinity);
    settle(100, 2);
    settle(0, 1);
    expect(() => {
      settle(0, 1);
    }).toThrow("more clients connect");
  });

  /** A server with these tokens, at which one client begins a session, and another is refused. */
  const refused = (connections: ConnectionTokens, begun: number, gone: number): (() => void) => {
    const limits = { ...calmSettings(3).clientLimits, connections };
    const run = new FakeRun([new ClientLimits(limits, 0.01)]);
    const closes = (reason: ClientCloseReason): void => {
      const closing = { reason, congestedBytes: 0, isUnknown: false };
      const closed = { connection: 1, address: "a", change: "closed", closing } as const;
      run.observe({ kind: "connection", sid: 2n, ...closed });
    };
    const settle = (global: number): void => {
      const load = { ...IDLE, begun: { ...IDLE.begun, global } };
      run.observe({ kind: "settled", sid: 2n, answered: 1, ...load });
    };
    settle(0);
    for (let nth = 0; nth < gone; nth += 1) closes("read-only");
    closes("connection throttle");
    return () => {
      settle(begun);
    };
  };

  it("refuses that a client is refused for which there are tokens, unless by chance", () => {
    const tokens = { tokens: 6, fillTimeMs: 100, weights: { local: 1, global: 3, renewed: 2 } };
    const blue = { freezeTimeMs: 1, dropIncrease: 0.1, dropDecrease: 0.1, decreaseRatio: 0 };
    expect(refused(tokens, 0, 0)).toThrow("refuses to let a client connect, and has 6.0 tokens");
    expect(refused(tokens, 1, 0)).not.toThrow();
    expect(refused(tokens, 0, 1)).not.toThrow();
    expect(refused({ ...tokens, blue }, 0, 0)).not.toThrow();
  });

  it("counts what each way to connect costs", () => {
    const tokens = { tokens: 6, fillTimeMs: 100, weights: { local: 1, global: 3, renewed: 2 } };
    expect(refused(tokens, 2, 0)).not.toThrow();
    expect(refused(tokens, 3, 0)).toThrow("more clients connect");
  });
});

describe("ConnectionLimits", () => {
  const limited = (perAddress: number, total: number) => {
    const limits = { ...calmSettings(3).clientLimits, perAddress, total };
    const run = new FakeRun([new ConnectionLimits(limits)]);
    return {
      run,
      happens: (connection: number, host: string, change: ConnectionChange, sid = 2n): void => {
        run.observe({ kind: "connection", sid, connection, address: host, change });
      },
    };
  };

  it("refuses one connection more than an address may have, at one server", () => {
    const { happens } = limited(2, 0);
    happens(1, "a", "admitted");
    happens(2, "a", "admitted");
    happens(3, "b", "admitted");
    happens(4, "a", "refused");
    happens(5, "a", "admitted", 3n);
    expect(() => {
      happens(6, "a", "admitted");
    }).toThrow("a has 2, of 2 that it may have");
  });

  it("refuses one connection more than all may have", () => {
    const { happens } = limited(0, 2);
    happens(1, "a", "admitted");
    happens(2, "b", "admitted");
    happens(3, "c", "refused");
    expect(() => {
      happens(4, "c", "admitted");
    }).toThrow("it has 2, of 2 that it may have");
  });

  it.each(["closed", "ended"] as const)(
    "refuses that a connection is refused when another is %s",
    (change) => {
      const { happens } = limited(1, 1);
      happens(1, "a", "admitted");
      happens(2, "a", "refused");
      happens(1, "a", change);
      expect(() => {
        happens(3, "a", "refused");
      }).toThrow("refuses a connection of a, of which it has 0, and 0 in all");
    },
  );

  it("knows that no connection outlives its server's process", () => {
    const { run, happens } = limited(1, 0);
    happens(1, "a", "admitted");
    run.observe({ kind: "crash", sid: 2n });
    happens(2, "a", "admitted");
  });
});

describe("SilentConnections", () => {
  const TIME = { sessionlessMs: 500, timeoutMs: 1000 };

  /** A connection that server 2 has taken at 0 ms. Clocks are true. */
  class Silence {
    readonly history = new History();
    readonly run: FakeRun;

    constructor() {
      const { requests } = this.history;
      const bounds = { minTimeoutMs: 1000, maxTimeoutMs: 5000, clockDrift: 0 };
      const { sessionlessMs } = TIME;
      this.run = new FakeRun([new SilentConnections(requests, { ...bounds, sessionlessMs })]);
      this.happens("admitted");
    }

    happens(change: ConnectionChange): void {
      this.run.observe({ kind: "connection", sid: 2n, connection: 1, address: "a", change });
    }

    frame(event: FrameEvent, connection = 1): void {
      const happening = { client: "client-1", connection, sessionId: 0n, event };
      this.run.observe({ kind: "frame", sid: 2n, happening });
    }

    /** It gets the session that there is. */
    connects(): void {
      const { timeoutMs } = TIME;
      this.frame({ kind: "connecting", sessionId: 0n, timeoutMs: 10, isThief: false });
      this.happens("heard");
      this.happens("answered");
      this.frame({ kind: "connected", sessionId: SESSION, timeoutMs });
    }

    settlesAt(nowMs: number): void {
      this.run.nowMs = nowMs;
      this.run.observe({ kind: "settled", sid: 2n, answered: 0, ...IDLE });
    }

    closesAt(nowMs: number): void {
      this.run.nowMs = nowMs;
      this.happens("closed");
    }
  }

  it("refuses that a connection without a session is closed before its time", () => {
    const silence = new Silence();
    silence.happens("heard");
    expect(() => {
      silence.closesAt(499);
    }).toThrow("after 499 ms, which has said nothing yet");
  });

  it("refuses that it is kept for longer, whatever has come of it", () => {
    const silence = new Silence();
    silence.settlesAt(500);
    silence.happens("heard");
    expect(() => {
      silence.settlesAt(501);
    }).toThrow("has no session and was silent for 1 ms");
  });

  it("gives a server that was paused as much more time", () => {
    const silence = new Silence();
    silence.run.observe({ kind: "pause", sid: 2n });
    silence.settlesAt(700);
    silence.run.observe({ kind: "resume", sid: 2n });
    silence.settlesAt(1200);
    expect(() => {
      silence.settlesAt(1201);
    }).toThrow("has no session");
  });

  it("takes a whole first message, or a broken one, for a reason to close", () => {
    const whole = new Silence();
    whole.frame({ kind: "connecting", sessionId: 0n, timeoutMs: 10, isThief: false });
    whole.closesAt(1);
    const broken = new Silence();
    broken.frame({ kind: "misused" });
    broken.closesAt(1);
  });

  it("refuses that a connection is closed before its session has lasted in silence", () => {
    const silence = new Silence();
    silence.connects();
    silence.run.nowMs = 300;
    silence.happens("heard");
    expect(() => {
      silence.closesAt(1299);
    }).toThrow("after 999 ms of silence, though its session lasts for 1000 ms");
  });

  it("refuses that it is kept when the session has lasted, and what that is rounded up by", () => {
    const silence = new Silence();
    silence.connects();
    silence.settlesAt(1500);
    expect(() => {
      silence.settlesAt(1501);
    }).toThrow("has a session and was silent for 1501 ms");
  });

  it("takes the loss of the leader, a session that comes back, and requests for reasons", () => {
    const lost = new Silence();
    lost.run.follow(2n, 1n, 1);
    lost.connects();
    lost.run.step(2n, { role: "looking", phase: undefined, serving: false });
    lost.closesAt(1);
    const moved = new Silence();
    moved.connects();
    const other = { connection: 2, address: "a", change: "admitted" } as const;
    moved.run.observe({ kind: "connection", sid: 2n, ...other });
    moved.frame({ kind: "connecting", sessionId: SESSION, timeoutMs: 10, isThief: false }, 2);
    moved.closesAt(1);
    const asking = new Silence();
    asking.connects();
    asking.frame({ kind: "misused" });
    asking.closesAt(1);
  });
});

/** A step of a server that leads. */
function leading(run: FakeRun) {
  const status = run.peer(1n).status;
  if (status === undefined) throw new Error("server 1 is down");
  const event = { kind: "deadline", nowMs: 0, wallMs: 0 } as const;
  return { sid: 1n, event, effects: [], before: status, after: status };
}
