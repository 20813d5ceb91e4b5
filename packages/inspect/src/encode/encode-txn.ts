/** A txn from JSON, in the form that logs and packets have. */
import {
  type AnyRecordType,
  BinaryOutputArchive,
  JuteJsonError,
  type JsonObject,
  type JsonValue,
  type WriteOptions,
} from "@jute-ts/runtime";
import {
  CreateTxnV0,
  MultiTxn,
  OpCode,
  subTxnRecordType,
  Txn,
  TxnDigest,
  TxnHeader,
  txnRecordType,
} from "@jute-ts/zookeeper";
import { bytesOf, concatenated, listAt, objectAt } from "./json-reading.js";
import { opCodeOf } from "./names.js";

/** `{header, body, digest}`; the digest may be absent or null, and the body of a closeSession null. */
export function encodeTxnJson(json: JsonObject, options?: WriteOptions): Uint8Array {
  const header = TxnHeader.fromJSON(json["header"] ?? {});
  const body = json["body"] ?? null;
  const digest = json["digest"] ?? null;
  const output = new BinaryOutputArchive(options);
  output.writeRecord(header);
  writeBody(output, header.type, body, options);
  if (digest !== null) output.writeRecord(TxnDigest.fromJSON(digest));
  return output.toBytes();
}

function writeBody(
  output: BinaryOutputArchive,
  opCode: number,
  body: JsonValue,
  options: WriteOptions | undefined,
): void {
  const type = txnRecordType(opCode);
  if (type === undefined) {
    throw new JuteJsonError("header.type", "an op code that txns have", opCode);
  }
  if (opCode === OpCode.multi) {
    output.writeRecord(multiOf(body, options));
  } else if (body !== null || opCode !== OpCode.closeSession) {
    output.writeRecord(recordType(type, opCode, body).fromJSON(body ?? {}));
  }
}

/** Before 3.4 a create had no parentCVersion. */
function recordType(type: AnyRecordType, opCode: number, body: JsonValue): AnyRecordType {
  const isOld = opCode === OpCode.create && objectAt(body, "body")["parentCVersion"] === undefined;
  return isOld ? CreateTxnV0 : type;
}

function multiOf(body: JsonValue, options: WriteOptions | undefined): MultiTxn {
  const txns = listAt(body, "body").map((part, index) => {
    const change = objectAt(part, `body[${index}]`);
    const type = opCodeOf(change["op"], `body[${index}].op`);
    const recordType = subTxnRecordType(type);
    if (recordType === undefined) {
      throw new JuteJsonError(
        `body[${index}].op`,
        "an op that a multi's txn can have",
        change["op"],
      );
    }
    const record = recordType.fromJSON(change["body"] ?? {}).encode(options);
    const former = bytesOf(change["former"], `body[${index}].former`) ?? NOTHING;
    return new Txn({ type, data: concatenated(record, former) });
  });
  return new MultiTxn({ txns });
}

const NOTHING = new Uint8Array(0);
