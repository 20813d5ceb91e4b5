/** What a run measured, as it is stored. Times are in milliseconds, memory in megabytes. */
import type { LoadFigures } from "./latencies.js";
import type { Operation } from "./load.js";
import type { Memory } from "./memory.js";
import type { Plan } from "./plan.js";

/** The same thing for both makers; series in the order in which they were measured. */
export interface Both<T> {
  readonly ours: T;
  readonly apache: T;
}

export interface ServersReport {
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
  /** Of three servers, and of one that is alone. */
  readonly rows: readonly Row[];
  readonly alone: readonly Row[];
  readonly fanOut: Both<number[]>;
  readonly manyWatches: Both<number[]>;
  readonly sessions: { readonly opened: Both<number[]>; readonly expired: Both<number[]> };
  readonly failover: Both<number[]>;
  readonly many: Many | undefined;
}

/** One server with very many znodes. */
export interface Many {
  readonly znodes: number;
  readonly createsPerSecond: Both<number>;
  readonly memory: Both<Memory>;
  /** From the start of the process to the first write. */
  readonly start: Both<number>;
  readonly memoryAfterStart: Both<Memory>;
}

export type Driver =
  /** Our load process, through ZooKeeper's client protocol. */
  | "ours"
  /** Apache's Java client. */
  | "java";

export interface Row {
  readonly driver: Driver;
  readonly operation: Operation;
  readonly at: "leader" | "follower" | "server";
  readonly parent: string;
  readonly znodes: number;
  /** What is written or read. */
  readonly bytes: number;
  /** Of each connection. */
  readonly outstanding: number;
  readonly connections: number;
  /** One for each round. */
  readonly figures: Both<LoadFigures[]>;
}
