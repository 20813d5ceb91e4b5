/** The keys of logs and snapshots that have their effect here. */
import { anyInteger, boolean, positive, type KeyRow } from "./key-row.js";

export const storageKeys: readonly KeyRow[] = [
  [
    "autopurge.snapRetainCount",
    anyInteger,
    "3",
    "snapshots",
    "Snapshots kept when older ones are removed; at least 3.",
  ],
  [
    "autopurge.purgeInterval",
    anyInteger,
    "0",
    "hours",
    "How often older ones are removed, with the logs that only they need, the first time at start; 0 is never.",
  ],
  [
    "snapCount",
    anyInteger,
    "100000",
    "txns",
    "A snapshot is taken after half of this to all of it; at least 2.",
  ],
  ["preAllocSize", positive, "65536", "KiB", "The step in which log files grow."],
  [
    "commitLogCount",
    anyInteger,
    "500",
    "txns",
    "Committed txns kept in memory for servers that come back; at least 500.",
  ],
  ["maxBatchSize", anyInteger, "1000", "txns", "Most txns of one fsync; at least 1."],
  [
    "fsync.inPlace",
    boolean,
    "true",
    undefined,
    "Whether a quick fsync of the log may be made without a change of threads while this server has little else to do; what else comes waits for it. Apache's servers ignore the key.",
  ],
  [
    "digest.enabled",
    boolean,
    "true",
    undefined,
    "Whether snapshots end with the tree's digest, and txns of this leader too. Must be equal on all servers.",
  ],
  [
    "serializeLastProcessedZxid.enabled",
    boolean,
    "true",
    undefined,
    "Whether snapshots end with the last zxid, as since 3.9. Must be equal on all servers.",
  ],
  [
    "snapshot.trust.empty",
    boolean,
    "false",
    undefined,
    "Whether logs without any snapshot may be loaded.",
  ],
  [
    "db.autocreate",
    boolean,
    "true",
    undefined,
    "Whether an empty directory may become a server that votes.",
  ],
  [
    "datadir.autocreate",
    boolean,
    "true",
    undefined,
    "Whether directories that are missing are made.",
  ],
];
