/** What the processes measure. */
export type Phase = "create" | "decode" | "replay" | "load";

export interface Figures {
  /** The most that was resident. */
  readonly peakMegabytes: number;
  /** Of the heap and outside of it, after a collection. */
  readonly bytesPerZnode?: number;
  /** The whole phase. */
  readonly ms?: number;
  /** What was read. */
  readonly megabytes?: number;
  /** `prepare` and `apply` of one create, in processor time. */
  readonly microsecondsPerOp?: number;
  readonly snapshotMs?: number;
  /** The tree's digest, which must be the same for all. */
  readonly digest?: string;
}

/** Where the tree of so many znodes is left. */
export function snapshotFile(directory: string, znodes: number): string {
  // Zxids of the first epoch: the session and the parent have one, too.
  return `${directory}/snapshot.${(0x1_0000_0000 + znodes + 2).toString(16)}`;
}
