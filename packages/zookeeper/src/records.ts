/** All 72 records under their plain names: no name occurs in two modules of ZooKeeper. */
export * from "@jute-ts/records/data";
export * from "@jute-ts/records/persistence";
export * from "@jute-ts/records/proto";
export * from "@jute-ts/records/quorum";
export * from "@jute-ts/records/txn";
