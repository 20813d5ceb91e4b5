/**
 * Fury, whose schema is data and whose code is made at start. The newest version on npm is an old
 * one from before it became Apache Fory; its addon for strings is not published, so it runs
 * without, on Buffers. `useSliceString` is the setting that it recommends for Node 20 and later.
 * Its `int64` and `uint64` do not survive (2^40 comes back as 0), so longs are doubles.
 */
import fury, { Type, type TypeDescription } from "@furyjs/fury";
import type { Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { bufferInputs, copies } from "./peer.js";
import { fieldsOf, longsAsNumbers, mapScalars, type FieldType } from "./schema.js";

/** What is used of a registered type. */
interface Codec {
  serialize(record: unknown): Uint8Array;
  serializeVolatile(record: unknown): { get(): Uint8Array; dispose(): void };
  deserialize(bytes: Uint8Array): unknown;
}

// Node imports a CommonJS module, of which the default export is a property; others import that.
type FuryClass = typeof fury.default;
const Fury = typeof fury === "function" ? (fury as FuryClass) : fury.default;

export async function furyPeer(): Promise<Peer> {
  const touch = await ownTouch("fury");
  const instance = new Fury({ refTracking: false, useSliceString: true });
  return {
    name: "fury",
    jute: false,
    // It numbers the types in a message, and goes on counting in the next one.
    varying: true,
    prepare(workload: Workload): PeerCase {
      const type: FieldType = { kind: "record", record: workload.shape };
      const encoded: Uint8Array[] = [];
      const timed = ownCode(
        (
          own: Codec,
          given: readonly unknown[],
          received: readonly Uint8Array[],
          touchFields: (record: unknown) => void,
        ) => {
          const reuse = (index: number): Uint8Array => {
            const owned = own.serializeVolatile(given[index & 3]);
            const view = owned.get();
            owned.dispose();
            return view;
          };
          return {
            encode: (index: number): Uint8Array => own.serialize(given[index & 3]),
            reuse,
            decode(index: number): unknown {
              const record = own.deserialize(received[index & 3] as Uint8Array);
              touchFields(record);
              return record;
            },
          };
        },
      )(
        instance.registerSerializer(describe(type)),
        copies(workload).map((record) => mapScalars(type, record, longsAsNumbers)),
        encoded,
        touch(workload.shape),
      );
      encoded.push(...bufferInputs(workload, timed.encode(0)));
      return { ...timed, decoded: () => timed.decode(0) };
    },
  };
}

function describe(type: FieldType): TypeDescription {
  switch (type.kind) {
    case "scalar":
      return SCALARS[type.scalar]();
    case "list":
      return Type.array(describe(type.item));
    case "record":
      return Type.object(
        `zk.${type.record}`,
        Object.fromEntries(
          fieldsOf(type.record).map((field) => [field.name, describe(field.type)]),
        ),
      );
  }
}

const SCALARS = {
  string: () => Type.string(),
  bytes: () => Type.binary(),
  int: () => Type.int32(),
  long: () => Type.double(),
  bool: () => Type.bool(),
};
