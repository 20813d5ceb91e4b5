/** How much of everything a run does. */
export interface Plan {
  /** Rounds of loads; in each, both makers take their turn at every row. */
  readonly rounds: number;
  /** How long each load counts, and how long it runs before that. */
  readonly seconds: number;
  readonly warmSeconds: number;
  /** How long each way into each ensemble is warmed at the beginning. */
  readonly firstWarmSeconds: number;
  /** Znodes that are made first, and written to afterwards. */
  readonly znodes: number;
  /** Of writes on one connection. */
  readonly outstanding: readonly number[];
  /** Of each connection, of reads on one and on a hundred connections. */
  readonly readsOutstanding: readonly number[];
  readonly manyReadsOutstanding: readonly number[];
  /** Of writes by Apache's Java client. */
  readonly javaOutstanding: readonly number[];
  /** Connections that watch one znode, znodes that one connection watches, and how often each is tried. */
  readonly watchers: number;
  readonly watchedZnodes: number;
  readonly watchTurns: number;
  /** Sessions that are opened, idle and expire. */
  readonly sessions: number;
  /** Starts of three servers, on empty directories and on the znodes' history. */
  readonly emptyStarts: number;
  readonly historyStarts: number;
  /** Kills of each maker's leader. */
  readonly kills: number;
  /** Znodes of one server whose memory and start are measured; 0 leaves it out. */
  readonly many: number;
}

export const FULL: Plan = {
  rounds: 3,
  seconds: 1.5,
  warmSeconds: 0.5,
  firstWarmSeconds: 4,
  znodes: 50_000,
  outstanding: [1, 16, 128, 512],
  readsOutstanding: [1, 16, 128],
  manyReadsOutstanding: [1, 16],
  javaOutstanding: [16, 512],
  watchers: 1000,
  watchedZnodes: 10_000,
  watchTurns: 3,
  sessions: 10_000,
  emptyStarts: 5,
  historyStarts: 3,
  kills: 10,
  many: 0,
};

/** Enough to see that everything works. */
export const QUICK: Plan = {
  rounds: 1,
  seconds: 0.4,
  warmSeconds: 0.1,
  firstWarmSeconds: 0.3,
  znodes: 5000,
  outstanding: [16, 512],
  readsOutstanding: [16],
  manyReadsOutstanding: [1],
  javaOutstanding: [512],
  watchers: 100,
  watchedZnodes: 1000,
  watchTurns: 1,
  sessions: 500,
  emptyStarts: 1,
  historyStarts: 1,
  kills: 1,
  many: 0,
};

/** What a server holds in the end. */
export const MANY_ZNODES = 1_000_000;
