/** Majority, hierarchical and dual counting against slow twins that count the way the rules are told. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testSeed } from "../../../../test/seed.js";
import { DualQuorum } from "./dual-quorum.js";
import { majorityOf, observer, participant } from "./ensemble.js";
import { HierarchicalVerifier, MAX_WEIGHT } from "./hierarchical.js";
import { MajorityVerifier } from "./majority.js";
import type { Member, QuorumVerifier } from "./quorum-verifier.js";

const ports = { quorumPort: 2888, electionPort: 3888 };
const options = { seed: testSeed(), numRuns: 200 };

function member(sid: bigint, role: Member["role"]): Member {
  return role === "participant" ? participant(sid, "h", ports) : observer(sid, "h", ports);
}

/** Members with sids 0, 1, …; participants have a group and a weight. */
const hierarchies = fc
  .array(
    fc.record({
      role: fc.constantFrom("participant" as const, "participant" as const, "observer" as const),
      group: fc.bigInt(0n, 3n),
      weight: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(MAX_WEIGHT)),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .filter((rows) => rows.some(({ role }) => role === "participant"));

type Row =
  typeof hierarchies extends fc.Arbitrary<infer Rows extends readonly unknown[]>
    ? Rows[number]
    : never;

function hierarchyOf(rows: readonly Row[]): HierarchicalVerifier {
  const groups = new Map<bigint, bigint[]>();
  for (const [index, { role, group }] of rows.entries()) {
    if (role === "observer") continue;
    groups.set(group, [...(groups.get(group) ?? []), BigInt(index)]);
  }
  return new HierarchicalVerifier(
    rows.map(({ role }, index) => member(BigInt(index), role)),
    { groups, weights: new Map(rows.map(({ weight }, index) => [BigInt(index), weight])) },
  );
}

/** Every group by itself, every server by itself, and fractions instead of rounding. */
function slowHierarchy(rows: readonly Row[], sids: readonly bigint[]): boolean {
  const votersOf = (group: bigint): [bigint, Row][] =>
    [...rows.entries()]
      .map(([index, row]) => [BigInt(index), row] as [bigint, Row])
      .filter(([, row]) => row.role === "participant" && row.group === group);
  const total = (rows: readonly [bigint, Row][]): number =>
    rows.reduce((sum, [, { weight }]) => sum + weight, 0);
  let withSay = 0;
  let deciding = 0;
  for (const group of [0n, 1n, 2n, 3n]) {
    const all = votersOf(group);
    const present = all.filter(([sid]) => sids.includes(sid));
    if (total(all) > 0) withSay++;
    if (total(present) * 2 > total(all)) deciding++;
  }
  return deciding * 2 > withSay;
}

/** All subsets of the sids 0 to size - 1. */
function subsets(size: number): bigint[][] {
  return Array.from({ length: 2 ** size }, (_, bits) =>
    Array.from({ length: size }, (_, index) => BigInt(index)).filter(
      (sid) => (bits >> Number(sid)) % 2 === 1,
    ),
  );
}

function everyTwoQuorumsIntersect(verifier: QuorumVerifier): void {
  const quorums = subsets(verifier.members.size).filter((set) => verifier.containsQuorum(set));
  for (const a of quorums) {
    for (const b of quorums) {
      const common = a.some((sid) => verifier.voters.has(sid) && b.includes(sid));
      if (!common) expect.fail(`${a.join()} and ${b.join()} in\n${verifier.toString()}`);
    }
  }
}

describe("a majority", () => {
  const roles = fc.array(fc.constantFrom<Member["role"]>("participant", "observer"), {
    maxLength: 8,
  });

  it("is more than half of the participants, for every set of every ensemble", () => {
    fc.assert(
      fc.property(roles, (list) => {
        const verifier = majorityOf(list.map((role, index) => member(BigInt(index), role)));
        const voters = list.filter((role) => role === "participant").length;
        for (const set of subsets(list.length)) {
          const present = set.filter((sid) => list[Number(sid)] === "participant").length;
          expect(verifier.containsQuorum(set)).toBe(present * 2 > voters);
        }
      }),
      options,
    );
  });

  it("has a server in common with every other", () => {
    fc.assert(
      fc.property(roles, (list) => {
        everyTwoQuorumsIntersect(majorityOf(list.map((role, i) => member(BigInt(i), role))));
      }),
      { ...options, numRuns: 60 },
    );
  });

  it("counts nobody twice and no stranger", () => {
    const verifier = majorityOf([1n, 2n, 3n].map((sid) => member(sid, "participant")));
    expect(verifier.containsQuorum([1n, 1n, 1n])).toBe(false);
    expect(verifier.containsQuorum([1n, 8n, 9n])).toBe(false);
    expect(verifier.containsQuorum([1n, 3n])).toBe(true);
  });

  it("weighs voters alone", () => {
    const verifier = majorityOf([member(1n, "participant"), member(2n, "observer")]);
    expect([1n, 2n, 3n].map((sid) => verifier.weightOf(sid))).toEqual([1, 0, 0]);
  });

  it("takes sids as numbers, too", () => {
    const ports = { quorumPort: 2888, electionPort: 3888 };
    const members = [participant(1, "h1", ports), observer(2, "h2", ports)];
    expect([...majorityOf(members).members.keys()]).toEqual([1n, 2n]);
    expect(() => participant(1.5, "h", ports)).toThrow(RangeError);
  });

  it("refuses a sid that occurs twice", () => {
    expect(() => majorityOf([member(1n, "participant"), member(1n, "observer")])).toThrow(
      RangeError,
    );
  });
});

describe("groups and weights", () => {
  it("decide with most of the groups, by most of their weight, for every set", () => {
    fc.assert(
      fc.property(hierarchies, (rows) => {
        const verifier = hierarchyOf(rows);
        for (const set of subsets(rows.length)) {
          expect(verifier.containsQuorum(set)).toBe(slowHierarchy(rows, set));
        }
      }),
      options,
    );
  });

  it("have a server in common in every two quorums", () => {
    fc.assert(
      fc.property(hierarchies, (rows) => {
        everyTwoQuorumsIntersect(hierarchyOf(rows));
      }),
      { ...options, numRuns: 60 },
    );
  });

  it("keep an observer's weight without counting it", () => {
    const verifier = new HierarchicalVerifier([member(1n, "participant"), member(2n, "observer")], {
      groups: new Map([[1n, [1n]]]),
      weights: new Map([[2n, 9]]),
    });
    expect(verifier.weightOf(2n)).toBe(0);
    expect(verifier.containsQuorum([2n])).toBe(false);
    expect(verifier.toString()).toContain("weight.2=9\n");
  });

  const one = [member(1n, "participant"), member(2n, "observer")];
  it.each([
    ["a voter in no group", new Map(), new Map()],
    [
      "an empty group",
      new Map([
        [1n, [1n]],
        [2n, []],
      ]),
      new Map(),
    ],
    [
      "a server in two groups",
      new Map([
        [1n, [1n]],
        [2n, [1n]],
      ]),
      new Map(),
    ],
    ["an observer in a group", new Map([[1n, [1n, 2n]]]), new Map()],
    ["a stranger's weight", new Map([[1n, [1n]]]), new Map([[3n, 1]])],
    ["a negative weight", new Map([[1n, [1n]]]), new Map([[1n, -1]])],
    ["a weight that is too large", new Map([[1n, [1n]]]), new Map([[1n, MAX_WEIGHT + 1]])],
    ["half a weight", new Map([[1n, [1n]]]), new Map([[1n, 0.5]])],
  ] as [string, Map<bigint, bigint[]>, Map<bigint, number>][])(
    "refuse %s",
    (_, groups, weights) => {
      expect(() => new HierarchicalVerifier(one, { groups, weights })).toThrow(RangeError);
    },
  );
});

describe("two ensembles at once", () => {
  const of = (version: bigint, ...sids: bigint[]): MajorityVerifier =>
    new MajorityVerifier(
      sids.map((sid) => member(sid, "participant")),
      version,
    );

  it("decide only where both do", () => {
    const both = new DualQuorum(of(1n, 1n, 2n, 3n), of(2n, 3n, 4n, 5n));
    for (const set of subsets(6)) {
      const inFirst = [1n, 2n, 3n].filter((sid) => set.includes(sid)).length;
      const inSecond = [3n, 4n, 5n].filter((sid) => set.includes(sid)).length;
      expect(both.containsQuorum(set)).toBe(inFirst >= 2 && inSecond >= 2);
    }
    expect([1n, 3n, 5n, 6n].map((sid) => both.isVoter(sid))).toEqual([true, true, true, false]);
  });

  it.each([
    ["older", 0n],
    ["equal", 1n],
  ])("are one while the last seen is %s", (_, version) => {
    const both = new DualQuorum(of(1n, 1n, 2n, 3n), of(version, 3n, 4n, 5n));
    expect(both.containsQuorum([1n, 2n])).toBe(true);
    expect(both.isVoter(5n)).toBe(false);
  });

  it("read an iterable only once", () => {
    const both = new DualQuorum(of(1n, 1n, 2n, 3n), of(2n, 1n, 2n, 4n));
    expect(both.containsQuorum([1n, 2n].values())).toBe(true);
  });
});
