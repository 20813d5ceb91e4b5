/**
 * Jute as one would write it in an afternoon: a DataView, TextEncoder, TextDecoder,
 * a growing buffer. It is the yardstick of the regression guard, so it is frozen:
 * tuning it would move every ratio that the guard has on record.
 */
import type {
  ChildrenRecord,
  CreateRequestRecord,
  ReplyHeaderRecord,
  StatRecord,
} from "../workloads.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class PlainWriter {
  bytes: Uint8Array = new Uint8Array(256);
  view: DataView = new DataView(this.bytes.buffer);
  position = 0;

  reset(): void {
    this.position = 0;
  }

  /** A copy of what was written. */
  result(): Uint8Array {
    return this.bytes.slice(0, this.position);
  }

  int(value: number): void {
    this.room(4);
    this.view.setInt32(this.position, value);
    this.position += 4;
  }

  long(value: bigint): void {
    this.room(8);
    this.view.setBigInt64(this.position, value);
    this.position += 8;
  }

  buffer(value: Uint8Array): void {
    this.int(value.length);
    this.room(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  string(value: string): void {
    this.buffer(encoder.encode(value));
  }

  private room(size: number): void {
    if (this.position + size <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.position + size));
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

export class PlainReader {
  private readonly view: DataView;
  private position = 0;

  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int(): number {
    const value = this.view.getInt32(this.position);
    this.position += 4;
    return value;
  }

  long(): bigint {
    const value = this.view.getBigInt64(this.position);
    this.position += 8;
    return value;
  }

  buffer(): Uint8Array {
    const length = this.int();
    const end = this.position + length;
    if (length < 0 || end > this.bytes.length) throw new RangeError("A length is out of range");
    const value = this.bytes.subarray(this.position, end);
    this.position = end;
    return value;
  }

  string(): string {
    return decoder.decode(this.buffer());
  }
}

export interface PlainCodec<T> {
  write(writer: PlainWriter, record: T): void;
  read(reader: PlainReader): T;
}

export const plainStat: PlainCodec<StatRecord> = {
  write(writer, record) {
    writer.long(record.czxid);
    writer.long(record.mzxid);
    writer.long(record.ctime);
    writer.long(record.mtime);
    writer.int(record.version);
    writer.int(record.cversion);
    writer.int(record.aversion);
    writer.long(record.ephemeralOwner);
    writer.int(record.dataLength);
    writer.int(record.numChildren);
    writer.long(record.pzxid);
  },
  read: (reader) => ({
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long(),
  }),
};

export const plainReplyHeader: PlainCodec<ReplyHeaderRecord> = {
  write(writer, record) {
    writer.int(record.xid);
    writer.long(record.zxid);
    writer.int(record.err);
  },
  read: (reader) => ({ xid: reader.int(), zxid: reader.long(), err: reader.int() }),
};

export const plainCreateRequest: PlainCodec<CreateRequestRecord> = {
  write(writer, record) {
    writer.string(record.path);
    writer.buffer(record.data);
    writer.int(record.acl.length);
    for (const { perms, id } of record.acl) {
      writer.int(perms);
      writer.string(id.scheme);
      writer.string(id.id);
    }
    writer.int(record.flags);
  },
  read: (reader) => ({
    path: reader.string(),
    data: reader.buffer(),
    acl: Array.from({ length: reader.int() }, () => ({
      perms: reader.int(),
      id: { scheme: reader.string(), id: reader.string() },
    })),
    flags: reader.int(),
  }),
};

export const plainChildren: PlainCodec<ChildrenRecord> = {
  write(writer, record) {
    writer.int(record.children.length);
    for (const child of record.children) writer.string(child);
  },
  read: (reader) => ({ children: Array.from({ length: reader.int() }, () => reader.string()) }),
};
