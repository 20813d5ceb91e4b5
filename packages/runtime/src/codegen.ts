/**
 * The entry `@jute-ts/runtime/codegen`: all that generated classes name, and what code needs
 * that puts several records into one message or makes classes of records at run time. It changes together with the generator, so that
 * what users import from `@jute-ts/runtime` need not.
 */
export type { InputArchive, OutputArchive } from "./archive.js";
export type { BinaryInputArchive } from "./binary-input-archive.js";
export type { BinaryOutputArchive } from "./binary-output-archive.js";
export { finishDecoding, finishEncoding, startDecoding, startEncoding } from "./codec.js";
export { convertMap as mapFrom, convertVector as vectorFrom, isInit } from "./conversion.js";
export { describe, type RecordMembers as Record } from "./describe.js";
export { cloneRecord, recordsEqual } from "./equality.js";
export { explainDecoding, explainEncoding, serializeRecord } from "./explain.js";
export { recordFromJson, recordToJson } from "./json.js";
export type { JsonObject, JsonValue } from "./json-value.js";
export { sortedByEncoding, sortedByNumber, sortedEntries } from "./map-order.js";
export type { ReadOptions, WriteOptions } from "./options.js";
export type { RecordDescriptor as Descriptor } from "./record.js";
export { RecordView } from "./record-view.js";
export { createRegistry, type RecordRegistry as Registry } from "./registry.js";
export { recordToText } from "./text.js";
export { stringByteLength } from "./utf8.js";
export { bufferLength, mapLength, vectorLength } from "./values.js";
