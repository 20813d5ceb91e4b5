/** Watches: which connection hears of which change of a znode. */
export {
  type FiredWatches,
  type MayRead,
  type MissedEvent,
  type ReadonlyWatchTable,
  type WatchedZnode,
  Watches,
  type WatchesOptions,
} from "./watches.js";
export { type WatchesToSet, watchesToSet } from "./watches-to-set.js";
