import { OpCode } from "@jute-ts/zookeeper";
import type { ClientCloseReason } from "@jute-ts/server/clients";
import { describe, expect, it } from "vitest";
import type { Closing } from "../../checkers/checker.js";
import { FakeRun, sessionTxn } from "../../checkers/fake-run.js";
import { calmSettings, USUAL_RULES } from "../../world/settings.js";
import type { FrameEvent } from "../frame-event.js";
import { request } from "../frame-operations.js";
import { TrueReasons } from "./true-reasons.js";

const SESSION = 5n;

const bounds = {
  minTimeoutMs: 1000,
  sessionlessMs: 500,
  leastCongestedBytes: 2048,
  clockDrift: 0,
};

/** Server 2 follows server 1, and has taken connection 1. */
class Closes {
  readonly run: FakeRun;

  constructor(limits: Partial<ReturnType<typeof calmSettings>["clientLimits"]> = {}) {
    const { clientLimits } = calmSettings(3);
    this.run = new FakeRun([new TrueReasons({ ...clientLimits, ...limits }, bounds)]);
    const { run } = this;
    run.peer(2n).tree = run.newState();
    run.peer(2n).clientRules = USUAL_RULES;
    run.follow(2n, 1n, 1);
    this.becomes("admitted");
  }

  becomes(change: "admitted" | "heard" | "answered", connection = 1): this {
    this.run.observe({ kind: "connection", sid: 2n, connection, address: "a", change });
    return this;
  }

  frame(event: FrameEvent, connection = 1): this {
    const happening = { client: "client-1", connection, sessionId: SESSION, event };
    this.run.observe({ kind: "frame", sid: 2n, happening });
    return this;
  }

  hello(
    sessionId = 0n,
    more: { readonly readOnly?: boolean; readonly lastZxid?: bigint } = {},
  ): this {
    const hello = {
      kind: "connecting",
      sessionId,
      timeoutMs: 10,
      isThief: false,
      ...more,
    } as const;
    return this.frame(hello).becomes("heard");
  }

  /** The ensemble knows the session, and its client was told. */
  connects(): this {
    this.run.peer(2n).tree?.apply(sessionTxn(1, 1, SESSION));
    this.hello().becomes("answered");
    return this.frame({ kind: "connected", sessionId: SESSION, timeoutMs: 1000 });
  }

  at(nowMs: number): this {
    this.run.nowMs = nowMs;
    return this;
  }

  loses(): this {
    this.run.step(2n, { role: "looking", phase: undefined, serving: false });
    return this;
  }

  closes(reason: ClientCloseReason, more: Partial<Closing> = {}): void {
    const closing = { reason, congestedBytes: 0, isUnknown: false, ...more };
    const change = "closed" as const;
    this.run.observe({ kind: "connection", sid: 2n, connection: 1, address: "a", change, closing });
  }
}

const closing = { xid: 1, message: request(OpCode.closeSession, null).message, ids: [] } as const;
const asksForEnd: FrameEvent = {
  kind: "asked",
  request: { ...closing, operation: undefined, objection: undefined },
};
const throttled = { connections: { tokens: 1, fillTimeMs: 10 } };
const large = { largeRequests: { thresholdBytes: 64, maxBytes: 800 } };

describe("TrueReasons", () => {
  it("lets a server that was paused look at its clock before what has come meanwhile", () => {
    new Closes().connects().at(1000).becomes("heard").closes("silence");
    expect(() => {
      new Closes().connects().at(999).becomes("heard").at(1500).closes("silence");
    }).toThrow();
  });

  it.each<[ClientCloseReason, () => void]>([
    [
      "not serving",
      () => {
        new Closes().connects().loses().closes("not serving");
      },
    ],
    [
      "client ahead",
      () => {
        new Closes().hello(0n, { lastZxid: 9n }).closes("client ahead");
      },
    ],
    [
      "connection throttle",
      () => {
        new Closes(throttled).hello().closes("connection throttle");
      },
    ],
    [
      "large requests",
      () => {
        new Closes(large).connects().closes("large requests");
      },
    ],
    [
      "client does not read",
      () => {
        new Closes().connects().closes("client does not read", { congestedBytes: 2049 });
      },
    ],
    [
      "no session",
      () => {
        new Closes().at(500).closes("no session");
      },
    ],
    [
      "silence",
      () => {
        new Closes().connects().at(1000).closes("silence");
      },
    ],
    [
      "session over",
      () => {
        new Closes().hello(SESSION).closes("session over");
      },
    ],
    [
      "session closed",
      () => {
        new Closes().connects().frame(asksForEnd).closes("session closed");
      },
    ],
    [
      "session moved",
      () => {
        const closes = new Closes().connects();
        closes.frame({ kind: "connecting", sessionId: SESSION, timeoutMs: 10, isThief: false }, 2);
        closes.closes("session moved");
      },
    ],
    [
      "outcome unknown",
      () => {
        new Closes().connects().closes("outcome unknown", { isUnknown: true });
      },
    ],
    [
      "request refused",
      () => {
        new Closes().connects().frame({ kind: "misused" }).closes("request refused");
      },
    ],
    [
      "request refused",
      () => {
        const { message } = request(OpCode.ping, null);
        const asked = { xid: -2, message, ids: [], operation: undefined, objection: undefined };
        const unproven = { ...asked, isRefused: true };
        new Closes()
          .connects()
          .frame({ kind: "asked", request: unproven })
          .closes("request refused");
      },
    ],
    [
      "unreadable",
      () => {
        new Closes().frame({ kind: "misused" }).closes("unreadable");
      },
    ],
  ])("accepts %s where it is so", (_reason, closes) => {
    closes();
  });

  it("accepts that a server without a leader serves readers only", () => {
    const closes = new Closes();
    closes.run.peer(2n).clientRules = { ...USUAL_RULES, readOnlyAfterMs: 10 };
    closes.hello().closes("read-only");
  });

  it("knows that a server may let less wait", () => {
    const closes = new Closes().connects();
    closes.run.peer(2n).clientRules = { ...USUAL_RULES, maxCongestedBytes: 60 };
    closes.closes("client does not read", { congestedBytes: 61 });
  });

  it("knows that a server may let its clients watch less", () => {
    const closes = new Closes().connects();
    closes.run.peer(2n).clientRules = { ...USUAL_RULES, maxWatchSize: 700 };
    closes.closes("too many watches");
  });

  it.each<[ClientCloseReason, () => void]>([
    [
      "not serving",
      () => {
        new Closes().connects().closes("not serving");
      },
    ],
    [
      "read-only",
      () => {
        new Closes().hello().closes("read-only");
      },
    ],
    [
      "client ahead",
      () => {
        new Closes().hello().closes("client ahead");
      },
    ],
    [
      "connection throttle",
      () => {
        new Closes().hello().closes("connection throttle");
      },
    ],
    [
      "large requests",
      () => {
        new Closes().connects().closes("large requests");
      },
    ],
    [
      "client does not read",
      () => {
        new Closes().connects().closes("client does not read", { congestedBytes: 2048 });
      },
    ],
    [
      "too many watches",
      () => {
        new Closes().connects().closes("too many watches");
      },
    ],
    [
      "no session",
      () => {
        new Closes().at(499).closes("no session");
      },
    ],
    [
      "no session",
      () => {
        new Closes().connects().at(500).closes("no session");
      },
    ],
    [
      "silence",
      () => {
        new Closes().connects().at(999).closes("silence");
      },
    ],
    [
      "session over",
      () => {
        new Closes().connects().closes("session over");
      },
    ],
    [
      "session closed",
      () => {
        new Closes().connects().closes("session closed");
      },
    ],
    [
      "session moved",
      () => {
        new Closes().connects().closes("session moved");
      },
    ],
    [
      "outcome unknown",
      () => {
        new Closes().connects().closes("outcome unknown");
      },
    ],
    [
      "request refused",
      () => {
        new Closes().connects().closes("request refused");
      },
    ],
    [
      "unreadable",
      () => {
        new Closes().connects().closes("unreadable");
      },
    ],
  ])("refuses %s where it is not", (reason, closes) => {
    expect(closes).toThrow(`for the reason "${reason}", which is not true`);
  });
});
