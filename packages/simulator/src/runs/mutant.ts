/**
 * A known bug that can be put into the peers for a run, to see whether the
 * checkers find it. Mutants replace methods of prototypes and exist only in the
 * simulator; the core knows nothing of them.
 */
export interface Mutant {
  /** As the command line and the table of mutants name it: "ZOOKEEPER-4643". */
  readonly name: string;
  /** What is wrong, in one sentence. */
  readonly bug: string;
  /** Puts the bug in. Returns what takes it out again. */
  apply(): () => void;
}
