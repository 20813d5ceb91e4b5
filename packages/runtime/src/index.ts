/** The public surface of `@jute-ts/runtime`. */
export type { InputArchive, OutputArchive } from "./archive.js";
export { fromBase64, toBase64 } from "./base64.js";
export { BinaryInputArchive, type ReadOptions } from "./binary-input-archive.js";
export {
  BinaryOutputArchive,
  type OutputArchiveOptions,
  type WriteOptions,
} from "./binary-output-archive.js";
export { JuteDecodeError, JuteEncodeError } from "./errors.js";
export type { DecodeErrorKind, EncodeErrorKind } from "./errors.js";
export { FrameReader, type FrameReaderOptions } from "./frame-reader.js";
export { isBytes, isMap } from "./values.js";
export { JuteJsonError, type JsonObject, type JsonValue } from "./json.js";
export type {
  AnyRecordType,
  FieldDescriptor,
  FieldType,
  JuteRecord,
  PrimitiveKind,
  RecordDescriptor,
  RecordType,
} from "./record.js";
export { readFields, writeFields } from "./reflect.js";
export { RecordView } from "./record-view.js";
export { createRegistry, type RecordRegistry } from "./registry.js";
export {
  type TracedPrefix,
  tracePrefix,
  type TracedRecord,
  type TracedValue,
  traceRecord,
} from "./trace.js";
export { stringByteLength, type StringEncoding } from "./utf8.js";

export { encodeParts, type GatherOptions } from "./codec.js";
