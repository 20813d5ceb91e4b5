/**
 * The public surface of `@jute-ts/inspect`: ZooKeeper's bytes for people, without I/O.
 */
export {
  createDecoder,
  decodeAll,
  type DecodeOptions,
  type Format,
  recognizeFormat,
} from "./decoders.js";
export {
  type Connection,
  type Decoder,
  type Fault,
  type Field,
  type FieldValue,
  Item,
  type ItemFacts,
  type ItemKind,
  type Layout,
  type QuickLook,
  type Sender,
} from "./item.js";
export { type FilterOptions, itemFilter } from "./filter.js";

// Logs, several pieces at once.
export {
  cutRecords,
  decodeRun,
  type LogCut,
  LogDecoder,
  type LogRun,
} from "./files/log-decoder.js";
export type { LogFormatOptions } from "./files/log-format.js";

// Captures.
export {
  CaptureDecoder,
  type CaptureOptions,
  type CaptureStatistics,
} from "./capture/capture-decoder.js";
export type { ProtocolPorts } from "./capture/recognition.js";
export type { NoSegment } from "./capture/tcp-segment.js";

// For people and programs.
export { type DumpOptions, itemDump, valueText } from "./output/dump.js";
export { itemJson, writeItemJson } from "./output/json.js";
export { itemLine, writeItemLine } from "./output/line.js";
export { Summary } from "./output/summary.js";
export { plainText } from "./shown-text.js";
export { TextSink } from "./output/text-sink.js";
export { tableHead, tableRow, writeTableRow } from "./output/table.js";

// The reverse.
export { encodeFile, FileEncoder } from "./encode/encode-file.js";
export { encodeMessage, type EncodeOptions } from "./encode/encode-message.js";

// Records of schemas that are known at run time only.
export {
  recordTypesOf,
  type SchemaField,
  type SchemaFieldType,
  type SchemaOfRecords,
  type SchemaRecord,
} from "./schema-records.js";

// Data directories.
export {
  DamagedFileError,
  type DataFile,
  dataFilesOf,
  type NamedDataFile,
} from "./data/data-files.js";
export {
  changesBetween,
  imageOf,
  type TreeChange,
  type TreeImage,
  type ZnodeImage,
} from "./data/tree-changes.js";
export {
  type DataFlaw,
  type LoadedSnapshot,
  loadSnapshot,
  readLog,
  type TreeAt,
  treeAt,
} from "./data/tree-at.js";
export { type TornEnd, tornEndFlaw } from "./data/torn-end.js";
export { type Finding, verifyData } from "./data/verify.js";
