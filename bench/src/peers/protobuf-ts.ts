/**
 * protobuf-ts. Its generator emits a class for each message whose methods read and write the
 * fields (`optimize_for = SPEED`, the default); the same is made here from the schema at start.
 * Every message is written by chunks that are joined in the end, so memory cannot be reused.
 */
import * as runtime from "@protobuf-ts/runtime";
import protobuf from "protobufjs";
import type { Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, copies, inputs } from "./peer.js";
import { PROTO_SCHEMA } from "./proto-schema.js";

type MessageType = runtime.MessageType<Record<string, unknown>>;

export async function protobufTsPeer(): Promise<Peer> {
  const touch = await ownTouch("protobuf-ts");
  return {
    name: "protobuf-ts",
    jute: false,
    prepare(workload: Workload): PeerCase {
      const type = typeOf(workload.shape);
      const messages = copies(workload).map((record) => type.create(withoutNulls(record)));
      const encoded = inputs(workload, type.toBinary(at(messages, 0)));
      const timed = ownCode(
        (
          own: MessageType,
          given: typeof messages,
          received: typeof encoded,
          touchFields: (message: unknown) => void,
        ) => ({
          encode: (index: number): Uint8Array =>
            own.toBinary(given[index & 3] as (typeof given)[number]),
          decode(index: number): unknown {
            const message = own.fromBinary(received[index & 3] as Uint8Array);
            touchFields(message);
            return message;
          },
        }),
      )(type, messages, encoded, touch(workload.shape));
      return { ...timed, decoded: () => type.fromBinary(at(encoded, 0)) };
    },
  };
}

/** The classes of all messages, with that of one returned. */
function typeOf(name: string): MessageType {
  const { root } = protobuf.parse(PROTO_SCHEMA, { keepCase: true });
  const messages = (root.nested?.["zk"] as protobuf.Namespace).nestedArray.filter(
    (each) => each instanceof protobuf.Type,
  );
  const source = messages.map(classOf).join("\n");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- stands in for a generator
  return new Function("pb", `${source}\nreturn ${name};`)(runtime) as MessageType;
}

interface Kind {
  readonly method: string;
  readonly wire: number;
  readonly initial: string;
}

const SCALARS: Readonly<Record<string, Kind>> = {
  string: { method: "string", wire: 2, initial: '""' },
  bytes: { method: "bytes", wire: 2, initial: "new Uint8Array(0)" },
  int32: { method: "int32", wire: 0, initial: "0" },
  sint32: { method: "sint32", wire: 0, initial: "0" },
  bool: { method: "bool", wire: 0, initial: "false" },
  sfixed64: { method: "sfixed64", wire: 1, initial: "0n" },
};

function classOf(message: protobuf.Type): string {
  const fields = message.fieldsArray;
  const initial = (field: protobuf.Field): string[] => {
    if (field.repeated) return [`message.${field.name} = [];`];
    const scalar = SCALARS[field.type];
    return scalar === undefined ? [] : [`message.${field.name} = ${scalar.initial};`];
  };
  return `
    const ${message.name} = new (class extends pb.MessageType {
      constructor() { super("zk.${message.name}", [${fields.map(fieldInfo).join(", ")}]); }
      create(value) {
        const message = globalThis.Object.create(this.messagePrototype);
        ${fields.flatMap(initial).join("\n")}
        if (value !== undefined) pb.reflectionMergePartial(this, message, value);
        return message;
      }
      internalBinaryRead(reader, length, options, target) {
        const message = target ?? this.create();
        const end = reader.pos + length;
        while (reader.pos < end) {
          const [fieldNo, wireType] = reader.tag();
          switch (fieldNo) {
            ${fields.map((field) => `case ${String(field.id)}: ${readOf(field)} break;`).join("\n")}
            default:
              const u = options.readUnknownField;
              if (u === "throw") throw new Error("unknown field " + fieldNo);
              const d = reader.skip(wireType);
              if (u !== false)
                (u === true ? pb.UnknownFieldHandler.onRead : u)(this.typeName, message, fieldNo, wireType, d);
          }
        }
        return message;
      }
      internalBinaryWrite(message, writer, options) {
        ${fields.map(writeOf).join("\n")}
        const u = options.writeUnknownFields;
        if (u !== false) (u == true ? pb.UnknownFieldHandler.onWrite : u)(this.typeName, message, writer);
        return writer;
      }
    })();`;
}

function fieldInfo(field: protobuf.Field): string {
  const scalar = SCALARS[field.type];
  // The names of scalar types as its descriptors number them, and bigint for what has 64 bits.
  const kind =
    scalar === undefined
      ? `kind: "message", T: () => ${field.type}${field.repeated ? ", repeat: 2" : ""}`
      : `kind: "scalar", T: pb.ScalarType.${field.type.toUpperCase()}, L: 0${field.repeated ? ", repeat: 2" : ""}`;
  return `{ no: ${String(field.id)}, name: "${field.name}", localName: "${field.name}", ${kind} }`;
}

function readOf(field: protobuf.Field): string {
  const target = `message.${field.name}`;
  const scalar = SCALARS[field.type];
  if (scalar !== undefined) {
    const value = `reader.${scalar.method}()${field.type === "sfixed64" ? ".toBigInt()" : ""}`;
    return field.repeated ? `${target}.push(${value});` : `${target} = ${value};`;
  }
  const read = (into: string): string =>
    `${field.type}.internalBinaryRead(reader, reader.uint32(), options${into})`;
  return field.repeated ? `${target}.push(${read("")});` : `${target} = ${read(`, ${target}`)};`;
}

function writeOf(field: protobuf.Field): string {
  const source = `message.${field.name}`;
  const scalar = SCALARS[field.type];
  const number = String(field.id);
  if (scalar === undefined) {
    const write = (value: string): string =>
      `${field.type}.internalBinaryWrite(${value}, writer.tag(${number}, 2).fork(), options).join();`;
    return field.repeated
      ? `for (let i = 0; i < ${source}.length; i++) ${write(`${source}[i]`)}`
      : `if (${source}) ${write(source)}`;
  }
  const write = (value: string): string =>
    `writer.tag(${number}, ${String(scalar.wire)}).${scalar.method}(${value});`;
  if (field.repeated) return `for (let i = 0; i < ${source}.length; i++) ${write(`${source}[i]`)}`;
  const present =
    scalar.method === "bytes" ? `${source}.length` : `${source} !== ${scalar.initial}`;
  return `if (${present}) ${write(source)}`;
}

function withoutNulls(value: unknown): Record<string, unknown> {
  return convert(value) as Record<string, unknown>;
}

function convert(value: unknown): unknown {
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.map(([name, each]) => [name, convert(each)]));
}
