/** The public surface of `@jute-ts/runtime`. */
export type { InputArchive, OutputArchive } from "./archive.js";
export { fromBase64, toBase64 } from "./base64.js";
export { BinaryInputArchive } from "./binary-input-archive.js";
export { BinaryOutputArchive } from "./binary-output-archive.js";
export { encodeParts } from "./codec.js";
export { JuteDecodeError, JuteEncodeError } from "./errors.js";
export type { DecodeErrorKind, EncodeErrorKind } from "./errors.js";
export { FrameReader, type FrameReaderOptions } from "./frame-reader.js";
export { isBytes, isMap } from "./values.js";
export { JuteJsonError } from "./json.js";
export type { JsonObject, JsonValue } from "./json-value.js";
export type {
  GatherOptions,
  OutputArchiveOptions,
  ReadOptions,
  StringEncoding,
  WriteOptions,
} from "./options.js";
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
export { stringByteLength } from "./utf8.js";
