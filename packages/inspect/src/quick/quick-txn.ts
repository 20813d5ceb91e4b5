/**
 * A txn by its bytes: what lines, JSON, filters and summaries need of the millions of
 * them that a log has, without making records. What is unusual is left to `layTxn`.
 */
import type { AnyRecordType } from "@jute-ts/runtime";
import {
  MultiTxn,
  OpCode,
  subTxnRecordType,
  TxnDigest,
  TxnHeader,
  txnRecordType,
} from "@jute-ts/zookeeper";
import { errorName, opName } from "../meanings.js";
import type { TextSink } from "../output/text-sink.js";
import { writeRecordJson } from "./record-json.js";
import { writeRecordLine } from "./record-line.js";
import { type RecordPlan, recordPlan } from "./record-plan.js";
import { skipRecord } from "./skip-record.js";
import { intAt, WireCursor } from "./wire-cursor.js";

/** Where the parts of a txn lie. */
export interface TxnParts {
  /** The start and end of each path that it names, in pairs. */
  readonly paths: readonly number[];
  /** The op codes of a multi's changes. */
  readonly innerTypes: readonly number[];
  /** Where the body ends, and a digest begins or nothing. */
  readonly bodyEnd: number;
}

/** The parts of a txn that fills these bytes; undefined for one that is not as today's servers write it. */
export function txnParts(bytes: Uint8Array, start: number, end: number): TxnParts | undefined {
  const type = intAt(bytes, start + TYPE_AT);
  const plan = bodyPlan(type);
  if (plan === undefined) return undefined;
  const cursor = new WireCursor(bytes, start + HEADER_BYTES, end);
  const paths: number[] = [];
  const innerTypes: number[] = type === OpCode.multi ? [] : NONE;
  const isBody =
    type === OpCode.multi
      ? skipChanges(cursor, paths, innerTypes)
      : skipRecord(plan, cursor, paths);
  if (!isBody) return undefined;
  const left = end - cursor.at;
  // A closeSession without its record may look like one with it (see decodeTxn).
  const isDoubtful = type === OpCode.closeSession && end - start === HEADER_BYTES + DIGEST_BYTES;
  if ((left !== 0 && left !== DIGEST_BYTES) || isDoubtful) return undefined;
  return { paths, innerTypes, bodyEnd: cursor.at };
}

/** Writes the members `header`, `body` and `digest` that the JSON of a txn has, without braces. */
export function writeTxnJson(
  bytes: Uint8Array,
  start: number,
  end: number,
  { bodyEnd }: TxnParts,
  sink: TextSink,
): boolean {
  const type = intAt(bytes, start + TYPE_AT);
  sink.text('"header":');
  const header = new WireCursor(bytes, start, start + HEADER_BYTES);
  if (HEADER === undefined || !writeRecordJson(HEADER, header, sink)) return false;
  sink.text(',"body":');
  const body = new WireCursor(bytes, start + HEADER_BYTES, bodyEnd);
  const plan = bodyPlan(type);
  const isBody =
    type === OpCode.multi
      ? writeChangesJson(body, sink)
      : plan !== undefined && writeRecordJson(plan, body, sink);
  if (!isBody) return false;
  sink.text(',"digest":');
  if (bodyEnd < end) {
    return (
      DIGEST !== undefined && writeRecordJson(DIGEST, new WireCursor(bytes, bodyEnd, end), sink)
    );
  }
  sink.text("null");
  return true;
}

/** Writes what the `detail` of a txn says. */
export function writeTxnLine(
  bytes: Uint8Array,
  start: number,
  { bodyEnd }: TxnParts,
  sink: TextSink,
): boolean {
  const type = intAt(bytes, start + TYPE_AT);
  if (type === OpCode.error) {
    sink.text(errorName(intAt(bytes, start + HEADER_BYTES)));
    return true;
  }
  const body = new WireCursor(bytes, start + HEADER_BYTES, bodyEnd);
  if (type === OpCode.multi) return writeChangesLine(body, sink);
  const plan = bodyPlan(type);
  return plan !== undefined && writeRecordLine(plan, body, sink);
}

/** Passes the list of a multi's changes. Calls `each` for every one, with a cursor over its bytes. */
function eachChange(
  cursor: WireCursor,
  each: (type: number, plan: RecordPlan, content: WireCursor, index: number) => boolean,
): boolean {
  const count = cursor.takeLength();
  for (let index = 0; index < count; index++) {
    const at = cursor.take(4);
    const length = at < 0 ? at : cursor.takeLength();
    if (length < 0) return false;
    const type = intAt(cursor.bytes, at);
    const plan = changePlan(type);
    const start = cursor.take(length);
    if (plan === undefined) return false;
    if (!each(type, plan, new WireCursor(cursor.bytes, start, cursor.at), index)) return false;
  }
  // A list that is empty or null is seldom enough to be left to the layout.
  return count > 0;
}

function skipChanges(cursor: WireCursor, paths: number[], innerTypes: number[]): boolean {
  return eachChange(cursor, (type, plan, content) => {
    innerTypes.push(type);
    // What follows the error of a change that was undone is left out here, too.
    return skipRecord(plan, content, paths) && content.at === content.end;
  });
}

function writeChangesJson(cursor: WireCursor, sink: TextSink): boolean {
  sink.text("[");
  const isWritten = eachChange(cursor, (type, plan, content, index) => {
    sink.text(index === 0 ? '{"op":"' : ',{"op":"');
    sink.text(opName(type));
    sink.text('","body":');
    if (!writeRecordJson(plan, content, sink)) return false;
    sink.text("}");
    return true;
  });
  sink.text("]");
  return isWritten;
}

function writeChangesLine(cursor: WireCursor, sink: TextSink): boolean {
  return eachChange(cursor, (type, plan, content, index) => {
    sink.text(index === 0 ? "{" : " {");
    sink.text(opName(type));
    sink.text(" ");
    if (!writeRecordLine(plan, content, sink)) return false;
    sink.text("}");
    return true;
  });
}

function bodyPlan(type: number): RecordPlan | undefined {
  return type === OpCode.multi ? MULTI : planBy(bodyPlans, type, txnRecordType);
}

function changePlan(type: number): RecordPlan | undefined {
  return planBy(changePlans, type, subTxnRecordType);
}

function planBy(
  plans: Map<number, RecordPlan>,
  type: number,
  recordType: (code: number) => AnyRecordType | undefined,
): RecordPlan | undefined {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const record = recordType(type);
  const plan = record === undefined ? undefined : recordPlan(record);
  // Numbers that no txn has are not remembered.
  if (plan !== undefined) plans.set(type, plan);
  return plan;
}

const bodyPlans = new Map<number, RecordPlan>();
const changePlans = new Map<number, RecordPlan>();
const HEADER: RecordPlan | undefined = recordPlan(TxnHeader);
const DIGEST: RecordPlan | undefined = recordPlan(TxnDigest);
const MULTI: RecordPlan | undefined = recordPlan(MultiTxn);

const NONE: number[] = [];
/** Of a TxnHeader, the size and the place of the op code; of a TxnDigest, the size. */
const HEADER_BYTES = 32;
const TYPE_AT = 28;
const DIGEST_BYTES = 12;
