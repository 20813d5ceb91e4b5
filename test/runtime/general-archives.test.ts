/**
 * Generated classes with an archive that is not binary: a list of calls. What
 * they write to it, and what they read back, is independent of the wire.
 */
import { describe, expect, it } from "vitest";
import {
  type AnyRecordType,
  type InputArchive,
  JuteEncodeError,
  type JuteRecord,
  type OutputArchive,
  readFields,
  type StringEncoding,
} from "@jute-ts/runtime";
import { CreateRequest, LearnerInfo } from "@jute-ts/zookeeper";

type Call = readonly [name: string, tag: string, value?: unknown];

class CallRecorder implements OutputArchive {
  readonly maxDepth = 64;
  readonly strings: StringEncoding = "utf8";
  readonly calls: Call[] = [];

  writeBool = this.#record("bool");
  writeByte = this.#record("byte");
  writeInt = this.#record("int");
  writeLong = this.#record("long");
  writeFloat = this.#record("float");
  writeDouble = this.#record("double");
  writeString = this.#record("string");
  writeBuffer = this.#record("buffer");
  startVector = this.#record("vector");
  startMap = this.#record("map");
  endVector = this.#end("end vector");
  endMap = this.#end("end map");

  writeRecord(record: JuteRecord, tag?: string): void {
    record.serialize(this, tag);
  }

  startRecord(_record: JuteRecord, tag = ""): void {
    this.calls.push(["record", tag]);
  }

  endRecord(_record: JuteRecord, tag = ""): void {
    this.calls.push(["end record", tag]);
  }

  #record(name: string) {
    return (value: unknown, tag = ""): void => {
      this.calls.push([name, tag, value]);
    };
  }

  #end(name: string) {
    return (tag = ""): void => {
      this.calls.push([name, tag]);
    };
  }
}

/** Gives back the values of a recording, in order, whatever their tags. */
class CallPlayer implements InputArchive {
  readonly #values: unknown[];

  constructor(calls: readonly Call[]) {
    this.#values = calls.filter(([name]) => !/record|end/.test(name)).map(([, , value]) => value);
  }

  readBool = (): boolean => this.#next() as boolean;
  readByte = (): number => this.#next() as number;
  readInt = (): number => this.#next() as number;
  readLong = (): bigint => this.#next() as bigint;
  readFloat = (): number => this.#next() as number;
  readDouble = (): number => this.#next() as number;
  readString = (): string | null => this.#next() as string | null;
  readBuffer = (): Uint8Array | null => this.#next() as Uint8Array | null;
  readBufferField = this.readBuffer;
  startVector = this.readInt;
  startMap = this.readInt;

  readRecord<T extends JuteRecord>(type: AnyRecordType<T>): T {
    return readFields(type, this);
  }

  nonNull<T>(value: T | null): T {
    if (value === null) throw new Error("null");
    return value;
  }

  atEnd = (): boolean => this.#values.length === 0;
  startRecord = ignore;
  endRecord = ignore;
  endVector = ignore;
  endMap = ignore;
  enter = ignore;
  leave = ignore;

  #next(): unknown {
    return this.#values.shift();
  }
}

function ignore(): void {
  // Only the values matter here.
}

describe("an archive of one's own", () => {
  const request = new CreateRequest({
    path: "/a",
    data: null,
    acl: [{ perms: 31, id: { scheme: "world", id: "anyone" } }],
    flags: 1,
  });

  it("sees every field with its name", () => {
    const archive = new CallRecorder();
    request.serialize(archive, "request");
    expect(archive.calls).toEqual([
      ["record", "request"],
      ["string", "path", "/a"],
      ["buffer", "data", null],
      ["vector", "acl", 1],
      ["record", "e1"],
      ["int", "perms", 31],
      ["record", "id"],
      ["string", "scheme", "world"],
      ["string", "id", "anyone"],
      ["end record", "id"],
      ["end record", "e1"],
      ["end vector", "acl"],
      ["int", "flags", 1],
      ["end record", "request"],
    ]);
  });

  it("fills a record that exists", () => {
    const archive = new CallRecorder();
    request.serialize(archive);
    const copy = new CreateRequest({ path: "old" });
    copy.deserialize(new CallPlayer(archive.calls));
    expect(copy.equals(request)).toBe(true);
  });

  it("leaves out absent optional fields, and refuses one behind a gap", () => {
    const archive = new CallRecorder();
    new LearnerInfo({ serverid: 5n, protocolVersion: 1 }).serialize(archive);
    expect(archive.calls.map(([name]) => name)).toEqual(["record", "long", "int", "end record"]);
    const read = new LearnerInfo();
    read.deserialize(new CallPlayer(archive.calls));
    expect(read.toJSON()).toEqual({ serverid: "5", protocolVersion: 1 });
    const gap = new LearnerInfo({ serverid: 5n, configVersion: 7n });
    for (const attempt of [
      () => {
        gap.serialize(new CallRecorder());
      },
      () => gap.encode(),
    ]) {
      expect(attempt).toThrow(JuteEncodeError);
      expect(attempt).toThrow(/configVersion/);
    }
  });
});
