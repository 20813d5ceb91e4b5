/**
 * Protobuf-ES. Its generated code is a descriptor and types: the codec itself
 * walks the descriptor, so one that is built at start runs exactly as fast.
 */
import {
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
  type DescMessage,
  type Message,
} from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as FieldKind,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";
import type { Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, copies, inputs } from "./peer.js";
import { PROTO_SCHEMA } from "./proto-schema.js";

export async function protobufEsPeer(): Promise<Peer> {
  const touch = await ownTouch("protobuf-es");
  const messageOf = loadSchema();
  return {
    name: "protobuf-es",
    jute: false,
    prepare(workload: Workload): PeerCase {
      const schema = messageOf(`zk.${workload.shape}`);
      const messages = copies(workload).map((record) => create(schema, withoutNulls(record)));
      const encoded = inputs(workload, toBinary(schema, at(messages, 0)));
      const timed = ownCode(
        (
          own: DescMessage,
          write: typeof toBinary,
          read: typeof fromBinary,
          given: typeof messages,
          received: typeof encoded,
          touchFields: (message: unknown) => void,
        ) => ({
          encode: (index: number): Uint8Array => write(own, given[index & 3] as Message),
          decode(index: number): unknown {
            const message = read(own, received[index & 3] as Uint8Array);
            touchFields(message);
            return message;
          },
        }),
      )(schema, toBinary, fromBinary, messages, encoded, touch(workload.shape));
      return {
        ...timed,
        decoded: () => fromBinary(schema, at(encoded, 0)),
      };
    },
  };
}

/** Turns the parsed schema into the descriptor that protoc would hand to the generator. */
function loadSchema(): (name: string) => DescMessage {
  const { root } = protobuf.parse(PROTO_SCHEMA, { keepCase: true });
  const messages = (root.nested?.["zk"] as protobuf.Namespace).nestedArray.filter(
    (each) => each instanceof protobuf.Type,
  );
  const file = create(FileDescriptorProtoSchema, {
    name: "zk.proto",
    package: "zk",
    syntax: "proto3",
    messageType: messages.map((message) => ({
      name: message.name,
      field: message.fieldsArray.map((field) => {
        const scalar = SCALARS[field.type];
        return {
          name: field.name,
          number: field.id,
          label: field.repeated ? Label.REPEATED : Label.OPTIONAL,
          type: scalar ?? FieldKind.MESSAGE,
          ...(scalar === undefined ? { typeName: `.zk.${field.type}` } : {}),
        };
      }),
    })),
  });
  const registry = createFileRegistry(file, () => undefined);
  return (name) => {
    const message = registry.getMessage(name);
    if (message === undefined) throw new Error(`The schema has no message ${name}`);
    return message;
  };
}

const SCALARS: Readonly<Record<string, FieldKind>> = {
  bool: FieldKind.BOOL,
  bytes: FieldKind.BYTES,
  int32: FieldKind.INT32,
  sint32: FieldKind.SINT32,
  sfixed64: FieldKind.SFIXED64,
  string: FieldKind.STRING,
};

function withoutNulls(value: unknown): Message {
  return convert(value) as Message;
}

function convert(value: unknown): unknown {
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.map(([name, each]) => [name, convert(each)]));
}
