/**
 * Txns: the changes that a leader proposes and every server logs and applies.
 * Each is a TxnHeader, the record that the header's type asks for, and possibly
 * a TxnDigest. Nothing says whether the later parts are there but the end of the
 * bytes, and three eras of ZooKeeper left out different ones:
 *
 * - before 3.4, a create ends without `parentCVersion` (CreateTxnV0);
 * - before 3.6, and later where it is configured so, a closeSession has no record;
 * - before 3.6, and later where digests are disabled, there is no TxnDigest.
 */
import {
  type AnyRecordType,
  type BinaryInputArchive,
  JuteDecodeError,
  type JuteRecord,
  type ReadOptions,
  type WriteOptions,
} from "@jute-ts/runtime";
import {
  abandonReading,
  finishMessage,
  finishReading,
  type MessageSource,
  recordFrom,
  startMessage,
  startReading,
} from "./message-archives.js";
import { OpCode } from "./op-code.js";
import type { TxnInitOf, RecordOf } from "./record-types.js";
import {
  CheckVersionTxn,
  CloseSessionTxn,
  CreateContainerTxn,
  CreateSessionTxn,
  CreateTTLTxn,
  CreateTxn,
  CreateTxnV0,
  DeleteTxn,
  ErrorTxn,
  MultiTxn,
  SetACLTxn,
  SetDataTxn,
  Txn,
  TxnDigest,
  type TxnDigestInit,
  TxnHeader,
  type TxnHeaderInit,
} from "./records.js";
import { UnknownOpCodeError } from "./unknown-op-code.js";

/** The record of each kind of txn. */
export interface TxnTypes {
  [OpCode.create]: typeof CreateTxn;
  [OpCode.create2]: typeof CreateTxn;
  [OpCode.createTTL]: typeof CreateTTLTxn;
  [OpCode.createContainer]: typeof CreateContainerTxn;
  [OpCode.delete]: typeof DeleteTxn;
  [OpCode.deleteContainer]: typeof DeleteTxn;
  [OpCode.setData]: typeof SetDataTxn;
  [OpCode.reconfig]: typeof SetDataTxn;
  [OpCode.setACL]: typeof SetACLTxn;
  [OpCode.createSession]: typeof CreateSessionTxn;
  [OpCode.closeSession]: typeof CloseSessionTxn;
  [OpCode.error]: typeof ErrorTxn;
  [OpCode.multi]: typeof MultiTxn;
}

/** The op codes that a txn may have. */
export type TxnOpCode = keyof TxnTypes;

/** What follows the header of such a txn. Null: a closeSession without a record. */
export type TxnBody<C extends TxnOpCode> = C extends typeof OpCode.closeSession
  ? CloseSessionTxn | null
  : RecordOf<TxnTypes[C]>;

/**
 * What `encodeTxn` takes as the body of such a txn: a record, or a plain object
 * with its fields. A CreateTxnV0 and a closeSession without a record are written
 * as the old servers did.
 */
export type TxnBodyInit<C extends TxnOpCode> = C extends typeof OpCode.closeSession
  ? TxnInitOf<typeof CloseSessionTxn> | null
  : C extends typeof OpCode.create
    ? TxnInitOf<typeof CreateTxn> | CreateTxnV0
    : TxnInitOf<TxnTypes[C]>;

/** A decoded txn. A union over all op codes: `switch (txn.type)` tells what `body` is. */
export type TxnMessage<C extends TxnOpCode = TxnOpCode> = C extends TxnOpCode
  ? {
      readonly type: C;
      readonly header: TxnHeader;
      readonly body: TxnBody<C>;
      /** What the tree must hash to afterwards, if the leader says. */
      readonly digest: TxnDigest | null;
    }
  : never;

/**
 * Encodes a txn as a PROPOSAL carries it and as the transaction log keeps it
 * (there after a checksum and a length). The header's type is `type`. Throws
 * JuteEncodeError for a value that the record does not allow.
 */
export function encodeTxn<C extends TxnOpCode>(
  type: C,
  header: Omit<TxnHeaderInit, "type">,
  body: TxnBodyInit<C>,
  digest?: TxnDigestInit | null,
  options?: WriteOptions,
): Uint8Array {
  const headerRecord = headerOf(header, type);
  const record = bodyRecord(type, body);
  const digestRecord = digest ? recordFrom(TxnDigest, digest) : null;
  const output = startMessage(options);
  TxnHeader.write(output, headerRecord);
  if (record !== null) output.writeRecord(record);
  if (digestRecord !== null) TxnDigest.write(output, digestRecord);
  return finishMessage(output, options);
}

/**
 * Decodes a txn of any era. A create without `parentCVersion` comes back as a
 * CreateTxn with -1 there, as in Java, which asks whoever applies it to count.
 * Buffers in it point into its bytes, unless the options say otherwise. Throws
 * JuteDecodeError for malformed bytes and UnknownOpCodeError for an op code that
 * no txn has.
 */
export function decodeTxn(source: MessageSource, options?: ReadOptions): TxnMessage {
  const input = startReading(source, options);
  const header = input.readRecord(TxnHeader);
  const { type } = header;
  const recordType = txnType(type);
  let body: JuteRecord | null;
  if (type === OpCode.create) {
    body = readCreateTxn(input);
  } else if (type === OpCode.closeSession && recordIsLeftOut(input)) {
    body = null;
  } else {
    body = input.readRecord(recordType);
  }
  const digest = input.atEnd() ? null : input.readRecord(TxnDigest);
  finishReading(source, input);
  // The table ties the body to the op code, which the type system cannot follow through a number.
  return { type, header, body, digest } as TxnMessage;
}

/** The record of each change that a MultiTxn may hold. */
interface SubTxnTypes {
  [OpCode.create]: typeof CreateTxn;
  [OpCode.create2]: typeof CreateTxn;
  [OpCode.createTTL]: typeof CreateTTLTxn;
  [OpCode.createContainer]: typeof CreateContainerTxn;
  [OpCode.delete]: typeof DeleteTxn;
  [OpCode.deleteContainer]: typeof DeleteTxn;
  [OpCode.setData]: typeof SetDataTxn;
  [OpCode.check]: typeof CheckVersionTxn;
  [OpCode.error]: typeof ErrorTxn;
}

/** One change of a MultiTxn, decoded. */
export type SubTxn = {
  [C in keyof SubTxnTypes]: { readonly type: C; readonly body: RecordOf<SubTxnTypes[C]> };
}[keyof SubTxnTypes];

/** One change of a MultiTxn, as `packMultiTxn` takes it. */
export type SubTxnInit = {
  [C in keyof SubTxnTypes]: { readonly type: C; readonly body: TxnInitOf<SubTxnTypes[C]> };
}[keyof SubTxnTypes];

/** Makes a MultiTxn of its changes, each of which becomes bytes of its own. */
export function packMultiTxn(changes: readonly SubTxnInit[], options?: WriteOptions): MultiTxn {
  const txns = changes.map(({ type, body }) => {
    const data = recordFrom(subTxnType(type), body).encode(options);
    return new Txn({ type, data });
  });
  return new MultiTxn({ txns });
}

/**
 * Decodes the changes of a MultiTxn. Throws JuteDecodeError for malformed bytes
 * and UnknownOpCodeError for an op code that no change has.
 *
 * The `err` of a change that failed is not to be relied on: a Java leader that
 * has applied a failed multi calls all its changes errors, but sends their former
 * bytes on to the servers that it brings up to date.
 */
export function unpackMultiTxn(multi: MultiTxn, options?: ReadOptions): SubTxn[] {
  return (multi.txns ?? []).map(({ type, data }) => {
    // A null buffer holds no record, exactly as an empty one.
    const bytes = data ?? new Uint8Array(0);
    const body =
      type === OpCode.error
        ? readErrorTxn(bytes, options)
        : subTxnType(type).decode(bytes, options);
    return { type, body } as SubTxn;
  });
}

/** Reads the error at the start of the bytes, whatever follows. */
function readErrorTxn(bytes: Uint8Array, options: ReadOptions | undefined): ErrorTxn {
  const input = startReading(bytes, options);
  const error = input.readRecord(ErrorTxn);
  abandonReading(bytes, input);
  return error;
}

/** Reads either form of a create. The old one is a beginning of the new one, so only the end tells them apart. */
function readCreateTxn(input: BinaryInputArchive): CreateTxn {
  const { position } = input;
  try {
    return input.readRecord(CreateTxn);
  } catch (error) {
    if (!(error instanceof JuteDecodeError) || error.kind !== "truncated") throw error;
    input.position = position;
    const { path, data, acl, ephemeral } = readWhole(input, CreateTxnV0, error);
    return new CreateTxn({ path, data, acl, ephemeral, parentCVersion: COUNT_WHEN_APPLIED });
  }
}

/** Reads a record that must end with the input; whatever else is wrong, `otherwise` is the error to report. */
function readWhole<T extends JuteRecord>(
  input: BinaryInputArchive,
  type: AnyRecordType<T>,
  otherwise: JuteDecodeError,
): T {
  let record: T | undefined;
  try {
    record = input.readRecord(type);
  } catch (error) {
    if (!(error instanceof JuteDecodeError)) throw error;
  }
  if (record === undefined || !input.atEnd()) throw otherwise;
  return record;
}

/**
 * A closeSession without its record ends after the header, or goes on with a
 * digest of version 2. Read as a CloseSessionTxn, the latter would be a list of
 * two paths in eight bytes: both empty, which no path is.
 */
function recordIsLeftOut(input: BinaryInputArchive): boolean {
  return (
    input.atEnd() ||
    (input.remaining === DIGEST_SIZE && input.intAt(input.position) === DIGEST_VERSION)
  );
}

function bodyRecord(type: TxnOpCode, body: unknown): JuteRecord | null {
  const recordType = txnType(type);
  if (type === OpCode.closeSession && body === null) return null;
  if (type === OpCode.create && body instanceof CreateTxnV0) return body;
  return recordFrom(recordType, body);
}

/** A header with this type, of a record or a plain object. */
function headerOf(header: Omit<TxnHeaderInit, "type">, type: number): TxnHeader {
  const { clientId, cxid, zxid, time } = header;
  return new TxnHeader({ clientId, cxid, zxid, time, type });
}

/** The record of a txn of this op code; undefined if no txn has it. */
export function txnRecordType(type: number): AnyRecordType | undefined {
  return recordTypeByTxn.get(type);
}

/** The record of a change of this op code in a MultiTxn; undefined if no change has it. */
export function subTxnRecordType(type: number): AnyRecordType | undefined {
  return (subTxnTypes as Readonly<Record<number, AnyRecordType>>)[type];
}

function txnType(type: number): AnyRecordType {
  const recordType = txnRecordType(type);
  if (recordType === undefined) throw new UnknownOpCodeError(type, "txn");
  return recordType;
}

function subTxnType(type: number): AnyRecordType {
  const recordType = subTxnRecordType(type);
  if (recordType === undefined) throw new UnknownOpCodeError(type, "txn");
  return recordType;
}

const txnTypes: Readonly<TxnTypes> = {
  [OpCode.create]: CreateTxn,
  [OpCode.create2]: CreateTxn,
  [OpCode.createTTL]: CreateTTLTxn,
  [OpCode.createContainer]: CreateContainerTxn,
  [OpCode.delete]: DeleteTxn,
  [OpCode.deleteContainer]: DeleteTxn,
  [OpCode.setData]: SetDataTxn,
  [OpCode.reconfig]: SetDataTxn,
  [OpCode.setACL]: SetACLTxn,
  [OpCode.createSession]: CreateSessionTxn,
  [OpCode.closeSession]: CloseSessionTxn,
  [OpCode.error]: ErrorTxn,
  [OpCode.multi]: MultiTxn,
};

const subTxnTypes: Readonly<SubTxnTypes> = {
  [OpCode.create]: CreateTxn,
  [OpCode.create2]: CreateTxn,
  [OpCode.createTTL]: CreateTTLTxn,
  [OpCode.createContainer]: CreateContainerTxn,
  [OpCode.delete]: DeleteTxn,
  [OpCode.deleteContainer]: DeleteTxn,
  [OpCode.setData]: SetDataTxn,
  [OpCode.check]: CheckVersionTxn,
  [OpCode.error]: ErrorTxn,
};

/** A map: negative op codes of an object are names that V8 makes and looks up as strings. */
const recordTypeByTxn: ReadonlyMap<number, AnyRecordType> = new Map(
  Object.entries(txnTypes).map(([type, recordType]) => [Number(type), recordType]),
);

/** What Java fills in for the `parentCVersion` of an old create. */
const COUNT_WHEN_APPLIED = -1;

/** The size of a TxnDigest, in bytes. */
const DIGEST_SIZE = 12;

/** The version that every digest so far has. */
const DIGEST_VERSION = 2;
