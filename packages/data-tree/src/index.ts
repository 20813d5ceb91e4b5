/**
 * The public surface of `@jute-ts/data-tree`: ZooKeeper's data tree as the
 * state that an ensemble replicates.
 */
export { DataTree, type ZnodeView } from "./data-tree.js";
export type { DataTreeOptions, PreparationOptions } from "./data-tree-options.js";
export { areFatalStats, isFatalLimit } from "./quota-rules.js";
export type { OutstandingUpkeep, Upkeep } from "./upkeep.js";
export { SnapshotContentError } from "./snapshot-loading.js";
export type { AccessOptions, AuthInfo, AuthScheme } from "./access-control.js";
