/**
 * avsc (Apache Avro). Longs are numbers here, its fastest choice: exact only up
 * to 2^53, which the workloads respect. It takes and gives Buffers.
 */
import avro from "avsc";
import type { Shape, Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, bufferInputs, copies } from "./peer.js";

type Fields = Record<string, unknown>;

function record(name: string, fields: Fields): unknown {
  return {
    type: "record",
    name,
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
  };
}

const array = (items: unknown): unknown => ({ type: "array", items });

// A type that is named twice in one schema is spelled out once and referred to after that.
const id = record("Id", { scheme: "string", id: "string" });
const createRequest = record("CreateRequest", {
  path: "string",
  data: "bytes",
  acl: array(record("ACL", { perms: "int", id })),
  flags: "int",
});
const stat = record("Stat", {
  czxid: "long",
  mzxid: "long",
  ctime: "long",
  mtime: "long",
  version: "int",
  cversion: "int",
  aversion: "int",
  ephemeralOwner: "long",
  dataLength: "int",
  numChildren: "int",
  pzxid: "long",
});
const replyHeader = record("ReplyHeader", { xid: "int", zxid: "long", err: "int" });

const SCHEMAS: Readonly<Record<Shape, unknown>> = {
  CreateRequest: createRequest,
  Stat: stat,
  ReplyHeader: replyHeader,
  GetDataReply: record("GetDataReply", {
    header: replyHeader,
    body: record("GetDataResponse", { data: "bytes", stat }),
  }),
  GetChildrenResponse: record("GetChildrenResponse", { children: array("string") }),
  QuorumPacket: record("QuorumPacket", {
    type: "int",
    zxid: "long",
    data: "bytes",
    authinfo: ["null", array(id)],
  }),
  Multi: record("Multi", {
    ops: array(
      record("Operation", {
        header: record("MultiHeader", { type: "int", done: "boolean", err: "int" }),
        request: createRequest,
      }),
    ),
  }),
  SetDataRequest: record("SetDataRequest", { path: "string", data: "bytes", version: "int" }),
};

export async function avscPeer(): Promise<Peer> {
  const touch = await ownTouch("avsc");
  return {
    name: "avsc",
    jute: false,
    prepare(workload: Workload): PeerCase {
      const type = avro.Type.forSchema(SCHEMAS[workload.shape] as avro.Schema);
      const records = copies(workload).map(convert);
      const encoded = bufferInputs(workload, type.toBuffer(at(records, 0)));
      const target = Buffer.alloc(at(encoded, 0).length);
      const timed = ownCode(
        (
          own: typeof type,
          given: typeof records,
          received: typeof encoded,
          into: Buffer,
          touchFields: (record: unknown) => void,
        ) => ({
          encode: (index: number): Uint8Array => own.toBuffer(given[index & 3]),
          reuse(index: number): Uint8Array {
            const end = own.encode(given[index & 3], into, 0);
            return new Uint8Array(into.buffer, into.byteOffset, end);
          },
          write: (index: number): number => own.encode(given[index & 3], into, 0),
          decode(index: number): unknown {
            const value: unknown = own.fromBuffer(received[index & 3] as Buffer);
            touchFields(value);
            return value;
          },
        }),
      )(type, records, encoded, target, touch(workload.shape));
      return {
        ...timed,
        decoded: () => type.fromBuffer(at(encoded, 0)) as unknown,
      };
    },
  };
}

function convert(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, convert(each)]));
}
