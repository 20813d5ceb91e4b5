/**
 * The public surface of `@jute-ts/persistence`: the files of a ZooKeeper data
 * directory, and the snapshot stream between servers, as codecs over bytes.
 */
export { Adler32, adler32 } from "./adler32.js";
export {
  dataFileKind,
  type DataFileName,
  logFileName,
  parseDataFileName,
  snapshotFileName,
} from "./file-names.js";

// Transaction logs.
export {
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  paddedLogSize,
  TXN_LOG_HEADER_BYTES,
  txnLogRecordBytes,
} from "./txn-log.js";
export {
  readTxnLog,
  TxnLogDecoder,
  type TxnLogDecoderOptions,
  type TxnLogEnd,
  TxnLogFormatError,
  type TxnLogRecord,
} from "./txn-log-decoder.js";
export { decodeSyncedMark, encodeSyncedMark, type SyncedMark } from "./synced-mark.js";

// Epoch files.
export { decodeEpochFile, encodeEpochFile, EpochFileError } from "./epoch-file.js";

// Snapshots.
export { readSnapshot, type Snapshot } from "./read-snapshot.js";
export type { SnapshotContent, SnapshotNode, SnapshotVisitor } from "./snapshot-body.js";
export { SnapshotBodyDecoder, type SnapshotBodyOptions } from "./snapshot-body-decoder.js";
export { encodeSnapshotBody } from "./snapshot-body-encoder.js";
export {
  isSnapshotCandidate,
  SnapshotFileDecoder,
  SnapshotFileEncoder,
  type SnapshotFileOptions,
  type SnapshotSink,
} from "./snapshot-file.js";
export { type SnapshotErrorKind, SnapshotFormatError } from "./snapshot-format-error.js";
export {
  encodeSnapshotStream,
  encodeSnapshotStreamSignature,
  SNAPSHOT_STREAM_SIGNATURE,
  SnapshotStreamDecoder,
} from "./snapshot-stream.js";
export { SnappyFormatError } from "./snappy-block.js";
export { hasSnappyMagic, SnappyDecoder, type SnappyDecoderOptions } from "./snappy-stream.js";
export type { SnapshotDigest, SnapshotTrailer } from "./snapshot-trailer.js";
