/**
 * Loads what a disk holds the slow and obvious way: the newest snapshot that can
 * be read, and every record after it. A twin of the recovery that peers do by
 * small steps, to compare with what they have in memory.
 */
import { parseDataFileName, readTxnLog, SnapshotFileDecoder } from "@jute-ts/persistence";
import { NO_TXN, TxnHeader, type Zxid } from "@jute-ts/zookeeper";
import type { FilePath, ReplicatedState } from "@jute-ts/quorum";
import type { DiskImage, DiskView } from "../checkers/checker.js";

/** The state that the image holds, up to `untilZxid` where that is given. Snapshots that cannot be read are passed over. */
export function loadDisk<State extends ReplicatedState>(
  disk: DiskView,
  image: DiskImage,
  newState: () => State,
  untilZxid?: Zxid,
): State {
  const state = newestSnapshot(disk, image, newState, untilZxid) ?? newState();
  for (const path of sortedFiles(disk, image, "log")) {
    const bytes = disk.contents(path, image);
    if (bytes === undefined || bytes.length === 0) continue;
    for (const { zxid, bytes: txn } of readRecords(bytes)) {
      if (zxid <= state.lastProcessedZxid) continue;
      if (untilZxid !== undefined && zxid > untilZxid) return state;
      state.apply({
        zxid,
        header: TxnHeader.decode(txn.subarray(0, TXN_HEADER_BYTES)),
        bytes: txn,
      });
    }
  }
  return state;
}

/** The state that one snapshot holds; undefined when it cannot be read. */
export function loadSnapshot<State extends ReplicatedState>(
  disk: DiskView,
  image: DiskImage,
  path: FilePath,
  newState: () => State,
): State | undefined {
  const bytes = disk.contents(path, image);
  const zxid = parseDataFileName(path.name)?.zxid;
  if (bytes === undefined || zxid === undefined) return undefined;
  const state = newState();
  try {
    const decoder = new SnapshotFileDecoder(state.restore(zxid));
    decoder.push(bytes);
    decoder.finish();
  } catch {
    return undefined;
  }
  return state;
}

function newestSnapshot<State extends ReplicatedState>(
  disk: DiskView,
  image: DiskImage,
  newState: () => State,
  untilZxid: Zxid | undefined,
): State | undefined {
  for (const path of sortedFiles(disk, image, "snapshot").reverse()) {
    const zxid = parseDataFileName(path.name)?.zxid ?? NO_TXN;
    if (untilZxid !== undefined && zxid > untilZxid) continue;
    const state = loadSnapshot(disk, image, path, newState);
    if (state !== undefined) return state;
  }
  return undefined;
}

/** The logs or snapshots of an image in the order of their zxids. */
export function sortedFiles(
  disk: DiskView,
  image: DiskImage,
  kind: "log" | "snapshot",
): FilePath[] {
  const directory = kind === "log" ? "log" : "data";
  return disk
    .names(directory, image)
    .map((name) => ({ name, parsed: parseDataFileName(name) }))
    .filter(({ parsed }) => parsed?.kind === kind)
    .sort((a, b) => ((a.parsed?.zxid ?? NO_TXN) < (b.parsed?.zxid ?? NO_TXN) ? -1 : 1))
    .map(({ name }) => ({ directory, name }));
}

function readRecords(bytes: Uint8Array): ReturnType<typeof readTxnLog>["records"] {
  try {
    return readTxnLog(bytes).records;
  } catch {
    // Not even a header, because a crash came before it was durable.
    return [];
  }
}

const TXN_HEADER_BYTES = 32;
