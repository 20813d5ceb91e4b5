/**
 * Reads every field of a decoded message, so that lazy decoders do the work that
 * a user would make them do. Field values go into a sink that outlives the call,
 * so that the optimizer cannot skip the reads.
 *
 * Each peer imports this module under its own query (`touch.js?avsc`) and so gets
 * its own copy of the functions: objects of one peer never make another peer's
 * property reads polymorphic.
 */
import type {
  ChildrenRecord,
  CreateRequestRecord,
  GetDataReplyRecord,
  IdRecord,
  MultiRecord,
  QuorumPacketRecord,
  ReplyHeaderRecord,
  SetDataRecord,
  Shape,
  StatRecord,
} from "../workloads.js";

/** The records as peers return them: longs of any type, null where a list is absent. */
type Loose<T> = T extends bigint
  ? unknown
  : T extends Uint8Array
    ? Uint8Array
    : T extends (infer Item)[]
      ? Loose<Item>[]
      : T extends object
        ? { [Key in keyof T]: Loose<T[Key]> }
        : T;

const sink: unknown[] = new Array<unknown>(8).fill(undefined);
let total = 0;

function touchString(text: string | null): void {
  sink[0] = text;
  total = (total + (text?.length ?? 0)) | 0;
}

function touchBytes(bytes: Uint8Array | null): void {
  sink[1] = bytes;
  total = (total + (bytes?.length ?? 0)) | 0;
}

function touchInt(value: number): void {
  total = (total + value) | 0;
}

function touchId(id: Loose<IdRecord>): void {
  touchString(id.scheme);
  touchString(id.id);
}

function touchCreateRequest(record: Loose<CreateRequestRecord>): void {
  touchString(record.path);
  touchBytes(record.data);
  for (const acl of record.acl) {
    touchInt(acl.perms);
    touchId(acl.id);
  }
  touchInt(record.flags);
}

function touchStat(record: Loose<StatRecord>): void {
  sink[2] = record.czxid;
  sink[3] = record.mzxid;
  sink[4] = record.ctime;
  sink[5] = record.mtime;
  touchInt(record.version);
  touchInt(record.cversion);
  touchInt(record.aversion);
  sink[6] = record.ephemeralOwner;
  touchInt(record.dataLength);
  touchInt(record.numChildren);
  sink[7] = record.pzxid;
}

function touchReplyHeader(record: Loose<ReplyHeaderRecord>): void {
  touchInt(record.xid);
  sink[2] = record.zxid;
  touchInt(record.err);
}

function touchGetDataReply(record: Loose<GetDataReplyRecord>): void {
  touchReplyHeader(record.header);
  touchBytes(record.body.data);
  touchStat(record.body.stat);
}

function touchChildren(record: Loose<ChildrenRecord>): void {
  const children = record.children;
  for (let i = 0; i < children.length; i++) touchString(children[i] ?? null);
}

function touchQuorumPacket(record: Loose<QuorumPacketRecord>): void {
  touchInt(record.type);
  sink[2] = record.zxid;
  touchBytes(record.data);
  const authinfo = record.authinfo as Loose<IdRecord>[] | null | undefined;
  if (authinfo !== null && authinfo !== undefined) for (const id of authinfo) touchId(id);
}

function touchMulti(record: Loose<MultiRecord>): void {
  for (const op of record.ops) {
    touchInt(op.header.type);
    sink[3] = op.header.done;
    touchInt(op.header.err);
    touchCreateRequest(op.request);
  }
}

function touchSetData(record: Loose<SetDataRecord>): void {
  touchString(record.path);
  touchBytes(record.data);
  touchInt(record.version);
}

export interface TouchModule {
  readonly touchers: Readonly<Record<Shape, (decoded: never) => void>>;
  touched(): number;
}

export const touchers: TouchModule["touchers"] = {
  CreateRequest: touchCreateRequest,
  Stat: touchStat,
  GetDataReply: touchGetDataReply,
  GetChildrenResponse: touchChildren,
  QuorumPacket: touchQuorumPacket,
  Multi: touchMulti,
  SetDataRequest: touchSetData,
  ReplyHeader: touchReplyHeader,
};

/** Read at the end of a run, so that the sums count as used. */
export function touched(): number {
  return total + sink.filter((value) => value !== undefined).length;
}
