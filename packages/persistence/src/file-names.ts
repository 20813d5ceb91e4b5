/**
 * The names of logs and snapshots, which carry a zxid: of a log its first
 * record's, of a snapshot the last one that was applied when it was begun.
 *
 * A name is recognized only in the one spelling that ZooKeeper writes. Java also
 * takes `log.00A`, `log.1.gz` and `snapshot.5.tmp` for data; the first two nobody
 * writes, and the last is a snapshot whose writer died.
 */

export type DataFileName = {
  readonly kind: "log" | "snapshot";
  readonly zxid: bigint;
  /** How the whole file is wrapped. Logs never are. */
  readonly compression: "none" | "gz" | "snappy";
};

/** The name of the log whose first record has this zxid. Throws RangeError for what no zxid can be. */
export function logFileName(zxid: bigint): string {
  return `log.${hex(zxid)}`;
}

/** The name of a plain snapshot that was begun at this zxid. Throws RangeError for what no zxid can be. */
export function snapshotFileName(zxid: bigint): string {
  return `snapshot.${hex(zxid)}`;
}

/** What a file in a data directory is; undefined for temporary files, epoch files and everything else. */
export function parseDataFileName(name: string): DataFileName | undefined {
  const match = /^(log|snapshot)\.(0|[1-9a-f][0-9a-f]{0,15})(?:\.(gz|snappy))?$/.exec(name);
  if (match === null) return undefined;
  const kind = match[1] as "log" | "snapshot";
  const compression = (match[3] as "gz" | "snappy" | undefined) ?? "none";
  const zxid = BigInt(`0x${match[2] ?? ""}`);
  if (zxid > MAX_ZXID || (kind === "log" && compression !== "none")) return undefined;
  return { kind, zxid, compression };
}

/**
 * Whether Java takes a file for a log or a snapshot, by a name that it would not
 * give one itself: `log.00A`, `log.1.gz`, `snapshot.5.tmp`, and all that
 * `parseDataFileName` knows. Undefined for any other file.
 */
export function dataFileKind(name: string): "log" | "snapshot" | undefined {
  const match = /^(log|snapshot)\.[+-]?[0-9a-f]{1,64}(?:\.|$)/i.exec(name);
  return match?.[1] === "log" || match?.[1] === "snapshot" ? match[1] : undefined;
}

function hex(zxid: bigint): string {
  if (zxid < 0n || zxid > MAX_ZXID) {
    throw new RangeError(
      `a file cannot be named after zxid ${String(zxid)}: it must be 0 to 2^63-1`,
    );
  }
  return zxid.toString(16);
}

/** Java reads the name with Long.parseLong, so it cannot read more. */
const MAX_ZXID = 0x7fff_ffff_ffff_ffffn;
