/**
 * FlatBuffers classes for the workloads' messages, written as `flatc --ts` writes
 * them (a table each), but with the `add` functions inside `create`, where the
 * optimizer puts them anyway.
 */
import type { Builder, ByteBuffer, Offset } from "flatbuffers";

const ZERO = BigInt(0);

abstract class Table {
  bb: ByteBuffer | null = null;
  bb_pos = 0;

  __init(position: number, buffer: ByteBuffer): this {
    this.bb_pos = position;
    this.bb = buffer;
    return this;
  }

  protected get buffer(): ByteBuffer {
    if (this.bb === null) throw new Error("The table was not initialized");
    return this.bb;
  }
}

function createOffsetVector(builder: Builder, offsets: readonly Offset[]): Offset {
  builder.startVector(4, offsets.length, 4);
  for (let i = offsets.length - 1; i >= 0; i--) builder.addOffset(offsets[i] as Offset);
  return builder.endVector();
}

export class Id extends Table {
  static getRootAs(bb: ByteBuffer): Id {
    return new Id().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  scheme(): string | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? (bb.__string(this.bb_pos + offset) as string) : null;
  }

  id(): string | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? (bb.__string(this.bb_pos + offset) as string) : null;
  }

  static createId(builder: Builder, scheme: Offset, id: Offset): Offset {
    builder.startObject(2);
    builder.addFieldOffset(0, scheme, 0);
    builder.addFieldOffset(1, id, 0);
    return builder.endObject();
  }
}

export class Acl extends Table {
  static getRootAs(bb: ByteBuffer): Acl {
    return new Acl().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  perms(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  id(): Id | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? new Id().__init(bb.__indirect(this.bb_pos + offset), bb) : null;
  }

  static createAcl(builder: Builder, perms: number, id: Offset): Offset {
    builder.startObject(2);
    builder.addFieldInt32(0, perms, 0);
    builder.addFieldOffset(1, id, 0);
    return builder.endObject();
  }
}

export class CreateRequest extends Table {
  static getRootAs(bb: ByteBuffer): CreateRequest {
    return new CreateRequest().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  path(): string | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? (bb.__string(this.bb_pos + offset) as string) : null;
  }

  dataArray(): Uint8Array | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset
      ? new Uint8Array(
          bb.bytes().buffer,
          bb.bytes().byteOffset + bb.__vector(this.bb_pos + offset),
          bb.__vector_len(this.bb_pos + offset),
        )
      : null;
  }

  acl(index: number): Acl | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 8);
    return offset
      ? new Acl().__init(bb.__indirect(bb.__vector(this.bb_pos + offset) + index * 4), bb)
      : null;
  }

  aclLength(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 8);
    return offset ? bb.__vector_len(this.bb_pos + offset) : 0;
  }

  static createAclVector(builder: Builder, offsets: readonly Offset[]): Offset {
    return createOffsetVector(builder, offsets);
  }

  flags(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 10);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  static createCreateRequest(
    builder: Builder,
    path: Offset,
    data: Offset,
    acl: Offset,
    flags: number,
  ): Offset {
    builder.startObject(4);
    builder.addFieldOffset(0, path, 0);
    builder.addFieldOffset(1, data, 0);
    builder.addFieldOffset(2, acl, 0);
    builder.addFieldInt32(3, flags, 0);
    return builder.endObject();
  }
}

export class Stat extends Table {
  static getRootAs(bb: ByteBuffer): Stat {
    return new Stat().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  czxid(): bigint {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? bb.readInt64(this.bb_pos + offset) : ZERO;
  }

  mzxid(): bigint {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? bb.readInt64(this.bb_pos + offset) : ZERO;
  }

  ctime(): bigint {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 8);
    return offset ? bb.readInt64(this.bb_pos + offset) : ZERO;
  }

  mtime(): bigint {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 10);
    return offset ? bb.readInt64(this.bb_pos + offset) : ZERO;
  }

  version(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 12);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  cversion(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 14);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  aversion(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 16);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  ephemeralOwner(): bigint {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 18);
    return offset ? bb.readInt64(this.bb_pos + offset) : ZERO;
  }

  dataLength(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 20);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  numChildren(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 22);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  pzxid(): bigint {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 24);
    return offset ? bb.readInt64(this.bb_pos + offset) : ZERO;
  }

  static createStat(
    builder: Builder,
    czxid: bigint,
    mzxid: bigint,
    ctime: bigint,
    mtime: bigint,
    version: number,
    cversion: number,
    aversion: number,
    ephemeralOwner: bigint,
    dataLength: number,
    numChildren: number,
    pzxid: bigint,
  ): Offset {
    builder.startObject(11);
    builder.addFieldInt64(0, czxid, ZERO);
    builder.addFieldInt64(1, mzxid, ZERO);
    builder.addFieldInt64(2, ctime, ZERO);
    builder.addFieldInt64(3, mtime, ZERO);
    builder.addFieldInt32(4, version, 0);
    builder.addFieldInt32(5, cversion, 0);
    builder.addFieldInt32(6, aversion, 0);
    builder.addFieldInt64(7, ephemeralOwner, ZERO);
    builder.addFieldInt32(8, dataLength, 0);
    builder.addFieldInt32(9, numChildren, 0);
    builder.addFieldInt64(10, pzxid, ZERO);
    return builder.endObject();
  }
}

export class ReplyHeader extends Table {
  static getRootAs(bb: ByteBuffer): ReplyHeader {
    return new ReplyHeader().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  xid(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  zxid(): bigint {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? bb.readInt64(this.bb_pos + offset) : ZERO;
  }

  err(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 8);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  static createReplyHeader(builder: Builder, xid: number, zxid: bigint, err: number): Offset {
    builder.startObject(3);
    builder.addFieldInt32(0, xid, 0);
    builder.addFieldInt64(1, zxid, ZERO);
    builder.addFieldInt32(2, err, 0);
    return builder.endObject();
  }
}

export class GetDataResponse extends Table {
  static getRootAs(bb: ByteBuffer): GetDataResponse {
    return new GetDataResponse().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  dataArray(): Uint8Array | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset
      ? new Uint8Array(
          bb.bytes().buffer,
          bb.bytes().byteOffset + bb.__vector(this.bb_pos + offset),
          bb.__vector_len(this.bb_pos + offset),
        )
      : null;
  }

  stat(): Stat | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? new Stat().__init(bb.__indirect(this.bb_pos + offset), bb) : null;
  }

  static createGetDataResponse(builder: Builder, data: Offset, stat: Offset): Offset {
    builder.startObject(2);
    builder.addFieldOffset(0, data, 0);
    builder.addFieldOffset(1, stat, 0);
    return builder.endObject();
  }
}

export class GetDataReply extends Table {
  static getRootAs(bb: ByteBuffer): GetDataReply {
    return new GetDataReply().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  header(): ReplyHeader | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? new ReplyHeader().__init(bb.__indirect(this.bb_pos + offset), bb) : null;
  }

  body(): GetDataResponse | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? new GetDataResponse().__init(bb.__indirect(this.bb_pos + offset), bb) : null;
  }

  static createGetDataReply(builder: Builder, header: Offset, body: Offset): Offset {
    builder.startObject(2);
    builder.addFieldOffset(0, header, 0);
    builder.addFieldOffset(1, body, 0);
    return builder.endObject();
  }
}

export class GetChildrenResponse extends Table {
  static getRootAs(bb: ByteBuffer): GetChildrenResponse {
    return new GetChildrenResponse().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  children(index: number): string | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? (bb.__string(bb.__vector(this.bb_pos + offset) + index * 4) as string) : null;
  }

  childrenLength(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? bb.__vector_len(this.bb_pos + offset) : 0;
  }

  static createChildrenVector(builder: Builder, offsets: readonly Offset[]): Offset {
    return createOffsetVector(builder, offsets);
  }

  static createGetChildrenResponse(builder: Builder, children: Offset): Offset {
    builder.startObject(1);
    builder.addFieldOffset(0, children, 0);
    return builder.endObject();
  }
}

export class QuorumPacket extends Table {
  static getRootAs(bb: ByteBuffer): QuorumPacket {
    return new QuorumPacket().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  type(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  zxid(): bigint {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? bb.readInt64(this.bb_pos + offset) : ZERO;
  }

  dataArray(): Uint8Array | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 8);
    return offset
      ? new Uint8Array(
          bb.bytes().buffer,
          bb.bytes().byteOffset + bb.__vector(this.bb_pos + offset),
          bb.__vector_len(this.bb_pos + offset),
        )
      : null;
  }

  authinfo(index: number): Id | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 10);
    return offset
      ? new Id().__init(bb.__indirect(bb.__vector(this.bb_pos + offset) + index * 4), bb)
      : null;
  }

  authinfoLength(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 10);
    return offset ? bb.__vector_len(this.bb_pos + offset) : 0;
  }

  static createAuthinfoVector(builder: Builder, offsets: readonly Offset[]): Offset {
    return createOffsetVector(builder, offsets);
  }

  static createQuorumPacket(
    builder: Builder,
    type: number,
    zxid: bigint,
    data: Offset,
    authinfo: Offset,
  ): Offset {
    builder.startObject(4);
    builder.addFieldInt32(0, type, 0);
    builder.addFieldInt64(1, zxid, ZERO);
    builder.addFieldOffset(2, data, 0);
    builder.addFieldOffset(3, authinfo, 0);
    return builder.endObject();
  }
}

export class MultiHeader extends Table {
  static getRootAs(bb: ByteBuffer): MultiHeader {
    return new MultiHeader().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  type(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  done(): boolean {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? !!bb.readInt8(this.bb_pos + offset) : false;
  }

  err(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 8);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  static createMultiHeader(builder: Builder, type: number, done: boolean, err: number): Offset {
    builder.startObject(3);
    builder.addFieldInt32(0, type, 0);
    builder.addFieldInt8(1, +done, 0);
    builder.addFieldInt32(2, err, 0);
    return builder.endObject();
  }
}

export class Operation extends Table {
  static getRootAs(bb: ByteBuffer): Operation {
    return new Operation().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  header(): MultiHeader | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? new MultiHeader().__init(bb.__indirect(this.bb_pos + offset), bb) : null;
  }

  request(): CreateRequest | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset ? new CreateRequest().__init(bb.__indirect(this.bb_pos + offset), bb) : null;
  }

  static createOperation(builder: Builder, header: Offset, request: Offset): Offset {
    builder.startObject(2);
    builder.addFieldOffset(0, header, 0);
    builder.addFieldOffset(1, request, 0);
    return builder.endObject();
  }
}

export class Multi extends Table {
  static getRootAs(bb: ByteBuffer): Multi {
    return new Multi().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  ops(index: number): Operation | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset
      ? new Operation().__init(bb.__indirect(bb.__vector(this.bb_pos + offset) + index * 4), bb)
      : null;
  }

  opsLength(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? bb.__vector_len(this.bb_pos + offset) : 0;
  }

  static createOpsVector(builder: Builder, offsets: readonly Offset[]): Offset {
    return createOffsetVector(builder, offsets);
  }

  static createMulti(builder: Builder, ops: Offset): Offset {
    builder.startObject(1);
    builder.addFieldOffset(0, ops, 0);
    return builder.endObject();
  }
}

export class SetDataRequest extends Table {
  static getRootAs(bb: ByteBuffer): SetDataRequest {
    return new SetDataRequest().__init(bb.readInt32(bb.position()) + bb.position(), bb);
  }

  path(): string | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 4);
    return offset ? (bb.__string(this.bb_pos + offset) as string) : null;
  }

  dataArray(): Uint8Array | null {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 6);
    return offset
      ? new Uint8Array(
          bb.bytes().buffer,
          bb.bytes().byteOffset + bb.__vector(this.bb_pos + offset),
          bb.__vector_len(this.bb_pos + offset),
        )
      : null;
  }

  version(): number {
    const bb = this.buffer;
    const offset = bb.__offset(this.bb_pos, 8);
    return offset ? bb.readInt32(this.bb_pos + offset) : 0;
  }

  static createSetDataRequest(
    builder: Builder,
    path: Offset,
    data: Offset,
    version: number,
  ): Offset {
    builder.startObject(3);
    builder.addFieldOffset(0, path, 0);
    builder.addFieldOffset(1, data, 0);
    builder.addFieldInt32(2, version, 0);
    return builder.endObject();
  }
}
