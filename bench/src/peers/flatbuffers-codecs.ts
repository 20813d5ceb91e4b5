/**
 * Fills and reads the FlatBuffers tables. Reading is lazy by design; "every field"
 * means that every accessor was called.
 */
import type * as flatbuffers from "flatbuffers";
import type {
  CreateRequestRecord,
  IdRecord,
  MultiRecord,
  Shape,
  Shapes,
  StatRecord,
} from "../workloads.js";
import * as fb from "./flatbuffers-schema.js";

export interface Codec<T> {
  /** Adds the message to the builder and returns its offset. */
  build(builder: flatbuffers.Builder, record: T): flatbuffers.Offset;
  /** Calls every accessor. */
  touch(buffer: flatbuffers.ByteBuffer): void;
  toRecord(buffer: flatbuffers.ByteBuffer): T;
}

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

export function touchedFlatbuffers(): number {
  return total + sink.filter((value) => value !== undefined).length;
}

function buildId(builder: flatbuffers.Builder, record: IdRecord): flatbuffers.Offset {
  const scheme = builder.createString(record.scheme);
  const id = builder.createString(record.id);
  return fb.Id.createId(builder, scheme, id);
}

function buildCreateRequest(
  builder: flatbuffers.Builder,
  record: CreateRequestRecord,
): flatbuffers.Offset {
  const path = builder.createString(record.path);
  const data = builder.createByteVector(record.data);
  const acls = new Array<flatbuffers.Offset>(record.acl.length);
  for (let i = 0; i < record.acl.length; i++) {
    const acl = record.acl[i] as CreateRequestRecord["acl"][number];
    acls[i] = fb.Acl.createAcl(builder, acl.perms, buildId(builder, acl.id));
  }
  const acl = fb.CreateRequest.createAclVector(builder, acls);
  return fb.CreateRequest.createCreateRequest(builder, path, data, acl, record.flags);
}

function touchCreateRequest(request: fb.CreateRequest): void {
  touchString(request.path());
  touchBytes(request.dataArray());
  for (let i = 0, length = request.aclLength(); i < length; i++) {
    const acl = request.acl(i);
    touchInt(acl?.perms() ?? 0);
    const id = acl?.id();
    touchString(id?.scheme() ?? null);
    touchString(id?.id() ?? null);
  }
  touchInt(request.flags());
}

function toCreateRequest(request: fb.CreateRequest): CreateRequestRecord {
  return {
    path: request.path() ?? "",
    data: request.dataArray() ?? new Uint8Array(0),
    acl: Array.from({ length: request.aclLength() }, (_, i) => ({
      perms: request.acl(i)?.perms() ?? 0,
      id: {
        scheme: request.acl(i)?.id()?.scheme() ?? "",
        id: request.acl(i)?.id()?.id() ?? "",
      },
    })),
    flags: request.flags(),
  };
}

function buildStat(builder: flatbuffers.Builder, record: StatRecord): flatbuffers.Offset {
  return fb.Stat.createStat(
    builder,
    record.czxid,
    record.mzxid,
    record.ctime,
    record.mtime,
    record.version,
    record.cversion,
    record.aversion,
    record.ephemeralOwner,
    record.dataLength,
    record.numChildren,
    record.pzxid,
  );
}

function touchStat(stat: fb.Stat): void {
  sink[2] = stat.czxid();
  sink[3] = stat.mzxid();
  sink[4] = stat.ctime();
  sink[5] = stat.mtime();
  touchInt(stat.version());
  touchInt(stat.cversion());
  touchInt(stat.aversion());
  sink[6] = stat.ephemeralOwner();
  touchInt(stat.dataLength());
  touchInt(stat.numChildren());
  sink[7] = stat.pzxid();
}

function toStat(stat: fb.Stat): StatRecord {
  return {
    czxid: stat.czxid(),
    mzxid: stat.mzxid(),
    ctime: stat.ctime(),
    mtime: stat.mtime(),
    version: stat.version(),
    cversion: stat.cversion(),
    aversion: stat.aversion(),
    ephemeralOwner: stat.ephemeralOwner(),
    dataLength: stat.dataLength(),
    numChildren: stat.numChildren(),
    pzxid: stat.pzxid(),
  };
}

function touchReplyHeader(header: fb.ReplyHeader): void {
  touchInt(header.xid());
  sink[2] = header.zxid();
  touchInt(header.err());
}

export const CODECS: { readonly [S in Shape]: Codec<Shapes[S]> } = {
  CreateRequest: {
    build: buildCreateRequest,
    touch: (buffer) => {
      touchCreateRequest(fb.CreateRequest.getRootAs(buffer));
    },
    toRecord: (buffer) => toCreateRequest(fb.CreateRequest.getRootAs(buffer)),
  },
  Stat: {
    build: buildStat,
    touch: (buffer) => {
      touchStat(fb.Stat.getRootAs(buffer));
    },
    toRecord: (buffer) => toStat(fb.Stat.getRootAs(buffer)),
  },
  ReplyHeader: {
    build: (builder, record) =>
      fb.ReplyHeader.createReplyHeader(builder, record.xid, record.zxid, record.err),
    touch: (buffer) => {
      touchReplyHeader(fb.ReplyHeader.getRootAs(buffer));
    },
    toRecord(buffer) {
      const header = fb.ReplyHeader.getRootAs(buffer);
      return { xid: header.xid(), zxid: header.zxid(), err: header.err() };
    },
  },
  GetDataReply: {
    build(builder, { header, body }) {
      const data = builder.createByteVector(body.data);
      const stat = buildStat(builder, body.stat);
      const response = fb.GetDataResponse.createGetDataResponse(builder, data, stat);
      const reply = fb.ReplyHeader.createReplyHeader(builder, header.xid, header.zxid, header.err);
      return fb.GetDataReply.createGetDataReply(builder, reply, response);
    },
    touch(buffer) {
      const reply = fb.GetDataReply.getRootAs(buffer);
      const header = reply.header();
      if (header !== null) touchReplyHeader(header);
      const body = reply.body();
      touchBytes(body?.dataArray() ?? null);
      const stat = body?.stat();
      if (stat !== null && stat !== undefined) touchStat(stat);
    },
    toRecord(buffer) {
      const reply = fb.GetDataReply.getRootAs(buffer);
      const header = reply.header() ?? new fb.ReplyHeader();
      const body = reply.body() ?? new fb.GetDataResponse();
      return {
        header: { xid: header.xid(), zxid: header.zxid(), err: header.err() },
        body: {
          data: body.dataArray() ?? new Uint8Array(0),
          stat: toStat(body.stat() ?? new fb.Stat()),
        },
      };
    },
  },
  GetChildrenResponse: {
    build(builder, { children }) {
      const names = new Array<flatbuffers.Offset>(children.length);
      for (let i = 0; i < children.length; i++) {
        names[i] = builder.createString(children[i]);
      }
      const vector = fb.GetChildrenResponse.createChildrenVector(builder, names);
      return fb.GetChildrenResponse.createGetChildrenResponse(builder, vector);
    },
    touch(buffer) {
      const response = fb.GetChildrenResponse.getRootAs(buffer);
      const length = response.childrenLength();
      for (let i = 0; i < length; i++) touchString(response.children(i));
    },
    toRecord(buffer) {
      const response = fb.GetChildrenResponse.getRootAs(buffer);
      return {
        children: Array.from(
          { length: response.childrenLength() },
          (_, i) => response.children(i) ?? "",
        ),
      };
    },
  },
  QuorumPacket: {
    build(builder, record) {
      const data = builder.createByteVector(record.data);
      const authinfo =
        record.authinfo === null
          ? 0
          : fb.QuorumPacket.createAuthinfoVector(
              builder,
              record.authinfo.map((id) => buildId(builder, id)),
            );
      return fb.QuorumPacket.createQuorumPacket(builder, record.type, record.zxid, data, authinfo);
    },
    touch(buffer) {
      const packet = fb.QuorumPacket.getRootAs(buffer);
      touchInt(packet.type());
      sink[2] = packet.zxid();
      touchBytes(packet.dataArray());
      for (let i = 0, length = packet.authinfoLength(); i < length; i++) {
        touchString(packet.authinfo(i)?.scheme() ?? null);
        touchString(packet.authinfo(i)?.id() ?? null);
      }
    },
    toRecord(buffer) {
      const packet = fb.QuorumPacket.getRootAs(buffer);
      return {
        type: packet.type(),
        zxid: packet.zxid(),
        data: packet.dataArray() ?? new Uint8Array(0),
        authinfo:
          packet.authinfoLength() === 0
            ? null
            : Array.from({ length: packet.authinfoLength() }, (_, i) => ({
                scheme: packet.authinfo(i)?.scheme() ?? "",
                id: packet.authinfo(i)?.id() ?? "",
              })),
      };
    },
  },
  Multi: {
    build(builder, { ops }) {
      const offsets = new Array<flatbuffers.Offset>(ops.length);
      for (let i = 0; i < ops.length; i++) {
        const { header, request } = ops[i] as MultiRecord["ops"][number];
        const requestOffset = buildCreateRequest(builder, request);
        const headerOffset = fb.MultiHeader.createMultiHeader(
          builder,
          header.type,
          header.done,
          header.err,
        );
        offsets[i] = fb.Operation.createOperation(builder, headerOffset, requestOffset);
      }
      return fb.Multi.createMulti(builder, fb.Multi.createOpsVector(builder, offsets));
    },
    touch(buffer) {
      const multi = fb.Multi.getRootAs(buffer);
      for (let i = 0, length = multi.opsLength(); i < length; i++) {
        const op = multi.ops(i);
        const header = op?.header();
        touchInt(header?.type() ?? 0);
        sink[3] = header?.done();
        touchInt(header?.err() ?? 0);
        const request = op?.request();
        if (request !== null && request !== undefined) touchCreateRequest(request);
      }
    },
    toRecord(buffer) {
      const multi = fb.Multi.getRootAs(buffer);
      return {
        ops: Array.from({ length: multi.opsLength() }, (_, i) => {
          const header = multi.ops(i)?.header() ?? new fb.MultiHeader();
          return {
            header: { type: header.type(), done: header.done(), err: header.err() },
            request: toCreateRequest(multi.ops(i)?.request() ?? new fb.CreateRequest()),
          };
        }),
      };
    },
  },
  SetDataRequest: {
    build(builder, record) {
      const path = builder.createString(record.path);
      const data = builder.createByteVector(record.data);
      return fb.SetDataRequest.createSetDataRequest(builder, path, data, record.version);
    },
    touch(buffer) {
      const request = fb.SetDataRequest.getRootAs(buffer);
      touchString(request.path());
      touchBytes(request.dataArray());
      touchInt(request.version());
    },
    toRecord(buffer) {
      const request = fb.SetDataRequest.getRootAs(buffer);
      return {
        path: request.path() ?? "",
        data: request.dataArray() ?? new Uint8Array(0),
        version: request.version(),
      };
    },
  },
};
