/**
 * Multis: several operations in one request, several results in its response.
 * Jute has no way to describe them. Each part is a MultiHeader and the record
 * that the header's type asks for; a header that says `done` ends the list.
 *
 * A multi either changes the tree (op multi, all or nothing) or reads it (op
 * multiRead, each part by itself); the two do not mix.
 */
import type {
  AnyRecordType,
  BinaryInputArchive,
  BinaryOutputArchive,
  JuteRecord,
} from "@jute-ts/runtime";
import { listOfParts, recordFrom, requestRecordFrom, writeHeader } from "./message-archives.js";
import { OpCode } from "./op-code.js";
import type { RequestInitOf, InitOf, RecordOf } from "./record-types.js";
import {
  CheckVersionRequest,
  Create2Response,
  CreateRequest,
  CreateResponse,
  CreateTTLRequest,
  DeleteRequest,
  ErrorResponse,
  GetChildrenRequest,
  GetChildrenResponse,
  GetDataRequest,
  GetDataResponse,
  MultiHeader,
  SetDataRequest,
  SetDataResponse,
} from "./records.js";
import { type OpCodePlace, UnknownOpCodeError } from "./unknown-op-code.js";

/** What a multi may change, and the record that asks for it. */
type MultiOperationTypes = {
  [OpCode.create]: typeof CreateRequest;
  [OpCode.create2]: typeof CreateRequest;
  [OpCode.createContainer]: typeof CreateRequest;
  [OpCode.createTTL]: typeof CreateTTLRequest;
  [OpCode.delete]: typeof DeleteRequest;
  [OpCode.setData]: typeof SetDataRequest;
  [OpCode.check]: typeof CheckVersionRequest;
};

/** What a multiRead may read, and the record that asks for it. */
type MultiReadOperationTypes = {
  [OpCode.getData]: typeof GetDataRequest;
  [OpCode.getChildren]: typeof GetChildrenRequest;
};

/** What a part of a multi may answer. Servers answer createContainer and createTTL as create2. */
type MultiResultTypes = {
  [OpCode.create]: typeof CreateResponse;
  [OpCode.create2]: typeof Create2Response;
  [OpCode.delete]: null;
  [OpCode.setData]: typeof SetDataResponse;
  [OpCode.check]: null;
};

/** What a part of a multiRead may answer. */
type MultiReadResultTypes = {
  [OpCode.getData]: typeof GetDataResponse;
  [OpCode.getChildren]: typeof GetChildrenResponse;
};

/** One part of a request, discriminated by its op code. */
type Operation<Types> = { [C in keyof Types]: OperationOf<C, RecordOf<Types[C]>> }[keyof Types];
type OperationInit<Types> = {
  [C in keyof Types]: OperationOf<C, RequestInitOf<Types[C]>>;
}[keyof Types];

interface OperationOf<C, Body> {
  readonly type: C;
  readonly body: Body;
}

/** One part of a multi. */
export type MultiOperation = Operation<MultiOperationTypes>;
/** One part of a multi, as the encoder takes it. */
export type MultiOperationInit = OperationInit<MultiOperationTypes>;
/** One part of a multiRead. */
export type MultiReadOperation = Operation<MultiReadOperationTypes>;
/** One part of a multiRead, as the encoder takes it. */
export type MultiReadOperationInit = OperationInit<MultiReadOperationTypes>;

/** A part that succeeded. */
interface MultiSuccess<C, Body> {
  readonly ok: true;
  readonly type: C;
  readonly body: Body;
}

/**
 * A part that failed, or that a failed multi undid. When a multi fails, the parts
 * before the culprit have error 0, the culprit has its reason, and the parts
 * after it have ErrorCode.RUNTIMEINCONSISTENCY.
 */
export interface MultiFailure {
  readonly ok: false;
  readonly type: typeof OpCode.error;
  readonly err: number;
}

type Result<Types> =
  { [C in keyof Types]: MultiSuccess<C, RecordOf<Types[C]>> }[keyof Types] | MultiFailure;
type ResultInit<Types> =
  { [C in keyof Types]: MultiSuccess<C, InitOf<Types[C]>> }[keyof Types] | MultiFailure;

/** The result of one part of a multi. */
export type MultiResult = Result<MultiResultTypes>;
/** The result of one part of a multi, as the encoder takes it. */
export type MultiResultInit = ResultInit<MultiResultTypes>;
/** The result of one part of a multiRead. */
export type MultiReadResult = Result<MultiReadResultTypes>;
/** The result of one part of a multiRead, as the encoder takes it. */
export type MultiReadResultInit = ResultInit<MultiReadResultTypes>;

/** A list that is ready to be written: nothing of the caller's code runs any more. */
export type PreparedParts = readonly {
  readonly header: MultiHeader;
  readonly record: JuteRecord | null;
}[];

/**
 * Turns the parts of a request into records. Throws UnknownOpCodeError for a part that this op cannot
 * hold, and JuteEncodeError for what is no list of parts or lacks what no request may lack.
 */
export function prepareOperations(
  op: MultiOpCode,
  operations: readonly OperationOf<number, unknown>[],
): PreparedParts {
  const types = operationTypes[op];
  return listOfParts(operations, "operations").map(({ type, body }) => ({
    header: new MultiHeader({ type, done: false, err: UNUSED_ERROR }),
    record: requestRecordFrom(partTypeOf(types, type, "multi request"), body),
  }));
}

/**
 * Turns the parts of a response into records. Throws UnknownOpCodeError for a part that this op cannot
 * hold, and JuteEncodeError for what is no list of parts.
 */
export function prepareResults(
  op: MultiOpCode,
  results: readonly (MultiSuccess<number, unknown> | MultiFailure)[],
): PreparedParts {
  const types = resultTypes[op];
  return listOfParts(results, "results").map((result) => {
    if (!result.ok) {
      const { type, err } = result;
      return {
        header: new MultiHeader({ type, done: false, err }),
        record: new ErrorResponse({ err }),
      };
    }
    const recordType = partTypeOf(types, result.type, "multi response");
    return {
      header: new MultiHeader({ type: result.type, done: false, err: 0 }),
      record: recordType === null ? null : recordFrom(recordType, result.body),
    };
  });
}

/** Writes the parts and the header that ends the list. */
export function writeParts(output: BinaryOutputArchive, parts: PreparedParts): void {
  for (const { header, record } of parts) {
    writeHeader(output, MultiHeader, header);
    if (record !== null) output.writeRecord(record);
  }
  MultiHeader.write(output, new MultiHeader({ type: -1, done: true, err: UNUSED_ERROR }));
}

/** Reads the parts of a request up to the header that ends the list. */
export function readOperations(
  input: BinaryInputArchive,
  op: MultiOpCode,
): OperationOf<number, JuteRecord>[] {
  const operations: OperationOf<number, JuteRecord>[] = [];
  for (;;) {
    const { type, done } = input.readRecord(MultiHeader);
    if (done) return operations;
    const recordType = partTypeOf(operationTypes[op], type, "multi request");
    operations.push({ type, body: input.readRecord(recordType) });
  }
}

/** Reads the parts of a response up to the header that ends the list. */
export function readResults(
  input: BinaryInputArchive,
  op: MultiOpCode,
): (MultiSuccess<number, JuteRecord | null> | MultiFailure)[] {
  const results: (MultiSuccess<number, JuteRecord | null> | MultiFailure)[] = [];
  for (;;) {
    const { type, done } = input.readRecord(MultiHeader);
    if (done) return results;
    if (type === OpCode.error) {
      // The header repeats the code; Java's client believes the record.
      results.push({ ok: false, type, err: input.readRecord(ErrorResponse).err });
    } else {
      const recordType = partTypeOf(resultTypes[op], type, "multi response");
      const body = recordType === null ? null : input.readRecord(recordType);
      results.push({ ok: true, type, body });
    }
  }
}

/** The record of a part of such a request; undefined if it cannot have one with this op code. */
export function multiOperationRecordType(op: MultiOpCode, type: number): AnyRecordType | undefined {
  return operationTypes[op][type];
}

/** The record of a part of such a response: null where the part's header is all, undefined if it cannot have one with this op code. */
export function multiResultRecordType(
  op: MultiOpCode,
  type: number,
): AnyRecordType | null | undefined {
  if (type === OpCode.error) return ErrorResponse;
  return resultTypes[op][type];
}

/** The ops whose body is a list of parts. */
export type MultiOpCode = typeof OpCode.multi | typeof OpCode.multiRead;

/** Tells a multi from the ops whose body is one record. */
export function isMultiOpCode(type: number): type is MultiOpCode {
  return type === OpCode.multi || type === OpCode.multiRead;
}

function partTypeOf<T>(types: Readonly<Record<number, T>>, type: number, place: OpCodePlace): T {
  const recordType = types[type];
  if (recordType === undefined) throw new UnknownOpCodeError(type, place);
  return recordType;
}

const changeTypes: MultiOperationTypes = {
  [OpCode.create]: CreateRequest,
  [OpCode.create2]: CreateRequest,
  [OpCode.createContainer]: CreateRequest,
  [OpCode.createTTL]: CreateTTLRequest,
  [OpCode.delete]: DeleteRequest,
  [OpCode.setData]: SetDataRequest,
  [OpCode.check]: CheckVersionRequest,
};

const readTypes: MultiReadOperationTypes = {
  [OpCode.getData]: GetDataRequest,
  [OpCode.getChildren]: GetChildrenRequest,
};

const changeResultTypes: MultiResultTypes = {
  [OpCode.create]: CreateResponse,
  [OpCode.create2]: Create2Response,
  [OpCode.delete]: null,
  [OpCode.setData]: SetDataResponse,
  [OpCode.check]: null,
};

const readResultTypes: MultiReadResultTypes = {
  [OpCode.getData]: GetDataResponse,
  [OpCode.getChildren]: GetChildrenResponse,
};

const operationTypes: Readonly<Record<MultiOpCode, Readonly<Record<number, AnyRecordType>>>> = {
  [OpCode.multi]: changeTypes,
  [OpCode.multiRead]: readTypes,
};

const resultTypes: Readonly<Record<MultiOpCode, Readonly<Record<number, AnyRecordType | null>>>> = {
  [OpCode.multi]: changeResultTypes,
  [OpCode.multiRead]: readResultTypes,
};

/** What Java writes where an error code has no meaning. */
const UNUSED_ERROR = -1;
