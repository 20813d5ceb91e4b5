/** A snapshot that has just got its name, read once for all who judge it: that takes as long as the tree is big. */
import { parseDataFileName, readSnapshot, type Snapshot } from "@jute-ts/persistence";
import type { FilePath } from "@jute-ts/quorum";
import type { Zxid } from "@jute-ts/zookeeper";
import type { Observation, WorldView } from "../checkers/checker.js";

type FileObservation = Extract<Observation, { kind: "file" }>;

export interface PublishedSnapshot {
  readonly file: FilePath;
  /** The txn that names it. */
  readonly zxid: Zxid;
  /** What it holds; undefined when the file is gone already. Throws SnapshotFormatError when it cannot be read. */
  read(world: WorldView): Snapshot | undefined;
}

/** The snapshot to which an operation has given its name; undefined for any other operation. */
export function publishedSnapshot(observation: FileObservation): PublishedSnapshot | undefined {
  const { sid, operation, result } = observation;
  if (operation.kind !== "rename" || result.kind === "failed") return undefined;
  const parsed = parseDataFileName(operation.to);
  if (parsed?.kind !== "snapshot") return undefined;
  const file = { directory: operation.file.directory, name: operation.to };
  const read = ({ peers }: WorldView): Snapshot | undefined => {
    const known = SNAPSHOTS.get(observation);
    if (known !== undefined) return known;
    const bytes = peers.get(sid)?.disk.contents(file, "current");
    if (bytes === undefined) return undefined;
    const snapshot = readSnapshot(bytes);
    SNAPSHOTS.set(observation, snapshot);
    return snapshot;
  };
  return { file, zxid: parsed.zxid, read };
}

/** By what gave them their names: nothing happens to a file while that is shown. */
const SNAPSHOTS = new WeakMap<FileObservation, Snapshot>();
