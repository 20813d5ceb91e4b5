/**
 * The older logs and snapshots of a disk: which of them a server can start without, and
 * which it needs, so that it must refuse to start when such a file is gone.
 */
import { readTxnLog } from "@jute-ts/persistence";
import type { FilePath } from "@jute-ts/quorum";
import { follows, type Zxid } from "@jute-ts/zookeeper";
import type { DiskView } from "../checkers/checker.js";

/** A log or a snapshot, and the zxid in its name. */
export interface DataFile {
  readonly path: FilePath;
  readonly zxid: Zxid;
}

export interface OlderFile {
  readonly path: FilePath;
  readonly kind: "log" | "snapshot";
  readonly isNeeded: boolean;
}

/**
 * All but the newest of each kind. `snapshots` and `logs` in rising order; the last snapshot
 * is one that can be read. Left out are logs whose loss no server can tell, because a new
 * epoch begins in the next one, or nothing follows.
 */
export function olderFiles(
  disk: DiskView,
  snapshots: readonly DataFile[],
  logs: readonly DataFile[],
): readonly OlderFile[] {
  const snapshot = snapshots.at(-1);
  if (snapshot === undefined) return [];
  const notNeeded = snapshots
    .slice(0, -1)
    .map(({ path }): OlderFile => ({ path, kind: "snapshot", isNeeded: false }));
  const first = Math.max(logs.filter(({ zxid }) => zxid <= snapshot.zxid + 1n).length - 1, 0);
  const before = logs
    .slice(0, first)
    .map(({ path }): OlderFile => ({ path, kind: "log", isNeeded: false }));
  const after = logs.slice(first).map(({ path }) => ({
    path,
    zxids: zxidsOf(disk, path).filter((zxid) => zxid > snapshot.zxid),
  }));
  let last = snapshot.zxid;
  const needed: OlderFile[] = [];
  for (const [index, { path, zxids }] of after.entries()) {
    const next = after.slice(index + 1).flatMap((log) => log.zxids)[0];
    const isMissed = zxids.length > 0 && next !== undefined && !follows(last, next);
    if (isMissed) needed.push({ path, kind: "log", isNeeded: true });
    last = zxids.at(-1) ?? last;
  }
  return [...notNeeded, ...before, ...needed];
}

function zxidsOf(disk: DiskView, path: FilePath): readonly Zxid[] {
  const bytes = disk.contents(path, "current") ?? new Uint8Array(0);
  return bytes.length === 0 ? [] : readTxnLog(bytes).records.map(({ zxid }) => zxid);
}
