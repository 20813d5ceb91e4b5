/** Watches: which connection hears of which change of a znode. */
export { type WatchedZnode, Watches } from "./watches.js";
export { watchesToSet } from "./watches-to-set.js";
