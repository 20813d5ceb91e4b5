/** What became of kazoo's tests, and how it compares with what became of them with Apache's servers. */

export type Outcome = "passed" | "failed" | "skipped";

/** What the plugin writes. */
export interface Outcomes {
  /** How often which maker's server led when an ensemble had just started. */
  readonly leaders: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, readonly [outcome: Outcome, why: string]>>;
}

/** Every test with what Apache's servers made of it. */
export type Recorded = Readonly<Record<string, Outcome>>;

export function recordedOf({ outcomes }: Outcomes): Recorded {
  return Object.fromEntries(
    Object.entries(outcomes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, [outcome]]) => [name, outcome]),
  );
}

export function failuresOf({ outcomes }: Outcomes): readonly string[] {
  return Object.keys(outcomes).filter((name) => outcomes[name]?.[0] === "failed");
}

/** What came out at last: a test that was run again counts by its second run. */
export function mergeOutcomes(first: Outcomes, again: Outcomes | undefined): Outcomes {
  return { leaders: first.leaders, outcomes: { ...first.outcomes, ...again?.outcomes } };
}

/** Says what is worse than with Apache's servers. */
export function compare(
  { outcomes }: Outcomes,
  expected: Recorded,
  isWhole: boolean,
): { readonly lines: readonly string[]; readonly isGood: boolean } {
  const worse = Object.entries(outcomes).flatMap(([name, [outcome, why]]) => {
    const wanted = expected[name] ?? "passed";
    if (outcome === "passed" || outcome === wanted || wanted === "failed") return [];
    return [`${outcome}: ${name}: ${why.split("\n")[0] ?? ""}`];
  });
  const missing = isWhole ? Object.keys(expected).filter((name) => !(name in outcomes)) : [];
  const count = (wanted: Outcome): number =>
    Object.values(outcomes).filter(([outcome]) => outcome === wanted).length;
  const summary = `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
  return {
    lines: [...worse, ...missing.map((name) => `did not run: ${name}`), summary],
    isGood: worse.length === 0 && missing.length === 0 && count("passed") > 0,
  };
}
