import { type CloseReason, type Effect, ProtocolViolation, type Report } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import type { Misstatement } from "../world/misstatement.js";
import { BrokenRules } from "./broken-rules.js";
import { FakeRun } from "./fake-run.js";

/** Ends of the connection between learner 2 and leader 1. */
const OPENED = 21;
const ACCEPTED = 1021;

const BROKEN = new ProtocolViolation("zxid-order", "txn 5 does not follow 3");
const REFUSAL: readonly Effect[] = [report({ kind: "violation", violation: BROKEN }), closing()];
const LOST = report({ kind: "learnerLost", learner: 2n, why: BROKEN.message });
const LEFT = report({
  kind: "roleChanged",
  role: "looking",
  leader: undefined,
  why: `the leader broke the protocol: ${BROKEN.message}`,
});

describe("BrokenRules", () => {
  it("wants a leader to close the connection, to name the rule and to go on", () => {
    expect(wrongOfLeader([...REFUSAL, LOST])).toBeUndefined();
    expect(wrongOfLeader([])).toBe("goes on with the connection");
    expect(wrongOfLeader([REFUSAL[0] ?? LOST, LOST])).toBe("goes on with the connection");
    const ended = { kind: "ended", text: "it is slow" } as const;
    expect(wrongOfLeader([closing(ended), LOST])).toBe("closes the connection because it is slow");
    expect(wrongOfLeader([closing(), LOST])).toBe("does not report that a rule was broken");
    expect(wrongOfLeader(REFUSAL)).toBe("reports no learnerLost because of it");
    const other = report({ kind: "learnerLost", learner: 2n, why: "the connection is lost" });
    expect(wrongOfLeader([...REFUSAL, other])).toBe("reports no learnerLost because of it");
    expect(wrongOfLeader([...REFUSAL, LOST], "looking")).toBe("becomes looking over it");
    const packet = { kind: "UPTODATE" } as const;
    const send = { kind: "send", connection: ACCEPTED, packet } as const;
    expect(wrongOfLeader([...REFUSAL, LOST, send])).toBe(
      "sends something on the connection that it has closed",
    );
    expect(wrongOfLeader([...REFUSAL, LOST, { ...send, connection: 1031 }])).toBeUndefined();
  });

  it("wants the rule to be the one that was broken", () => {
    expect(wrongOfLeader([...REFUSAL, LOST], "leading", "malformed")).toBe(
      "says that zxid-order was broken, and it is malformed",
    );
  });

  it("wants a learner to leave its leader", () => {
    const refusal = [report({ kind: "violation", violation: BROKEN }), closing(undefined, OPENED)];
    const wrong = (effects: readonly Effect[], role: "following" | "looking") =>
      wrongAfter(2n, OPENED, (run) => {
        run.step(2n, { role }, effects, { kind: "received", connection: OPENED });
      });
    expect(wrong([...refusal, LEFT], "looking")).toBeUndefined();
    expect(wrong([...refusal, LEFT], "following")).toBe("goes on as following");
    expect(wrong(refusal, "looking")).toBe("reports no roleChanged because of it");
  });

  it("wants to be told of what breaks no rule, and nothing else", () => {
    const wrong = (effects: readonly Effect[]) => wrongOfLeader(effects, "leading", "needless");
    expect(wrong([report({ kind: "ignored", what: "a request" })])).toBeUndefined();
    expect(wrong([])).toBe("does not say that nobody asked for it");
    expect(wrong([...REFUSAL, LOST])).toBe("closes the connection");
  });

  it("accepts that what came with it has ended the conversation before", () => {
    const ended = closing({ kind: "ended", text: "it has more than this leader" });
    const wrong = (from: Sid) =>
      wrongAfter(
        1n,
        ACCEPTED,
        (run) => {
          run.step(1n, {}, [ended], { kind: "received", connection: ACCEPTED });
        },
        (run) => {
          run.deliver(from, 1n, { kind: "ACK", zxid: 1n });
        },
      );
    expect(wrong(2n)).toBeUndefined();
    expect(wrong(3n)).toContain("closes the connection because");
  });

  it("looks at the step that handles it only, and at none that a crash cut short", () => {
    const run = begin();
    misstate(run, 1n, ACCEPTED, "zxid-order");
    run.step(1n, {}, [], { kind: "received", connection: 1031 });
    run.step(1n, {}, [], { kind: "received", connection: ACCEPTED });
    run.observe({ kind: "crash", sid: 1n });
    run.end();
    misstate(run, 1n, ACCEPTED, "zxid-order");
    run.observe({ kind: "crash", sid: 1n });
    run.step(1n, {}, [], { kind: "received", connection: ACCEPTED });
    run.end();
  });
});

/** What is wrong with a leader that reads something from a learner and takes this step. */
function wrongOfLeader(
  effects: readonly Effect[],
  role: "leading" | "looking" = "leading",
  rule: Misstatement["rule"] = "zxid-order",
): string | undefined {
  const act = (run: FakeRun): void => {
    run.step(1n, { role }, effects, { kind: "received", connection: ACCEPTED });
  };
  return wrongAfter(1n, ACCEPTED, act, () => undefined, rule);
}

/** What is said in the end, without whom it is about. */
function wrongAfter(
  sid: Sid,
  connection: number,
  act: (run: FakeRun) => void,
  before: (run: FakeRun) => void = () => undefined,
  rule: Misstatement["rule"] = "zxid-order",
): string | undefined {
  const run = begin();
  before(run);
  misstate(run, sid, connection, rule);
  act(run);
  try {
    run.end();
  } catch (error) {
    return (error as Error).message.replace(`${sid} reads a packet, and `, "");
  }
  return undefined;
}

/** Server 1 leads, the others follow. */
function begin(): FakeRun {
  const run = new FakeRun([new BrokenRules()]);
  run.lead(1n, 1);
  run.follow(2n, 1n, 1);
  run.follow(3n, 1n, 1);
  return run;
}

function misstate(run: FakeRun, to: Sid, connection: number, rule: Misstatement["rule"]): void {
  const bytes = new Uint8Array(0);
  const misstatement = { kind: "MISSTATEMENT", what: "a packet", rule, bytes } as const;
  run.observe({ kind: "misstated", from: to === 1n ? 2n : 1n, to, connection, misstatement });
}

function closing(
  reason: CloseReason = { kind: "violation", violation: BROKEN },
  connection = ACCEPTED,
): Effect {
  return { kind: "closeConnection", connection, reason };
}

function report(what: Report): Effect {
  return { kind: "report", report: what };
}
