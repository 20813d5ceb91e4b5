/** The 16 bytes that logs and snapshots begin with: a magic number, the version of the format, and an unused id. */
import { putInt, putLong } from "./big-endian.js";

export const FILE_HEADER_BYTES = 16;

/** The version of both formats since ZooKeeper 3.3. */
export const FORMAT_VERSION = 2;

/** "ZKLG" */
export const TXN_LOG_MAGIC = 0x5a4b4c47;

/** "ZKSN" */
export const SNAPSHOT_MAGIC = 0x5a4b534e;

/** The database id was never used: Java writes 0 into logs and -1 into snapshots, and nobody reads it. */
export function encodeFileHeader(magic: number, databaseId: bigint): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  putInt(bytes, 0, magic);
  putInt(bytes, 4, FORMAT_VERSION);
  putLong(bytes, 8, databaseId);
  return bytes;
}

/** Bytes as people know them from hex dumps. */
export function hexBytes(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** A zxid as ZooKeeper's own logs show it. */
export function hexZxid(zxid: bigint): string {
  return `0x${BigInt.asUintN(64, zxid).toString(16)}`;
}
