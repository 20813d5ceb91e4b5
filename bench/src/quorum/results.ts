/** What a run measured, as it is stored. Times are in milliseconds, memory in megabytes. */
import type { WriteFigures } from "./latencies.js";
import type { Memory } from "./memory.js";
import type { Plan } from "./plan.js";

/** The same thing for both makers; series in the order in which they were measured. */
export interface Both<T> {
  readonly ours: T;
  readonly apache: T;
}

export interface QuorumReport {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly java: string;
  readonly zookeeper: string;
  readonly quick: boolean;
  readonly plan: Plan;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** What one write of 4 KB and its fdatasync take on the disk. */
  readonly disk: { readonly p50: number; readonly p99: number };
  readonly startUp: { readonly empty: Both<number[]>; readonly withHistory: Both<number[]> };
  /** One for each server. */
  readonly memory: readonly { readonly when: string; readonly servers: Both<Memory[]> }[];
  /** Of the znodes that are made first. */
  readonly createsPerSecond: Both<number>;
  readonly writes: readonly WriteRow[];
  readonly failover: Both<number[]>;
}

export type Driver =
  /** Our load process, through ZooKeeper's client protocol, for both makers. */
  | "same"
  /** Apache's servers by Apache's client, our peers from within their own process. */
  | "own";

export interface WriteRow {
  readonly driver: Driver;
  readonly at: "leader" | "follower";
  readonly bytes: number;
  readonly outstanding: number;
  /** One for each round. */
  readonly figures: Both<WriteFigures[]>;
}
