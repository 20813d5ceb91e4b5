/**
 * A txn as the log keeps it and a PROPOSAL carries it: a header, a record, perhaps a
 * digest. `decodeTxn` reads the three eras of it; here each value gets its place.
 */
import {
  type AnyRecordType,
  type JsonObject,
  type JsonValue,
  type JuteRecord,
  toBase64,
} from "@jute-ts/runtime";
import {
  CreateTxn,
  CreateTxnV0,
  ErrorTxn,
  MultiTxn,
  OpCode,
  subTxnRecordType,
  TxnDigest,
  TxnHeader,
  txnRecordType,
} from "@jute-ts/zookeeper";
import { describeRecord } from "../describe.js";
import { FieldTrace } from "../field-trace.js";
import { errorName, opName } from "../meanings.js";
import { partialLayout, pathsOf } from "./message.js";

/** What a txn became. */
export interface TxnLayout {
  readonly header: TxnHeader | undefined;
  readonly paths: readonly string[];
  readonly innerOps: readonly string[];
  readonly detail: string;
  readonly json: JsonObject;
}

/** Takes apart the txn that fills what is left of `trace`. */
export function layTxn(trace: FieldTrace, prefix = ""): TxnLayout {
  const header = trace.record(TxnHeader, `${prefix}header.`);
  if (header === undefined) return { ...NOTHING, header, json: {} };
  const body = layBody(trace, header.type, `${prefix}body.`);
  const digest =
    trace.left > 0 && !trace.failed ? trace.record(TxnDigest, `${prefix}digest.`) : undefined;
  const { paths, innerOps, detail, json } = body;
  return {
    header,
    paths,
    innerOps,
    detail,
    json: { header: header.toJSON(), body: json, digest: digest?.toJSON() ?? null },
  };
}

interface BodyLayout {
  readonly paths: readonly string[];
  readonly innerOps: readonly string[];
  readonly detail: string;
  readonly json: JsonValue;
}

function layBody(trace: FieldTrace, type: number, prefix: string): BodyLayout {
  const recordType = txnRecordType(type);
  if (recordType === undefined) {
    trace.fail(`op code ${type} has no meaning in a txn`, { path: "header.type" });
    return NOTHING;
  }
  if (type === OpCode.closeSession && recordIsLeftOut(trace)) return NOTHING;
  const from = trace.fields.length;
  const record =
    type === OpCode.create ? layCreate(trace, prefix) : trace.record(recordType, prefix);
  if (record === undefined)
    return { ...NOTHING, ...partialLayout(trace, from, prefix, recordType) };
  if (record instanceof MultiTxn) return layChanges(trace, record);
  const body = bodyOf(record);
  return record instanceof ErrorTxn ? { ...body, detail: errorName(record.err) } : body;
}

/** Before 3.4 a create had one field less. Only the end of the bytes tells. */
function layCreate(trace: FieldTrace, prefix: string): JuteRecord | undefined {
  const bytes = trace.peek();
  const isOld = leftBehind(CreateTxn, bytes) === undefined && leftBehind(CreateTxnV0, bytes) === 0;
  return trace.record<JuteRecord>(isOld ? CreateTxnV0 : CreateTxn, prefix);
}

/** How many bytes follow such a record; undefined when the bytes do not begin with one. */
function leftBehind(type: AnyRecordType, bytes: Uint8Array): number | undefined {
  const trial = new FieldTrace(bytes, 0);
  trial.record(type, "");
  return trial.failed ? undefined : trial.left;
}

/** Puts the changes of a multi in the place of the buffers that hold them. */
function layChanges(trace: FieldTrace, { txns }: MultiTxn): BodyLayout {
  const parts: BodyLayout[] = [];
  const changes = txns ?? [];
  trace.expandEach(/^(?:.*\.)?body\.txns\[(\d+)\]\.data$/, (content, match) => {
    const index = Number(match[1]);
    const change = changes[index];
    if (change === undefined) return;
    const prefix = `${match[0].slice(0, -"data".length)}body.`;
    parts[index] = layChange(content, change.type, prefix);
  });
  changes.forEach(({ type }, index) => {
    parts[index] ??= { ...NOTHING, json: { op: opName(type), body: null }, detail: opName(type) };
  });
  return {
    paths: parts.flatMap(({ paths }) => paths),
    innerOps: changes.map(({ type }) => opName(type)),
    detail: parts.map(({ detail }) => `{${detail}}`).join(" "),
    json: parts.map(({ json }) => json),
  };
}

function layChange(content: FieldTrace, type: number, prefix: string): BodyLayout {
  const name = opName(type);
  const recordType = subTxnRecordType(type);
  if (recordType === undefined) {
    content.fail(`op code ${type} has no meaning in a multi`);
    return { ...NOTHING, detail: name, json: { op: name, body: null } };
  }
  const record = content.record(recordType, prefix);
  // A leader that undid a multi keeps the bytes of its changes after the error (see unpackMultiTxn).
  const former = type === OpCode.error && !content.failed ? content.peek() : EMPTY;
  if (former.length > 0) content.rest(`${prefix}former`, "of the change that was undone");
  const { paths, detail, json } = bodyOf(record);
  const rest = former.length === 0 ? {} : { former: toBase64(former) };
  return {
    ...NOTHING,
    paths,
    detail: `${name} ${detail}`.trimEnd(),
    json: { op: name, body: json, ...rest },
  };
}

function bodyOf(record: JuteRecord | undefined): BodyLayout {
  if (record === undefined) return NOTHING;
  const json = record.toJSON();
  return { ...NOTHING, paths: pathsOf(record), detail: describeRecord(record), json };
}

/** Either nothing follows the header, or a digest of version 2, which a list of paths cannot begin like. */
function recordIsLeftOut(trace: FieldTrace): boolean {
  const bytes = trace.peek();
  if (bytes.length === 0) return true;
  if (bytes.length !== DIGEST_BYTES) return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0) === DIGEST_VERSION;
}

const NOTHING: BodyLayout = { paths: [], innerOps: [], detail: "", json: null };
const EMPTY = new Uint8Array(0);
const DIGEST_BYTES = 12;
const DIGEST_VERSION = 2;
