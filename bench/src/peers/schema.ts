/**
 * The messages as data, for peers whose schema is data or whose code is made from it. What a
 * user's generator would emit is made here at start, from the same descriptions for all of them.
 */
import type { Shape } from "../workloads.js";

type Scalar = "string" | "bytes" | "int" | "long" | "bool";

/** Every record that a message consists of. */
type RecordName = Shape | "Id" | "ACL" | "GetDataResponse" | "MultiHeader" | "Operation";

export type FieldType =
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  | { readonly kind: "record"; readonly record: RecordName }
  | { readonly kind: "list"; readonly item: FieldType; readonly nullable: boolean };

export interface Field {
  readonly name: string;
  readonly type: FieldType;
}

const scalar = (name: Scalar): FieldType => ({ kind: "scalar", scalar: name });
const record = (name: RecordName): FieldType => ({ kind: "record", record: name });
const list = (item: FieldType, nullable = false): FieldType => ({ kind: "list", item, nullable });

const string = scalar("string");
const bytes = scalar("bytes");
const int = scalar("int");
const long = scalar("long");
const bool = scalar("bool");

/** Each record comes after those that it is made of. */
const RECORDS: Readonly<Record<RecordName, Readonly<Record<string, FieldType>>>> = {
  Id: { scheme: string, id: string },
  ACL: { perms: int, id: record("Id") },
  CreateRequest: { path: string, data: bytes, acl: list(record("ACL")), flags: int },
  Stat: {
    czxid: long,
    mzxid: long,
    ctime: long,
    mtime: long,
    version: int,
    cversion: int,
    aversion: int,
    ephemeralOwner: long,
    dataLength: int,
    numChildren: int,
    pzxid: long,
  },
  ReplyHeader: { xid: int, zxid: long, err: int },
  GetDataResponse: { data: bytes, stat: record("Stat") },
  GetDataReply: { header: record("ReplyHeader"), body: record("GetDataResponse") },
  GetChildrenResponse: { children: list(string) },
  QuorumPacket: { type: int, zxid: long, data: bytes, authinfo: list(record("Id"), true) },
  MultiHeader: { type: int, done: bool, err: int },
  Operation: { header: record("MultiHeader"), request: record("CreateRequest") },
  Multi: { ops: list(record("Operation")) },
  SetDataRequest: { path: string, data: bytes, version: int },
};

export const RECORD_NAMES = Object.keys(RECORDS) as readonly RecordName[];

export function fieldsOf(name: RecordName): Field[] {
  return Object.entries(RECORDS[name]).map(([field, type]) => ({ name: field, type }));
}

/** The value with every scalar replaced, for peers that take other types than ours. */
export function mapScalars(
  type: FieldType,
  value: unknown,
  replace: (scalar: Scalar, value: unknown) => unknown,
): unknown {
  if (value === null || value === undefined) return value;
  switch (type.kind) {
    case "scalar":
      return replace(type.scalar, value);
    case "list":
      return (value as unknown[]).map((item) => mapScalars(type.item, item, replace));
    case "record":
      return Object.fromEntries(
        fieldsOf(type.record).map((field) => [
          field.name,
          mapScalars(field.type, (value as Record<string, unknown>)[field.name], replace),
        ]),
      );
  }
}

/** For peers that are quicker with numbers, or have nothing else. */
export function longsAsNumbers(_scalar: Scalar, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
