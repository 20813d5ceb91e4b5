/** What the page of a run is made from. */
import type { TraceTopic } from "../trace/trace.js";

/** What the page draws: a column for each part of what happened, rows in the order of time. */
export interface TraceData {
  readonly title: string;
  /** Simulated time at the end of the run. */
  readonly endMs: number;
  /** How many things happened before the first that is kept. */
  readonly left: number;
  readonly lanes: readonly {
    readonly name: string;
    readonly kind: "world" | "server" | "client";
  }[];
  readonly topics: readonly PageTopic[];
  /** Texts that rows name by their places; each text once. */
  readonly texts: readonly string[];
  readonly atMs: readonly number[];
  readonly lane: readonly number[];
  readonly topic: readonly number[];
  readonly text: readonly number[];
  /** Rows of messages that arrived: sent, read, sent, read. */
  readonly arrows: readonly number[];
  /** Rows in which something was refused, lost, broken or violated. */
  readonly faults: readonly number[];
  /** What servers become: row, state, row, state. */
  readonly states: readonly (number | string)[];
}

/** What rows are about: what the story tells, and violations. */
export type PageTopic = TraceTopic | "fault" | "violation";
