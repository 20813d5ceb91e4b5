/**
 * Puts a snapshot in the place of what a server has, while it does not run: what was there
 * stays beside it, and the snapshot is checked from its first to its last byte before anything
 * is changed.
 */
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join, resolve } from "node:path";
import { createGunzip } from "node:zlib";
import { DataTree } from "@jute-ts/data-tree";
import {
  decodeEpochFile,
  encodeEpochFile,
  hasSnappyMagic,
  parseDataFileName,
  SnappyDecoder,
  SnapshotFileDecoder,
  snapshotFileName,
} from "@jute-ts/persistence";
import type { Zxid } from "@jute-ts/zookeeper";
import { epochOf } from "@jute-ts/zookeeper";
import type { PeerSettings } from "../configuration/index.js";
import { NameLookup } from "./name-lookup.js";
import { ListenError, type OpenPortsOptions, probePorts } from "./open-ports.js";
import { snapshotBytes } from "./snapshot-bytes.js";
import { describeFileError, messageOf, systemErrorOf } from "./system-error.js";

/** A snapshot that was read in full. */
export interface CheckedSnapshot {
  readonly tree: DataTree;
  /** The last txn in it. */
  readonly zxid: Zxid;
  /** Whether its digest is that of this state; undefined where it has none. */
  readonly isExact: boolean | undefined;
}

/** Why a server cannot be restored, and what to do: for people. */
export class RestoreError extends Error {
  override readonly name = "RestoreError";
}

/**
 * Reads a snapshot file, plain or compressed by gzip or Snappy. Rejects with RestoreError unless
 * it is whole; `name` is what it is called there.
 */
export async function readSnapshotFile(
  path: string,
  name: string = path,
): Promise<CheckedSnapshot> {
  const tree = new DataTree();
  const named = parseDataFileName(basename(path));
  const decoder = new SnapshotFileDecoder(tree.restore(named?.zxid ?? 0n));
  try {
    for await (const bytes of inflated(bytesOf(path))) decoder.push(bytes);
    const { digest, lastProcessedZxid } = decoder.finish();
    const zxid = lastProcessedZxid ?? (named?.kind === "snapshot" ? named.zxid : undefined);
    if (zxid === undefined) {
      throw new RestoreError(
        `${name} does not say at which zxid it was taken. Give it its name of then, snapshot.ZXID in hexadecimal.`,
      );
    }
    tree.setLastProcessed(zxid);
    const isKnown = digest?.version === 2 && digest.zxid === zxid;
    const isExact = isKnown ? digest.digest === BigInt.asIntN(64, tree.digest()) : undefined;
    return { tree, zxid, isExact };
  } catch (error) {
    if (error instanceof RestoreError) throw error;
    if (systemErrorOf(error)?.path !== undefined) {
      throw new RestoreError(`${name} ${describeFileError(error)}. Name a file that can be read.`);
    }
    throw new RestoreError(`${name} is no whole snapshot: ${messageOf(error)}`);
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: READ_BYTES });
  if (!path.endsWith(".gz") && !beginsGzipped(path)) {
    yield* source as AsyncIterable<Uint8Array>;
    return;
  }
  const inflated = createGunzip();
  source.on("error", (error) => inflated.destroy(error));
  yield* source.pipe(inflated) as AsyncIterable<Uint8Array>;
}

/** False where the file cannot be read, which is seen when it is. */
function beginsGzipped(path: string): boolean {
  try {
    const descriptor = openSync(path, "r");
    try {
      const first = Buffer.alloc(GZIP_MAGIC.length);
      return readSync(descriptor, first) === first.length && first.equals(GZIP_MAGIC);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}

/** What Snappy has compressed, as its first bytes say, is inflated. */
async function* inflated(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let snappy: SnappyDecoder | undefined;
  let isFirst = true;
  for await (const bytes of pieces) {
    // The first piece is longer than what is looked for.
    if (isFirst && hasSnappyMagic(bytes)) snappy = new SnappyDecoder();
    isFirst = false;
    if (snappy === undefined) yield bytes;
    else yield* snappy.push(bytes);
  }
  snappy?.finish();
}

/** Rejects with RestoreError when a port of the server is taken: most likely it runs. */
export async function refuseWhileRunning(settings: PeerSettings): Promise<void> {
  const own = settings.isStandalone ? undefined : settings.ensemble.members.get(settings.sid);
  const { client, secureClient } = settings;
  const clientPorts = [client, secureClient?.address].filter((target) => target !== undefined);
  const targets: Pick<OpenPortsOptions, "port" | "targets">[] = [
    // One by one: each is a reason by itself.
    ...clientPorts.map((target) => ({ port: "client" as const, targets: [target] })),
    {
      port: "election",
      targets: (own?.addresses ?? []).map(({ host, electionPort: port }) => ({ host, port })),
    },
  ];
  for (const { port, targets: each } of targets) {
    if (each.length === 0) continue;
    try {
      const names = new NameLookup();
      const problems: ListenError[] = [];
      const onProblem = (error: ListenError): number => problems.push(error);
      await probePorts({ port, targets: each, createServer, names, onProblem });
      if (problems[0] !== undefined) throw problems[0];
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      // A host that is not this machine's tells nothing of whether the server runs.
      if (error.code !== "EADDRINUSE") continue;
      throw new RestoreError(
        `${error.address}, the ${port} port of this server, is taken: stop the server before its data are replaced.`,
      );
    }
  }
}

/** What was done. */
export interface Restored {
  /** Where the snapshot is now. */
  readonly file: string;
  /** Where what was there before has been moved to. */
  readonly kept: readonly string[];
}

/** Replaces what a server has. Throws the system's errors; then what was there is where it was. */
export function replaceData(
  { dataDir, dataLogDir, storage }: PeerSettings,
  { tree, zxid }: CheckedSnapshot,
  suffix: string,
): Restored {
  const data = resolve(dataDir, VERSION_2);
  const log = resolve(dataLogDir, VERSION_2);
  const epoch = Math.max(epochOf(zxid), promisedEpoch(data));
  // Whole before anything is moved: a full disk must not leave a server without data.
  const prepared = preparedOf(data);
  rmSync(prepared, { recursive: true, force: true });
  mkdirSync(prepared, { recursive: true });
  const name = snapshotFileName(zxid);
  writeDurably(join(prepared, name), snapshotBytes(tree, storage));
  // What is elected from now on is later than the snapshot, and than all that was promised here.
  for (const file of ["acceptedEpoch", "currentEpoch"]) {
    writeDurably(join(prepared, file), [encodeEpochFile(epoch)]);
  }
  const directories = [...new Set([data, log])];
  // The one for logs begins empty, and is made before anything is moved: it may be that it cannot be.
  if (log !== data) mkdirSync(preparedOf(log), { recursive: true });
  const moves = directories
    .filter(existsSync)
    .map((from) => ({ from, to: `${from}.before-${suffix}` }));
  moveAll([...moves, ...directories.map((to) => ({ from: preparedOf(to), to }))]);
  // Both: logs that came back with a crash would be replayed on top of the snapshot.
  for (const directory of directories) syncDirectory(dirname(directory));
  return { file: join(data, name), kept: moves.map(({ to }) => to) };
}

/** What tells the directory of what was there before from others: the time, to the millisecond. */
export function keptSuffix(): string {
  return new Date().toISOString().replaceAll(/[-:.]/gu, "");
}

/** What takes the place of a directory. */
function preparedOf(directory: string): string {
  return `${directory}.restoring`;
}

/** Renames directories one after the other: all of them, or none, and throws. */
function moveAll([move, ...others]: readonly {
  readonly from: string;
  readonly to: string;
}[]): void {
  if (move === undefined) return;
  renameSync(move.from, move.to);
  try {
    moveAll(others);
  } catch (error) {
    renameSync(move.to, move.from);
    throw error;
  }
}

function writeDurably(path: string, pieces: Iterable<Uint8Array>): void {
  const descriptor = openSync(path, "wx");
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length;) at += writeSync(descriptor, piece, at);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The last epoch that this server has promised to anybody; 0 where it has no data, or none that can be read. */
function promisedEpoch(data: string): number {
  try {
    return decodeEpochFile(readFileSync(join(data, "acceptedEpoch")));
  } catch {
    return 0;
  }
}

const VERSION_2 = "version-2";
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const READ_BYTES = 1024 * 1024;
