/**
 * compact-encoding, with an encoding for each record as its users write them. Longs are numbers,
 * its fastest choice (`bigint64` calculates with bigints): exact only up to 2^52. It runs on
 * Buffers, which are quicker for it.
 */
import * as compact from "compact-encoding";
import type { Shape, Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { bufferInputs, copies } from "./peer.js";
import { RECORD_NAMES, fieldsOf, longsAsNumbers, mapScalars, type FieldType } from "./schema.js";

type Codec = Parameters<typeof compact.encode<unknown>>[0];
type State = ReturnType<typeof compact.state>;

/** More than any message takes. */
const ROOM = 2 * 1024 * 1024;

export async function compactEncodingPeer(): Promise<Peer> {
  const touch = await ownTouch("compact-encoding");
  const memory = "Buffer" in globalThis ? Buffer.alloc(ROOM) : new Uint8Array(ROOM);
  return {
    name: "compact-encoding",
    jute: false,
    prepare(workload: Workload): PeerCase {
      const records = copies(workload).map((record) =>
        mapScalars({ kind: "record", record: workload.shape }, record, longsAsNumbers),
      );
      const encoded: Uint8Array[] = [];
      const timed = ownCode(
        (
          own: Codec,
          encode: typeof compact.encode<unknown>,
          decode: typeof compact.decode<unknown>,
          state: State,
          into: Uint8Array,
          given: typeof records,
          received: readonly Uint8Array[],
          touchFields: (record: unknown) => void,
        ) => {
          const write = (index: number): number => {
            const record = given[index & 3];
            state.start = 0;
            state.end = 0;
            own.preencode(state, record);
            if (state.end > into.length) throw new RangeError("the memory is too small");
            own.encode(state, record);
            return state.start;
          };
          return {
            encode: (index: number): Uint8Array => encode(own, given[index & 3]),
            write,
            reuse: (index: number): Uint8Array =>
              new Uint8Array(into.buffer, into.byteOffset, write(index)),
            decode(index: number): unknown {
              const record = decode(own, received[index & 3] as Uint8Array);
              touchFields(record);
              return record;
            },
          };
        },
      )(
        codecOf(workload.shape),
        compact.encode,
        compact.decode,
        compact.state(0, 0, memory),
        memory,
        records,
        encoded,
        touch(workload.shape),
      );
      encoded.push(...bufferInputs(workload, timed.encode(0)));
      return { ...timed, decoded: () => timed.decode(0) };
    },
  };
}

/** The encodings of all records, with that of one message returned. */
function codecOf(shape: Shape): Codec {
  const source = RECORD_NAMES.map((name) => {
    const fields = fieldsOf(name);
    const each = (verb: "preencode" | "encode"): string =>
      fields
        .map(({ name: field, type }) => `${encoding(type)}.${verb}(state, m.${field});`)
        .join(" ");
    const lists = fields
      .filter(({ type }) => type.kind === "list")
      .map(({ type }) => `const ${encoding(type)} = ${listEncoding(type)};`);
    return `${[...new Set(lists)].join("\n")}
      const ${name} = {
        preencode(state, m) { ${each("preencode")} },
        encode(state, m) { ${each("encode")} },
        decode(state) {
          return {${fields.map((f) => `${f.name}: ${encoding(f.type)}.decode(state)`).join(", ")}};
        },
      };`;
  }).join("\n");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- stands in for what a user writes
  return new Function("c", `${source}\nreturn ${shape};`)(compact) as Codec;
}

const SCALARS = { string: "string", bytes: "buffer", int: "int", long: "int64", bool: "bool" };

function encoding(type: FieldType): string {
  if (type.kind === "record") return type.record;
  if (type.kind === "scalar") return `c.${SCALARS[type.scalar]}`;
  return `listOf${encoding(type.item).replace("c.", "")}`;
}

/** A flag before it where it may be null. */
function listEncoding(type: FieldType): string {
  if (type.kind !== "list") throw new Error("Not a list");
  const whole = `c.array(${encoding(type.item)})`;
  if (!type.nullable) return whole;
  return `((whole) => ({
    preencode(state, m) { state.end++; if (m !== null) whole.preencode(state, m); },
    encode(state, m) { c.bool.encode(state, m !== null); if (m !== null) whole.encode(state, m); },
    decode(state) { return c.bool.decode(state) ? whole.decode(state) : null; },
  }))(${whole})`;
}
