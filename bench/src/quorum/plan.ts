/** How much of everything a run does. */
export interface Plan {
  /** Rounds of writes; in each, both makers take their turn at every row. */
  readonly rounds: number;
  /** How long each load counts, and how long it runs before that. */
  readonly seconds: number;
  readonly warmSeconds: number;
  /** How long each way into each ensemble is warmed at the beginning. */
  readonly firstWarmSeconds: number;
  /** Znodes that are made first, and written to afterwards. */
  readonly znodes: number;
  readonly outstanding: readonly number[];
  /** The same for the rows with each maker's own driver. */
  readonly ownDriverOutstanding: readonly number[];
  /** Starts of three servers, on empty directories and on the znodes' history. */
  readonly emptyStarts: number;
  readonly historyStarts: number;
  /** Kills of each maker's leader. */
  readonly kills: number;
}

export const FULL: Plan = {
  rounds: 3,
  seconds: 2.5,
  warmSeconds: 0.5,
  firstWarmSeconds: 6,
  znodes: 50_000,
  outstanding: [1, 16, 128, 512],
  ownDriverOutstanding: [16, 512],
  emptyStarts: 5,
  historyStarts: 3,
  kills: 10,
};

/** Enough to see that everything works. */
export const QUICK: Plan = {
  rounds: 1,
  seconds: 0.5,
  warmSeconds: 0.2,
  firstWarmSeconds: 0.5,
  znodes: 5000,
  outstanding: [16, 512],
  ownDriverOutstanding: [512],
  emptyStarts: 1,
  historyStarts: 1,
  kills: 1,
};
