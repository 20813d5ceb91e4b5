/**
 * @bare-ts/lib, with functions as @bare-ts/tools emits them. Its generated `encode` makes a cursor
 * for each message; reusing one is what its API allows beyond that. Version 0.6.0 writes the
 * length of bytes wrongly from 16,384 on (`writeUintSafe32`), so it lacks the bulk workload.
 */
import * as bare from "@bare-ts/lib";
import type { Shape, Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { copies, inputs } from "./peer.js";
import { RECORD_NAMES, fieldsOf, type FieldType } from "./schema.js";

interface Codec {
  write(cursor: bare.ByteCursor, record: unknown): void;
  read(cursor: bare.ByteCursor): unknown;
}

export async function barePeer(): Promise<Peer> {
  const touch = await ownTouch("bare-ts");
  const kept = new bare.ByteCursor(new Uint8Array(64 * 1024), bare.Config({}));
  return {
    name: "bare-ts",
    jute: false,
    prepare(workload: Workload): PeerCase | undefined {
      if (workload.bulk) return undefined;
      const encoded: Uint8Array[] = [];
      const timed = ownCode(
        (
          own: Codec,
          Cursor: typeof bare.ByteCursor,
          config: bare.Config,
          target: bare.ByteCursor,
          given: readonly unknown[],
          received: readonly Uint8Array[],
          touchFields: (record: unknown) => void,
        ) => ({
          encode(index: number): Uint8Array {
            const cursor = new Cursor(new Uint8Array(config.initialBufferLength), config);
            own.write(cursor, given[index & 3]);
            return new Uint8Array(cursor.bytes.buffer, cursor.bytes.byteOffset, cursor.offset);
          },
          reuse(index: number): Uint8Array {
            target.offset = 0;
            own.write(target, given[index & 3]);
            return new Uint8Array(target.bytes.buffer, target.bytes.byteOffset, target.offset);
          },
          write(index: number): number {
            target.offset = 0;
            own.write(target, given[index & 3]);
            return target.offset;
          },
          decode(index: number): unknown {
            const cursor = new Cursor(received[index & 3] as Uint8Array, config);
            const record = own.read(cursor);
            if (cursor.offset < cursor.view.byteLength) throw new Error("remaining bytes");
            touchFields(record);
            return record;
          },
        }),
      )(
        codecOf(workload.shape),
        bare.ByteCursor,
        bare.Config({}),
        kept,
        copies(workload),
        encoded,
        touch(workload.shape),
      );
      encoded.push(...inputs(workload, timed.encode(0)));
      return { ...timed, decoded: () => timed.decode(0) };
    },
  };
}

/** The functions of all records, with those of one message returned. */
function codecOf(shape: Shape): Codec {
  const source = RECORD_NAMES.map((name) => {
    const fields = fieldsOf(name);
    return `
      function read${name}(bc) {
        return {${fields.map((field) => `${field.name}: ${read(field.type)}`).join(", ")}};
      }
      function write${name}(bc, x) {
        ${fields.map((field) => write(field.type, `x.${field.name}`)).join("\n")}
      }`;
  }).join("\n");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- stands in for a generator
  return new Function(
    "bare",
    `${LISTS}${source}\nreturn { read: read${shape}, write: write${shape} };`,
  )(bare) as Codec;
}

const LISTS = `
  function readList(bc, readItem) {
    const length = bare.readUintSafe(bc);
    if (length === 0) return [];
    const result = [readItem(bc)];
    for (let i = 1; i < length; i++) result[i] = readItem(bc);
    return result;
  }
  function writeList(bc, x, writeItem) {
    bare.writeUintSafe(bc, x.length);
    for (let i = 0; i < x.length; i++) writeItem(bc, x[i]);
  }`;

const SCALARS = { string: "String", bytes: "U8Array", int: "I32", long: "I64", bool: "Bool" };

function functionOf(verb: "read" | "write", type: FieldType): string {
  if (type.kind === "record") return `${verb}${type.record}`;
  if (type.kind === "scalar") return `bare.${verb}${SCALARS[type.scalar]}`;
  throw new Error("No message has a list of lists");
}

function read(type: FieldType): string {
  if (type.kind !== "list") return `${functionOf("read", type)}(bc)`;
  const whole = `readList(bc, ${functionOf("read", type.item)})`;
  return type.nullable ? `bare.readBool(bc) ? ${whole} : null` : whole;
}

function write(type: FieldType, value: string): string {
  if (type.kind !== "list") return `${functionOf("write", type)}(bc, ${value});`;
  const whole = `writeList(bc, ${value}, ${functionOf("write", type.item)});`;
  return type.nullable
    ? `bare.writeBool(bc, ${value} !== null); if (${value} !== null) ${whole}`
    : whole;
}
