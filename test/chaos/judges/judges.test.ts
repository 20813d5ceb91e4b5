/** The judges of histories find nothing in those that are as they must be, and everything in those that are not. */
import { CreateMode, ErrorCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import {
  type Entry,
  isOperation,
  type Operation,
  type Outcome,
  type Request,
  type SessionInfo,
} from "../clients/history.js";
import { EPHEMERALS, LINE, MADE, REGISTERS, ROOTS, TURNOVER, TURNS } from "../clients/znodes.js";
import { judgeHistory } from "./history.js";
import { Story } from "./story.js";
import { judgeTree, type TreeZnode } from "./trees.js";

const TICK_MS = 200;
const [WATCHED = "", OTHER = ""] = REGISTERS;
const COUNTED = REGISTERS.at(-1) ?? "";
const [TURN = ""] = TURNS;
const ANY = -1;

it("nothing is wrong with a history in which everything is as it must be", () => {
  const { entries, tree } = tellStory();
  expect(judgeHistory(entries, TICK_MS)).toMatchObject({ violations: [], undecided: 0 });
  expect(judge(entries, tree)).toEqual([]);
});

describe("in a history", () => {
  const corruptions: readonly [
    what: string,
    corrupt: (entries: readonly Entry[]) => readonly Entry[],
    found: RegExp,
  ][] = [
    [
      "a write that took place before one that was answered before it was asked for",
      change(isSet("early"), (zxid) => zxid - 5n),
      /set .* is 0x[0-9a-f]+, but 0x[0-9a-f]+ was known before/,
    ],
    [
      "two writes that are the same txn",
      (entries) => change(isSet("second"), () => zxidOf(entries, isSet("first")))(entries),
      /are both 0x/,
    ],
    [
      "writes of a session in another order than asked for",
      swapOutcomes(isSet("first"), isSet("second")),
      /which was asked for before/,
    ],
    [
      "a version that was there before",
      answer(isSet("second"), ({ found, ...done }) => ({
        ...done,
        ...(found && { found: { ...found, version: found.version - 1 } }),
      })),
      /made version \d+, but \d+ was there before/,
    ],
    [
      "a set that did not find the version that it expected",
      asking(isSet("expecting"), (request) => ({ ...request, version: 0 })),
      /expected 0 and made/,
    ],
    [
      "a refusal for no reason",
      replace(isSet("early"), { kind: "refused", err: ErrorCode.NONODE }),
      /was refused with -101/,
    ],
    [
      "a set that succeeded on a version of the past",
      replace(isSet("stale"), {
        kind: "ok",
        found: { version: 1, czxid: 1n, mzxid: 0x1_0000_1000n, pzxid: 1n },
      }),
      /no order of \d+ sets of/,
    ],
    [
      "an answer from before what the session has seen",
      answer(
        (entry) => entry.request.op === "sync",
        (done) => ({ ...done, zxid: 0x1_0000_0001n }),
      ),
      /was answered at 0x100000001, after/,
    ],
    [
      "a read that misses what the session has written",
      (entries) => {
        const before = findOutcome(entries, isSet("first"));
        return found(isGet(OTHER), () => ({ value: "first", ...before }))(entries);
      },
      /shows 0x[0-9a-f]+, but the session has seen/,
    ],
    [
      "a value that nobody has written",
      found(isGet(OTHER), () => ({ value: "made up", mzxid: 0x1_0000_0999n })),
      /which nobody has written/,
    ],
    [
      "a value that belongs to another write",
      found(isGet(WATCHED, true), () => ({ value: "made up" })),
      /which is set/,
    ],
    [
      "a watch that did not tell",
      drop(isEvent(WATCHED)),
      /the watch set at 0x[0-9a-f]+ did not tell/,
    ],
    ["a watch of children that did not tell", drop(isEvent(TURNOVER)), /did not tell/],
    ["a watch of nothing that did not tell", drop(isEvent(TURN)), /did not tell/],
    ["a watch that told twice", twice(isEvent(WATCHED)), /which it does not watch/],
    [
      "a watch that told although nothing had changed",
      found(isGet(WATCHED, true), (_found, entries) => firstRead(entries, WATCHED), 1),
      /shows no change/,
    ],
    ["a persistent watch that missed a change", drop(isEvent(COUNTED)), /persistent watch told 1/],
    ["a persistent watch that told twice", twice(isEvent(COUNTED)), /persistent watch told 3/],
    [
      "a client that was shown the past",
      (entries) => [...entries].reverse().filter((entry) => entry.kind === "shown"),
      /was shown .* after/,
    ],
    [
      "sequential names out of order",
      answer(isLine("two"), (done) => ({ ...done, path: `${LINE}/n-0000000000` })),
      /made .* after number 0/,
    ],
    [
      "a session that expired too soon",
      (entries) =>
        entries.map((entry) =>
          entry.kind === "closed" ? { ...entry, kind: "expired" as const } : entry,
        ),
      /expired \d+ ms after a request was answered/,
    ],
  ];

  it.each(corruptions)("%s is found", (_what, corrupt, found) => {
    const { entries } = tellStory();
    const { violations } = judgeHistory(corrupt(entries), TICK_MS);
    expect(violations.join("\n")).toMatch(found);
  });
});

describe("on a server", () => {
  const path = `${MADE}/kept`;
  const ephemeral = `${EPHEMERALS}/living`;
  const corruptions: readonly [
    what: string,
    corrupt: (tree: readonly TreeZnode[]) => readonly TreeZnode[],
    found: RegExp,
  ][] = [
    ["a znode that is lost", without(path), /^LOST: \/made\/kept/m],
    ["a register that is lost", without(WATCHED), /^LOST: \/registers/m],
    [
      "a znode that was deleted and is there",
      adding(`${MADE}/deleted`, "deleted"),
      /^THERE AGAIN/m,
    ],
    ["a znode that nobody asked for", adding(`${MADE}/strange`, "strange"), /nobody asked for it/],
    ["a create that was carried out twice", adding(`${LINE}/n-0000000009`, "one"), /^MADE TWICE/m],
    ["an ephemeral of a session that lives", without(ephemeral), /^GONE: .*whose session lives/m],
    [
      "an ephemeral of a session that is closed",
      adding(`${EPHEMERALS}/closed`, "closed", 3n << 56n),
      /^LEFT: .* which is closed/m,
    ],
    ["an ephemeral of somebody else", having(ephemeral, { ephemeralOwner: 1n }), /another owner/],
    ["a znode of another txn", having(path, { czxid: 7n }), /was made at 0x7/],
    ["another value", having(path, { value: "other" }), /has another value/],
    ["a set that was carried out twice", having(OTHER, { version: 99 }), /has version 99 after/],
    ["a set that is lost", having(OTHER, { mzxid: 1n, value: "" }), /^LOST: set/m],
  ];

  it.each(corruptions)("%s is found", (_what, corrupt, found) => {
    const { entries, tree } = tellStory();
    expect(judge(entries, corrupt(tree)).join("\n")).toMatch(found);
  });

  it("ephemerals of a client that went away without a word may stay for the session's timeout", () => {
    const { entries, tree, sessions } = tellStory();
    const [, , session] = sessions;
    const left = adding(`${EPHEMERALS}/closed`, "closed", session?.id)(tree);
    const abandoned = entries.map((entry) =>
      entry.kind === "closed" ? { ...entry, kind: "abandoned" as const } : entry,
    );
    const nowMs = performance.now();
    const judgeAt = (atMs: number, calmSinceMs: number): string =>
      judgeTree(abandoned, left, { atMs, calmSinceMs }).join("\n");
    expect(judgeAt(nowMs, 0)).toBe("");
    expect(judgeAt(nowMs + 11_000, nowMs)).toBe("");
    expect(judgeAt(nowMs + 13_000, nowMs)).toMatch(/^LEFT: .* which is abandoned/m);
    expect(judgeAt(nowMs + 13_000, nowMs + 5000)).toBe("");
  });
});

/** A bit of everything. */
function tellStory(): {
  readonly entries: readonly Entry[];
  readonly tree: readonly TreeZnode[];
  readonly sessions: readonly SessionInfo[];
} {
  const story = new Story();
  const [a, b, c] = [story.session("socket"), story.session("apache"), story.session("kazoo")];
  const create = (path: string, value: string, flags = 0): Request => ({
    op: "create",
    path,
    value,
    flags,
  });
  const set = (path: string, value: string, version = ANY): Request => ({
    op: "set",
    path,
    value,
    version,
  });
  const read = (op: "get" | "exists" | "children", path: string, watches: boolean): Request => ({
    op,
    path,
    watches,
  });
  for (const path of ROOTS) story.ask(a, create(path, ""));
  story.ask(a, read("get", WATCHED, true));
  story.ask(a, read("children", TURNOVER, true));
  story.ask(b, read("exists", TURN, true));
  story.watchPersistently(b, COUNTED);
  story.ask(b, read("get", COUNTED, false));
  story.ask(b, set(WATCHED, "early"));
  story.ask(c, set(COUNTED, "counted 1"));
  story.ask(c, set(COUNTED, "counted 2"));
  story.ask(b, read("get", COUNTED, false));
  story.ask(a, read("get", WATCHED, true));
  story.ask(c, create(TURN, "turn"));
  story.ask(a, read("children", TURNOVER, true));
  story.ask(b, read("exists", TURN, true));
  story.ask(c, { op: "delete", path: TURN });
  story.ask(a, read("children", TURNOVER, false));
  story.ask(b, read("exists", TURN, false));
  story.askAtOnce([a, set(OTHER, "first")], [a, set(OTHER, "second")]);
  story.ask(b, set(OTHER, "stale", 1));
  story.ask(b, set(OTHER, "expecting", 2));
  story.askInVain(c, set(OTHER, "nobody knows"), true);
  story.askInVain(c, set(OTHER, "never"), false);
  story.ask(a, read("get", OTHER, false));
  story.ask(a, { op: "sync" });
  story.ask(a, create(`${MADE}/kept`, "kept"));
  story.ask(b, create(`${MADE}/deleted`, "deleted"));
  story.ask(b, { op: "delete", path: `${MADE}/deleted` });
  const line = CreateMode.PERSISTENT_SEQUENTIAL;
  story.askAtOnce([a, create(`${LINE}/n-`, "one", line)], [b, create(`${LINE}/n-`, "two", line)]);
  story.ask(a, create(`${EPHEMERALS}/living`, "living", CreateMode.EPHEMERAL));
  story.ask(c, create(`${EPHEMERALS}/closed`, "closed", CreateMode.EPHEMERAL));
  story.happened(c, { kind: "shown", path: WATCHED, mark: "1" });
  story.happened(c, { kind: "shown", path: WATCHED, mark: "2" });
  story.close(c);
  return { entries: story.history.entries, tree: story.tree, sessions: [a, b, c] };
}

function judge(entries: readonly Entry[], tree: readonly TreeZnode[]): readonly string[] {
  return judgeTree(entries, tree, { atMs: performance.now(), calmSinceMs: 0 });
}

// Corruptions.

type Corruption = (entries: readonly Entry[]) => readonly Entry[];
type Which = (operation: Operation) => boolean;
type Done = Extract<Outcome, { kind: "ok" }>;
type Found = NonNullable<Done["found"]>;

function isSet(value: string): Which {
  return ({ request }) => request.op === "set" && request.value === value;
}

function isLine(value: string): Which {
  return ({ request }) => request.op === "create" && request.value === value;
}

function isGet(path: string, watches = false): Which {
  return ({ request }) =>
    request.op === "get" && request.path === path && request.watches === watches;
}

function isEvent(path: string): (entry: Entry) => boolean {
  return (entry) => entry.kind === "event" && entry.path === path;
}

/** Changes one of those that match: the last, or the one with this number. */
function edit(
  which: Which,
  change: (operation: Operation, entries: readonly Entry[]) => Operation,
  nth?: number,
): Corruption {
  return (entries) => {
    const matching = entries.filter(isOperation).filter(which);
    const chosen = nth === undefined ? matching.at(-1) : matching[nth];
    if (chosen === undefined) throw new Error("there is nothing to corrupt");
    return entries.map((entry) => (entry === chosen ? change(chosen, entries) : entry));
  };
}

function replace(which: Which, outcome: Outcome): Corruption {
  return edit(which, (operation) => ({ ...operation, outcome }));
}

function answer(which: Which, change: (done: Done) => Done): Corruption {
  return edit(which, (operation) => {
    if (operation.outcome.kind !== "ok") throw new Error("it was not done");
    return { ...operation, outcome: change(operation.outcome) };
  });
}

function asking(
  which: Which,
  change: (request: Extract<Request, { op: "set" }>) => Request,
): Corruption {
  return edit(which, (operation) => {
    if (operation.request.op !== "set") throw new Error("it is no set");
    return { ...operation, request: change(operation.request) };
  });
}

function found(
  which: Which,
  change: (found: Found, entries: readonly Entry[]) => Partial<Found>,
  nth?: number,
): Corruption {
  return edit(
    which,
    (operation, entries) => {
      const { outcome } = operation;
      if (outcome.kind !== "ok" || outcome.found === undefined) throw new Error("not found");
      const next = { ...outcome.found, ...change(outcome.found, entries) };
      return { ...operation, outcome: { ...outcome, found: next } };
    },
    nth,
  );
}

/** Gives a set another zxid. */
function change(which: Which, zxid: (zxid: bigint) => bigint): Corruption {
  return answer(which, (done) => {
    const mzxid = zxid(done.found?.mzxid ?? 0n);
    return { ...done, zxid: mzxid, ...(done.found && { found: { ...done.found, mzxid } }) };
  });
}

/** Each is told what became of the other. */
function swapOutcomes(one: Which, other: Which): Corruption {
  return (entries) => {
    const [first, second] = [one, other].map((which) => entries.filter(isOperation).find(which));
    if (first === undefined || second === undefined) throw new Error("nothing to swap");
    return entries.map((entry) => {
      if (entry === first) return { ...first, outcome: second.outcome };
      return entry === second ? { ...second, outcome: first.outcome } : entry;
    });
  };
}

function drop(which: (entry: Entry) => boolean): Corruption {
  return (entries) => {
    const dropped = entries.find(which);
    return entries.filter((entry) => entry !== dropped);
  };
}

function twice(which: (entry: Entry) => boolean): Corruption {
  return (entries) => {
    const doubled = entries.find(which);
    return entries.flatMap((entry) => (entry === doubled ? [entry, entry] : [entry]));
  };
}

function zxidOf(entries: readonly Entry[], which: Which): bigint {
  return findOutcome(entries, which).mzxid;
}

function findOutcome(entries: readonly Entry[], which: Which): Found {
  const outcome = entries.filter(isOperation).find(which)?.outcome;
  if (outcome?.kind !== "ok" || outcome.found === undefined) throw new Error("not found");
  return outcome.found;
}

function firstRead(entries: readonly Entry[], path: string): Found {
  return findOutcome(entries, isGet(path, true));
}

function without(path: string): (tree: readonly TreeZnode[]) => readonly TreeZnode[] {
  return (tree) => tree.filter((znode) => znode.path !== path);
}

function adding(
  path: string,
  value: string,
  ephemeralOwner = 0n,
): (tree: readonly TreeZnode[]) => readonly TreeZnode[] {
  const zxid = 0x1_0000_0500n;
  const znode = { path, value, version: 0, czxid: zxid, mzxid: zxid, ephemeralOwner };
  return (tree) => [...tree, znode];
}

function having(
  path: string,
  fields: Partial<TreeZnode>,
): (tree: readonly TreeZnode[]) => readonly TreeZnode[] {
  return (tree) => tree.map((znode) => (znode.path === path ? { ...znode, ...fields } : znode));
}
