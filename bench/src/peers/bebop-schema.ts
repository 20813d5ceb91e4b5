/**
 * The messages as bebop's generator writes structs: a writer and a reader for each
 * over the shared BebopView. Where Jute has a null list this has an empty one:
 * bebop structs have no null.
 */
import type { BebopView } from "bebop";
import type {
  AclRecord,
  ChildrenRecord,
  CreateRequestRecord,
  GetDataReplyRecord,
  IdRecord,
  MultiHeaderRecord,
  MultiRecord,
  QuorumPacketRecord,
  ReplyHeaderRecord,
  SetDataRecord,
  Shape,
  Shapes,
  StatRecord,
} from "../workloads.js";

export interface Codec<T> {
  encodeInto(record: T, view: BebopView): void;
  readFrom(view: BebopView): T;
}

const Id: Codec<IdRecord> = {
  encodeInto(record, view) {
    view.writeString(record.scheme);
    view.writeString(record.id);
  },
  readFrom(view) {
    const field0 = view.readString();
    const field1 = view.readString();
    return { scheme: field0, id: field1 };
  },
};

const Acl: Codec<AclRecord> = {
  encodeInto(record, view) {
    view.writeInt32(record.perms);
    Id.encodeInto(record.id, view);
  },
  readFrom(view) {
    const field0 = view.readInt32();
    const field1 = Id.readFrom(view);
    return { perms: field0, id: field1 };
  },
};

const CreateRequest: Codec<CreateRequestRecord> = {
  encodeInto(record, view) {
    view.writeString(record.path);
    view.writeBytes(record.data);
    const length0 = record.acl.length;
    view.writeUint32(length0);
    for (let i0 = 0; i0 < length0; i0++) Acl.encodeInto(record.acl[i0] as AclRecord, view);
    view.writeInt32(record.flags);
  },
  readFrom(view) {
    const field0 = view.readString();
    const field1 = view.readBytes();
    const length0 = view.readUint32();
    const field2 = new Array<AclRecord>(length0);
    for (let i0 = 0; i0 < length0; i0++) field2[i0] = Acl.readFrom(view);
    const field3 = view.readInt32();
    return { path: field0, data: field1, acl: field2, flags: field3 };
  },
};

const Stat: Codec<StatRecord> = {
  encodeInto(record, view) {
    view.writeInt64(record.czxid);
    view.writeInt64(record.mzxid);
    view.writeInt64(record.ctime);
    view.writeInt64(record.mtime);
    view.writeInt32(record.version);
    view.writeInt32(record.cversion);
    view.writeInt32(record.aversion);
    view.writeInt64(record.ephemeralOwner);
    view.writeInt32(record.dataLength);
    view.writeInt32(record.numChildren);
    view.writeInt64(record.pzxid);
  },
  readFrom(view) {
    const field0 = view.readInt64();
    const field1 = view.readInt64();
    const field2 = view.readInt64();
    const field3 = view.readInt64();
    const field4 = view.readInt32();
    const field5 = view.readInt32();
    const field6 = view.readInt32();
    const field7 = view.readInt64();
    const field8 = view.readInt32();
    const field9 = view.readInt32();
    const field10 = view.readInt64();
    return {
      czxid: field0,
      mzxid: field1,
      ctime: field2,
      mtime: field3,
      version: field4,
      cversion: field5,
      aversion: field6,
      ephemeralOwner: field7,
      dataLength: field8,
      numChildren: field9,
      pzxid: field10,
    };
  },
};

const ReplyHeader: Codec<ReplyHeaderRecord> = {
  encodeInto(record, view) {
    view.writeInt32(record.xid);
    view.writeInt64(record.zxid);
    view.writeInt32(record.err);
  },
  readFrom(view) {
    const field0 = view.readInt32();
    const field1 = view.readInt64();
    const field2 = view.readInt32();
    return { xid: field0, zxid: field1, err: field2 };
  },
};

const GetDataReply: Codec<GetDataReplyRecord> = {
  encodeInto(record, view) {
    ReplyHeader.encodeInto(record.header, view);
    view.writeBytes(record.body.data);
    Stat.encodeInto(record.body.stat, view);
  },
  readFrom(view) {
    const field0 = ReplyHeader.readFrom(view);
    const field1 = view.readBytes();
    const field2 = Stat.readFrom(view);
    return { header: field0, body: { data: field1, stat: field2 } };
  },
};

const GetChildrenResponse: Codec<ChildrenRecord> = {
  encodeInto(record, view) {
    const length0 = record.children.length;
    view.writeUint32(length0);
    for (let i0 = 0; i0 < length0; i0++) view.writeString(record.children[i0] as string);
  },
  readFrom(view) {
    const length0 = view.readUint32();
    const field0 = new Array<string>(length0);
    for (let i0 = 0; i0 < length0; i0++) field0[i0] = view.readString();
    return { children: field0 };
  },
};

const QuorumPacket: Codec<QuorumPacketRecord> = {
  encodeInto(record, view) {
    view.writeInt32(record.type);
    view.writeInt64(record.zxid);
    view.writeBytes(record.data);
    const authinfo = record.authinfo ?? [];
    const length0 = authinfo.length;
    view.writeUint32(length0);
    for (let i0 = 0; i0 < length0; i0++) Id.encodeInto(authinfo[i0] as IdRecord, view);
  },
  readFrom(view) {
    const field0 = view.readInt32();
    const field1 = view.readInt64();
    const field2 = view.readBytes();
    const length0 = view.readUint32();
    const field3 = new Array<IdRecord>(length0);
    for (let i0 = 0; i0 < length0; i0++) field3[i0] = Id.readFrom(view);
    return { type: field0, zxid: field1, data: field2, authinfo: field3 };
  },
};

const MultiHeader: Codec<MultiHeaderRecord> = {
  encodeInto(record, view) {
    view.writeInt32(record.type);
    view.writeByte(Number(record.done));
    view.writeInt32(record.err);
  },
  readFrom(view) {
    const field0 = view.readInt32();
    const field1 = !!view.readByte();
    const field2 = view.readInt32();
    return { type: field0, done: field1, err: field2 };
  },
};

const Multi: Codec<MultiRecord> = {
  encodeInto(record, view) {
    const length0 = record.ops.length;
    view.writeUint32(length0);
    for (let i0 = 0; i0 < length0; i0++) {
      const op = record.ops[i0] as MultiRecord["ops"][number];
      MultiHeader.encodeInto(op.header, view);
      CreateRequest.encodeInto(op.request, view);
    }
  },
  readFrom(view) {
    const length0 = view.readUint32();
    const field0 = new Array<MultiRecord["ops"][number]>(length0);
    for (let i0 = 0; i0 < length0; i0++) {
      field0[i0] = {
        header: MultiHeader.readFrom(view),
        request: CreateRequest.readFrom(view),
      };
    }
    return { ops: field0 };
  },
};

const SetDataRequest: Codec<SetDataRecord> = {
  encodeInto(record, view) {
    view.writeString(record.path);
    view.writeBytes(record.data);
    view.writeInt32(record.version);
  },
  readFrom(view) {
    const field0 = view.readString();
    const field1 = view.readBytes();
    const field2 = view.readInt32();
    return { path: field0, data: field1, version: field2 };
  },
};

export const CODECS: { readonly [S in Shape]: Codec<Shapes[S]> } = {
  CreateRequest,
  Stat,
  ReplyHeader,
  GetDataReply,
  GetChildrenResponse,
  QuorumPacket,
  Multi,
  SetDataRequest,
};
