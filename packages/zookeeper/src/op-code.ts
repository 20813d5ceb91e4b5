/**
 * What an operation is called on the wire: in the header of a request, before
 * each part of a multi, and in the header of a txn. Numbers and names are those
 * of Java's `ZooDefs.OpCode`.
 */

export const OpCode = {
  /** Marks the events that a server sends unasked; never a request. */
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  /** Lets this server catch up with the leader. */
  sync: 9,
  ping: 11,
  /** Like `getChildren`, and answers with the metadata as well. */
  getChildren2: 12,
  /** Makes a multi depend on a version; only a multi may hold it. */
  check: 13,
  /** Several changes, all or nothing. */
  multi: 14,
  /** Like `create`, and answers with the metadata as well. */
  create2: 15,
  /** Changes the members of the ensemble. */
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  /** Sent by the leader to itself, to delete containers that are empty and TTLs that have run out. */
  deleteContainer: 20,
  createTTL: 21,
  /** Several reads, each of which may fail by itself. */
  multiRead: 22,
  /** Adds an identity to the connection. */
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  /** Sent by servers on behalf of a client that connects; a client sends a ConnectRequest instead. */
  createSession: -10,
  closeSession: -11,
  /** Stands for a change that was refused, in txns and in the results of a multi. */
  error: -1,
} as const;

export type OpCodeName = keyof typeof OpCode;

/** Any op code that ZooKeeper defines. */
export type OpCode = (typeof OpCode)[OpCodeName];

const names: ReadonlyMap<number, OpCodeName> = new Map(
  Object.entries(OpCode).map(([name, code]) => [code, name as OpCodeName]),
);

/** The name of an op code, or undefined when ZooKeeper has none for it. */
export function opCodeName(code: number): OpCodeName | undefined {
  return names.get(code);
}
