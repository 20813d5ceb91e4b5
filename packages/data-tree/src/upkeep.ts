/**
 * What a tree remembers beside its znodes and sessions, as numbers: whoever watches that nothing
 * grows without bound compares them with what there is.
 */

export interface Upkeep {
  /** What is prepared and not applied yet. */
  readonly outstanding: OutstandingUpkeep;
  /** Access control lists, and the keys and ids by which they are found: no more than one of each for a list. */
  readonly acls: { readonly lists: number; readonly keys: number; readonly ids: number };
  /** The data of znodes: how many bytes of memory those of up to 1,024 share, how much of that is in use, and how many are longer. */
  readonly data: { readonly total: number; readonly live: number; readonly long: number };
}

/** Nothing of it is left when nothing is outstanding. */
export interface OutstandingUpkeep {
  readonly changes: number;
  /** The paths that changes are about, and the ephemerals among them; at most one for each change. */
  readonly paths: number;
  readonly ephemerals: number;
  /** The sessions that are being opened or closed. */
  readonly sessions: number;
}
