/**
 * `@jute-ts/quorum`: a member of an Apache ZooKeeper ensemble on real sockets and
 * disks. The protocol alone, without I/O, is `@jute-ts/quorum/core`; what it
 * replicates is `@jute-ts/quorum/data-tree`; the simulator is `@jute-ts/quorum/sim`.
 */
export * from "./node/index.js";
