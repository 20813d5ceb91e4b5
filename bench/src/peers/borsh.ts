/**
 * borsh, which walks a schema. Its checks of schema and types are switched off, its fastest
 * setting. Bytes are an array of numbers when decoded; encoded they may be an ArrayBuffer, which
 * is quicker. It can neither reuse memory nor borrow the input. The bulk workload would take it
 * half a second each time, so it goes without.
 */
import { deserialize, serialize, type Schema } from "borsh";
import type { Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { copies, inputs } from "./peer.js";
import { fieldsOf, mapScalars, type FieldType } from "./schema.js";

export async function borshPeer(): Promise<Peer> {
  const touch = await ownTouch("borsh");
  return {
    name: "borsh",
    jute: false,
    prepare(workload: Workload): PeerCase | undefined {
      if (workload.bulk) return undefined;
      const type: FieldType = { kind: "record", record: workload.shape };
      const records = copies(workload).map((record) => mapScalars(type, record, toArrayBuffer));
      const encoded: Uint8Array[] = [];
      const timed = ownCode(
        (
          schema: Schema,
          write: typeof serialize,
          read: typeof deserialize,
          given: typeof records,
          received: readonly Uint8Array[],
          touchFields: (record: unknown) => void,
        ) => ({
          encode: (index: number): Uint8Array => write(schema, given[index & 3], false),
          decode(index: number): unknown {
            const record = read(schema, received[index & 3] as Uint8Array, false);
            touchFields(record);
            return record;
          },
        }),
      )(schemaOf(type), serialize, deserialize, records, encoded, touch(workload.shape));
      encoded.push(...inputs(workload, timed.encode(0)));
      return { ...timed, decoded: () => timed.decode(0) };
    },
  };
}

const SCALARS: Readonly<Record<string, Schema>> = {
  string: "string",
  bytes: { array: { type: "u8" } },
  int: "i32",
  long: "i64",
  bool: "bool",
};

function schemaOf(type: FieldType): Schema {
  switch (type.kind) {
    case "scalar":
      return SCALARS[type.scalar] ?? type.scalar;
    case "list": {
      const list: Schema = { array: { type: schemaOf(type.item) } };
      return type.nullable ? { option: list } : list;
    }
    case "record":
      return {
        struct: Object.fromEntries(
          fieldsOf(type.record).map((field) => [field.name, schemaOf(field.type)]),
        ),
      };
  }
}

function toArrayBuffer(_scalar: string, value: unknown): unknown {
  return value instanceof Uint8Array ? new Uint8Array(value).buffer : value;
}
