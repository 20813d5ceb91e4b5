import { describe, expect, it } from "vitest";
import {
  checkLinearizability,
  type SequentialModel,
  type TimedOperation,
} from "./linearizability.js";
import { Random } from "../world/random.js";
import { ANY_VERSION, type RegisterOperation, registerModel } from "./register-model.js";

type Timed = TimedOperation<RegisterOperation>;
type RegisterWrite = Exclude<RegisterOperation, { kind: "read" }>;

const ok = (version?: number): RegisterWrite["outcome"] =>
  version === undefined ? { kind: "ok" } : { kind: "ok", version };
const created: RegisterOperation = { kind: "create", value: "first", outcome: ok() };
const set = (
  value: string,
  expectedVersion: number,
  outcome: RegisterWrite["outcome"],
): RegisterOperation => ({ kind: "set", value, expectedVersion, outcome });
const read = (value: string, version: number): RegisterOperation => ({
  kind: "read",
  found: { value, version },
});
const at = (called: number, returned: number | undefined, operation: RegisterOperation): Timed => ({
  operation,
  called,
  returned,
});

function verdict(history: readonly Timed[]): string {
  return checkLinearizability(registerModel, history).kind;
}

describe("a history of one znode", () => {
  it("is fine when each operation follows the other", () => {
    const history = [
      at(0, 1, created),
      at(2, 3, set("a", 0, ok(1))),
      at(4, 5, set("b", 0, { kind: "badVersion" })),
      at(6, 7, read("a", 1)),
      at(8, 9, { kind: "delete", expectedVersion: ANY_VERSION, outcome: ok() }),
      at(10, 11, set("c", ANY_VERSION, { kind: "missing" })),
      at(12, 13, { kind: "read", found: undefined }),
    ];
    expect(verdict(history)).toBe("linearizable");
  });

  it("is refused when a read finds what was overwritten before the read began", () => {
    const history = [at(0, 1, created), at(2, 3, set("a", 0, ok(1))), at(4, 5, read("first", 0))];
    expect(checkLinearizability(registerModel, history)).toEqual({
      kind: "violated",
      explained: [created, set("a", 0, ok(1))],
      stuck: read("first", 0),
    });
  });

  it("is fine when the read and the write overlap", () => {
    const history = [at(0, 1, created), at(2, 9, set("a", 0, ok(1))), at(4, 5, read("first", 0))];
    expect(verdict(history)).toBe("linearizable");
  });

  it("is refused when two reads of an overlapping write go back", () => {
    const history = [
      at(0, 1, created),
      at(2, 9, set("a", 0, ok(1))),
      at(3, 4, read("a", 1)),
      at(5, 6, read("first", 0)),
    ];
    expect(verdict(history)).toBe("violated");
  });

  it("is refused when two writes claim the same version", () => {
    const history = [at(0, 1, created), at(2, 9, set("a", 0, ok(1))), at(2, 9, set("b", 0, ok(1)))];
    expect(verdict(history)).toBe("violated");
  });

  it("may see a write of unknown outcome at any later time", () => {
    const unknown = at(2, undefined, set("a", 0, { kind: "unknown" }));
    expect(verdict([at(0, 1, created), unknown, at(50, 51, read("first", 0))])).toBe(
      "linearizable",
    );
    expect(
      verdict([at(0, 1, created), unknown, at(50, 51, read("first", 0)), at(60, 61, read("a", 1))]),
    ).toBe("linearizable");
  });

  it("is refused when a write of unknown outcome happens twice", () => {
    const history = [
      at(0, 1, created),
      at(2, undefined, set("a", ANY_VERSION, { kind: "unknown" })),
      at(10, 11, read("a", 1)),
      at(12, 13, set("b", 1, ok(2))),
      at(14, 15, read("a", 3)),
    ];
    expect(verdict(history)).toBe("violated");
  });

  it("is refused when an unknown write is seen before it was asked for", () => {
    const history = [
      at(0, 1, created),
      at(2, 3, read("a", 1)),
      at(4, undefined, set("a", 0, { kind: "unknown" })),
    ];
    expect(verdict(history)).toBe("violated");
  });
});

describe("the search", () => {
  it("counts as concurrent what is called where another returns", () => {
    expect(verdict([at(0, 1, created), at(1, 2, { kind: "read", found: undefined })])).toBe(
      "linearizable",
    );
  });

  it("gives up at its bound and says so", () => {
    // Twelve writes in any order, and a read that none of them explains: 2^12 sets of writes to try.
    const history = [at(0, 0, created)];
    for (let index = 0; index < 12; index++)
      history.push(at(1, 2, set(`v${index}`, ANY_VERSION, ok())));
    history.push(at(3, 4, read("no such value", 12)));
    const result = checkLinearizability(registerModel, history, 50);
    expect(result).toEqual({ kind: "undecided", configurations: 51 });
  });

  it("takes thousands of operations with a dozen unknown ones", () => {
    const history: Timed[] = [at(0, 1, created)];
    for (let index = 1; index <= 3000; index++)
      history.push(at(index * 4, index * 4 + 6, set(`v${index}`, index - 1, ok(index))));
    for (let index = 0; index < 12; index++)
      history.push(at(index * 900, undefined, set(`u${index}`, 1_000_000, { kind: "unknown" })));
    expect(verdict(history)).toBe("linearizable");
  });

  it("agrees with trying every order", () => {
    const verdicts = { linearizable: 0, violated: 0 };
    for (let seed = 1; seed <= 3000; seed++) {
      const history = randomHistory(new Random(seed));
      const slow = slowCheck(registerModel, history) ? "linearizable" : "violated";
      const quick = verdict(history);
      if (quick !== slow)
        expect({ seed, history, verdict: quick }).toEqual({ seed, history, verdict: slow });
      verdicts[slow]++;
    }
    // Both answers are common, or the comparison would show little.
    expect(verdicts.linearizable).toBeGreaterThan(200);
    expect(verdicts.violated).toBeGreaterThan(200);
  });
});

/** The definition, without a thought for speed: some order of all known and some unknown operations that keeps real time. */
function slowCheck<State, Operation>(
  model: SequentialModel<State, Operation>,
  history: readonly TimedOperation<Operation>[],
): boolean {
  const explains = (state: State, left: readonly TimedOperation<Operation>[]): boolean => {
    if (left.every(({ returned }) => returned === undefined)) return true;
    return left.some((candidate) => {
      const mustComeLater = left.some(
        ({ returned }) => returned !== undefined && returned < candidate.called,
      );
      if (mustComeLater) return false;
      const next = model.step(state, candidate.operation);
      return (
        next !== undefined &&
        explains(
          next,
          left.filter((other) => other !== candidate),
        )
      );
    });
  };
  return explains(model.initial, history);
}

/** Up to seven operations of a real register, of which some answers are then exchanged. */
function randomHistory(random: Random): Timed[] {
  const size = 2 + random.integer(0, 5);
  const spans = Array.from({ length: size }, () => {
    const called = random.integer(0, 60);
    return { called, instant: called + random.integer(0, 4), returned: called + 5 };
  });
  spans.sort((a, b) => a.instant - b.instant);
  let state = registerModel.initial;
  const history = spans.map(({ called, returned }, index): Timed => {
    const request = randomRequest(random, index);
    const outcomes: readonly RegisterWrite["outcome"][] = [
      { kind: "exists" },
      { kind: "missing" },
      { kind: "badVersion" },
      ok((state.node?.version ?? -1) + 1),
      ok(),
    ];
    if (request.kind === "read") {
      const operation: RegisterOperation = { kind: "read", found: state.node };
      return at(called, returned, operation);
    }
    const happens = random.integer(0, 7) > 0;
    const unknown = random.integer(0, 4) === 0;
    const outcome = outcomes.find(
      (tried) => registerModel.step(state, { ...request, outcome: tried }) !== undefined,
    );
    const operation = {
      ...request,
      outcome: unknown ? { kind: "unknown" } : outcome,
    } as RegisterWrite;
    if (happens || !unknown) state = registerModel.step(state, operation) ?? state;
    return at(called, unknown ? undefined : returned, operation);
  });
  if (random.integer(0, 1) === 0) exchangeAnswers(history, random);
  return history;
}

function randomRequest(random: Random, index: number): RegisterOperation {
  const outcome = { kind: "unknown" } as const;
  const expectedVersion = random.integer(0, 3) - 1;
  const value = `v${index}`;
  const choices: readonly RegisterOperation[] = [
    { kind: "create", value, outcome },
    { kind: "set", value, expectedVersion, outcome },
    { kind: "set", value, expectedVersion, outcome },
    { kind: "delete", expectedVersion, outcome },
    { kind: "check", expectedVersion, outcome },
    { kind: "read", found: undefined },
  ];
  return random.pick(choices);
}

/** Moves one operation to another time, which may or may not still be explained. */
function exchangeAnswers(history: Timed[], random: Random): void {
  const a = random.integer(0, history.length - 1);
  const b = random.integer(0, history.length - 1);
  const first = history[a];
  const second = history[b];
  if (first === undefined || second === undefined) return;
  history[a] = { ...first, called: second.called, returned: first.returned && second.returned };
  history[b] = { ...second, called: first.called, returned: second.returned && first.returned };
}
