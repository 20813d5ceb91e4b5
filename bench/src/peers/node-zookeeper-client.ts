/**
 * node-zookeeper-client's jute: the classes that the most used ZooKeeper client
 * for Node sends and receives. It holds longs as 8-byte Buffers. The two records
 * that it lacks are built on its Record class with a specification, as it builds
 * its own.
 */
import { createRequire } from "node:module";
import type {
  AclRecord,
  ChildrenRecord,
  CreateRequestRecord,
  GetDataReplyRecord,
  MultiHeaderRecord,
  MultiRecord,
  QuorumPacketRecord,
  ReplyHeaderRecord,
  SetDataRecord,
  Shape,
  Shapes,
  StatRecord,
  Workload,
} from "../workloads.js";
import { END_OF_MULTI } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, bufferInputs, copies } from "./peer.js";

interface JuteRecord {
  byteLength(): number;
  serialize(buffer: Buffer, offset: number): number;
  deserialize(buffer: Buffer, offset: number): number;
}

type JuteClass = new (...fields: unknown[]) => JuteRecord;

type RecordClass = new (
  specification: readonly { name: string; type: string }[],
  fields: unknown[],
) => JuteRecord;

interface JuteModule {
  readonly data: Readonly<Record<"Id" | "ACL" | "Stat", JuteClass>>;
  readonly protocol: Readonly<
    Record<
      "CreateRequest" | "ReplyHeader" | "GetDataResponse" | "MultiHeader" | "SetDataRequest",
      JuteClass
    >
  >;
}

/** One message is a list of records, one after the other on the wire. */
interface Message {
  toRecords(record: never): JuteRecord[];
  read(buffer: Buffer): unknown;
}

export async function nodeZookeeperClientPeer(): Promise<Peer> {
  const touch = await ownTouch("node-zookeeper-client");
  const jute = createRequire(import.meta.url)("node-zookeeper-client/lib/jute") as JuteModule;
  const messages = messagesOf(jute);
  return {
    name: "node-zookeeper-client",
    jute: true,
    prepare(workload: Workload): PeerCase {
      const message = messages[workload.shape];
      const records = copies(workload).map((record) => message.toRecords(record as never));
      const target = Buffer.alloc(totalLength(at(records, 0)));
      serializeAll(at(records, 0), target);
      const encoded = bufferInputs(workload, target);
      const timed = ownCode(
        (
          read: Message["read"],
          lengthOf: typeof totalLength,
          serialize: typeof serializeAll,
          given: typeof records,
          received: typeof encoded,
          into: Buffer,
          touchFields: (record: unknown) => void,
        ) => ({
          encode(index: number): Uint8Array {
            const parts = given[index & 3] as JuteRecord[];
            const buffer = Buffer.alloc(lengthOf(parts));
            serialize(parts, buffer);
            return buffer;
          },
          reuse(index: number): Uint8Array {
            const end = serialize(given[index & 3] as JuteRecord[], into);
            return new Uint8Array(into.buffer, into.byteOffset, end);
          },
          write: (index: number): number => serialize(given[index & 3] as JuteRecord[], into),
          decode(index: number): unknown {
            const record = read(received[index & 3] as Buffer);
            touchFields(record);
            return record;
          },
        }),
      )(
        (buffer) => message.read(buffer),
        totalLength,
        serializeAll,
        records,
        encoded,
        target,
        touch(workload.shape),
      );
      return {
        ...timed,
        decoded: () => message.read(at(encoded, 0)),
      };
    },
  };
}

function totalLength(records: readonly JuteRecord[]): number {
  let length = 0;
  for (const record of records) length += record.byteLength();
  return length;
}

function serializeAll(records: readonly JuteRecord[], buffer: Buffer): number {
  let offset = 0;
  for (const record of records) offset += record.serialize(buffer, offset);
  return offset;
}

function messagesOf(jute: JuteModule): { readonly [S in Shape]: Message } {
  const { data, protocol } = jute;
  // util.inherits leaves the base class, which the module does not export, in `super_`.
  const Base = (protocol.ReplyHeader as unknown as { super_: RecordClass }).super_;
  const define = (specification: readonly { name: string; type: string }[]): JuteClass =>
    class extends Base {
      constructor(...fields: unknown[]) {
        super(specification, fields);
      }
    };
  const GetChildrenResponse = define([{ name: "children", type: "vector<ustring>" }]);
  const QuorumPacket = define([
    { name: "type", type: "int" },
    { name: "zxid", type: "long" },
    { name: "data", type: "buffer" },
    { name: "authinfo", type: "vector<data.Id>" },
  ]);

  const one = <S extends Shape>(type: JuteClass, fields: (record: Shapes[S]) => unknown[]) => ({
    toRecords: (record: Shapes[S]) => [new type(...fields(record))],
    read(buffer: Buffer) {
      const record = new type();
      record.deserialize(buffer, 0);
      return record;
    },
  });

  const stat = (record: StatRecord): JuteRecord =>
    new data.Stat(...Object.values(record).map(eightBytes));
  const acl = ({ perms, id }: AclRecord): JuteRecord =>
    new data.ACL(perms, new data.Id(id.scheme, id.id));
  const createFields = (record: CreateRequestRecord): unknown[] => [
    record.path,
    Buffer.from(record.data),
    record.acl.map(acl),
    record.flags,
  ];
  const headerFields = (record: ReplyHeaderRecord): unknown[] => [
    record.xid,
    eightBytes(record.zxid),
    record.err,
  ];
  const multiHeader = (record: MultiHeaderRecord): JuteRecord =>
    new protocol.MultiHeader(record.type, record.done, record.err);

  return {
    CreateRequest: one<"CreateRequest">(protocol.CreateRequest, createFields),
    Stat: one<"Stat">(data.Stat, (record) => Object.values(record).map(eightBytes)),
    ReplyHeader: one<"ReplyHeader">(protocol.ReplyHeader, headerFields),
    GetChildrenResponse: one<"GetChildrenResponse">(
      GetChildrenResponse,
      (record: ChildrenRecord) => [record.children],
    ),
    SetDataRequest: one<"SetDataRequest">(protocol.SetDataRequest, (record: SetDataRecord) => [
      record.path,
      Buffer.from(record.data),
      record.version,
    ]),
    GetDataReply: {
      toRecords: ({ header, body }: GetDataReplyRecord) => [
        new protocol.ReplyHeader(...headerFields(header)),
        new protocol.GetDataResponse(Buffer.from(body.data), stat(body.stat)),
      ],
      read(buffer: Buffer) {
        const header = new protocol.ReplyHeader();
        const body = new protocol.GetDataResponse();
        body.deserialize(buffer, header.deserialize(buffer, 0));
        return { header, body };
      },
    },
    Multi: {
      toRecords: ({ ops }: MultiRecord) => [
        ...ops.flatMap(({ header, request }) => [
          multiHeader(header),
          new protocol.CreateRequest(...createFields(request)),
        ]),
        multiHeader(END_OF_MULTI),
      ],
      read(buffer: Buffer) {
        const ops: unknown[] = [];
        let offset = 0;
        for (;;) {
          const header = new protocol.MultiHeader();
          offset += header.deserialize(buffer, offset);
          if ((header as unknown as MultiHeaderRecord).done) return { ops };
          const request = new protocol.CreateRequest();
          offset += request.deserialize(buffer, offset);
          ops.push({ header, request });
        }
      },
    },
    QuorumPacket: one<"QuorumPacket">(QuorumPacket, (record: QuorumPacketRecord) => [
      record.type,
      eightBytes(record.zxid),
      Buffer.from(record.data),
      record.authinfo?.map(({ scheme, id }) => new data.Id(scheme, id)),
    ]),
  };
}

function eightBytes(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
