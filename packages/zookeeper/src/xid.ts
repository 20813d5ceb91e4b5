/**
 * The xids that are not a client's running number. Replies come back in the
 * order of the requests, except for those to the reserved numbers, which a
 * client must recognize by them.
 */

export const Xid = {
  /** A WatcherEvent, which answers no request. */
  notification: -1,
  ping: -2,
  auth: -4,
  /** Op setWatches and op setWatches2. */
  setWatches: -8,
} as const;
