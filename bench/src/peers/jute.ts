/**
 * Our side, through the public API that users call: `encode` and `decode` of the
 * generated classes, and an archive of the caller's own for reuse and for messages
 * that consist of several records.
 */
import type { AnyRecordType, BinaryInputArchive, BinaryOutputArchive } from "@jute-ts/runtime";
import type { GetDataReplyRecord, MultiRecord, Workload } from "../workloads.js";
import { END_OF_MULTI } from "../workloads.js";
import type { JuteLibrary } from "./jute-library.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { COPIES, copies, inputs, joined } from "./peer.js";

type Touch = (record: unknown) => void;

export const JUTE = "jute-ts";

export async function jutePeer(name: string, library: JuteLibrary): Promise<Peer> {
  const touch = await ownTouch(name);
  // One archive each for all messages, as a connection would have.
  const output = new library.BinaryOutputArchive({ initialCapacity: 64 * 1024 });
  const input = new library.BinaryInputArchive();
  const statView = new library.StatView();
  const headerView = new library.ReplyHeaderView();
  return {
    name,
    jute: true,
    prepare(workload: Workload): PeerCase {
      const records = copies(workload);
      const touchFields = touch(workload.shape);
      switch (workload.shape) {
        case "GetDataReply":
          return reply(library, output, input, workload, records as never, touchFields);
        case "Multi":
          return multi(library, output, input, workload, records as never, touchFields);
        case "Stat":
          return {
            ...single(library.Stat, output, workload, records, touchFields),
            view: viewOf(workload, library.Stat.encode(records[0] as never), (chunk, offset) => {
              const stat = statView.moveToBytes(chunk, offset);
              return stat.version > 0 ? stat.mzxid : undefined;
            }),
          };
        case "ReplyHeader":
          return {
            ...single(library.ReplyHeader, output, workload, records, touchFields),
            view: viewOf(
              workload,
              library.ReplyHeader.encode(records[0] as never),
              (chunk, offset) => {
                const header = headerView.moveToBytes(chunk, offset);
                return header.err === 0 ? header.zxid : undefined;
              },
            ),
          };
        case "SetDataRequest": {
          const request = library.SetDataRequest.from(records[0] as never);
          const whole = single(library.SetDataRequest, output, workload, records, touchFields);
          const message = library.SetDataRequest.encode(request);
          return {
            ...whole,
            copied(): unknown {
              const record = library.SetDataRequest.decode(message, { buffers: "copy" });
              touchFields(record);
              return record;
            },
            gather: () => library.encodeParts(request),
          };
        }
        case "CreateRequest":
        case "GetChildrenResponse":
        case "QuorumPacket":
          return single(library[workload.shape], output, workload, records, touchFields);
      }
    },
  };
}

/** The messages lie in one chunk, as a socket delivers them. */
function viewOf(
  workload: Workload,
  encoded: Uint8Array,
  read: (chunk: Uint8Array, offset: number) => unknown,
): (index: number) => unknown {
  const messages = inputs(workload, encoded);
  const chunk = joined(messages);
  const size = encoded.length;
  return (index) => read(chunk, (index & (COPIES - 1)) * size);
}

function single(
  type: AnyRecordType,
  output: BinaryOutputArchive,
  workload: Workload,
  records: readonly unknown[],
  touchFields: Touch,
): PeerCase {
  const instances = records.map((record) => type.from(record));
  const encoded = inputs(workload, type.encode(instances[0]));
  const timed = ownCode(
    (
      own: AnyRecordType,
      archive: BinaryOutputArchive,
      given: typeof instances,
      received: typeof encoded,
      touchOwn: Touch,
    ) => ({
      encode: (index: number): Uint8Array => own.encode(given[index & 3]),
      reuse(index: number): Uint8Array {
        archive.reset();
        own.write(archive, given[index & 3] as (typeof given)[number]);
        return archive.bytesView();
      },
      write(index: number): number {
        archive.reset();
        own.write(archive, given[index & 3] as (typeof given)[number]);
        return archive.length;
      },
      decode(index: number): unknown {
        const record = own.decode(received[index & 3] as Uint8Array);
        touchOwn(record);
        return record;
      },
    }),
  )(type, output, instances, encoded, touchFields);
  return {
    ...timed,
    decoded: () => timed.decode(0),
  };
}

function reply(
  library: JuteLibrary,
  output: BinaryOutputArchive,
  input: BinaryInputArchive,
  workload: Workload,
  records: readonly GetDataReplyRecord[],
  touchFields: Touch,
): PeerCase {
  const given = records.map(({ header, body }) => ({
    header: library.ReplyHeader.from(header),
    body: library.GetDataResponse.from(body),
  }));
  const encoded: Uint8Array[] = [];
  const timed = ownCode(
    (
      ReplyHeader: AnyRecordType,
      GetDataResponse: AnyRecordType,
      start: JuteLibrary["startEncoding"],
      finish: JuteLibrary["finishEncoding"],
      target: BinaryOutputArchive,
      source: BinaryInputArchive,
      messages: typeof given,
      received: Uint8Array[],
      touchOwn: Touch,
    ) => {
      const write = (archive: BinaryOutputArchive, index: number): void => {
        const message = messages[index & 3] as (typeof messages)[number];
        ReplyHeader.write(archive, message.header);
        GetDataResponse.write(archive, message.body);
      };
      return {
        encode(index: number): Uint8Array {
          const archive = start();
          write(archive, index);
          return finish(archive);
        },
        reuse(index: number): Uint8Array {
          target.reset();
          write(target, index);
          return target.bytesView();
        },
        write(index: number): number {
          target.reset();
          write(target, index);
          return target.length;
        },
        decode(index: number): unknown {
          source.reset(received[index & 3] as Uint8Array);
          const header = ReplyHeader.read(source);
          const body = GetDataResponse.read(source);
          source.finish();
          const message = { header, body };
          touchOwn(message);
          return message;
        },
      };
    },
  )(
    library.ReplyHeader,
    library.GetDataResponse,
    library.startEncoding,
    library.finishEncoding,
    output,
    input,
    given,
    encoded,
    touchFields,
  );
  encoded.push(...inputs(workload, timed.encode(0)));
  return { ...timed, decoded: () => timed.decode(0) };
}

function multi(
  library: JuteLibrary,
  output: BinaryOutputArchive,
  input: BinaryInputArchive,
  workload: Workload,
  records: readonly MultiRecord[],
  touchFields: Touch,
): PeerCase {
  const given = records.map(({ ops }) =>
    ops.map(({ header, request }) => ({
      header: library.MultiHeader.from(header),
      request: library.CreateRequest.from(request),
    })),
  );
  const end = library.MultiHeader.from(END_OF_MULTI);
  const encoded: Uint8Array[] = [];
  const timed = ownCode(
    (
      MultiHeader: AnyRecordType,
      CreateRequest: AnyRecordType,
      start: JuteLibrary["startEncoding"],
      finish: JuteLibrary["finishEncoding"],
      target: BinaryOutputArchive,
      source: BinaryInputArchive,
      messages: typeof given,
      last: typeof end,
      received: Uint8Array[],
      touchOwn: Touch,
    ) => {
      const write = (archive: BinaryOutputArchive, index: number): void => {
        const ops = messages[index & 3] as (typeof messages)[number];
        for (const op of ops) {
          MultiHeader.write(archive, op.header);
          CreateRequest.write(archive, op.request);
        }
        MultiHeader.write(archive, last);
      };
      return {
        encode(index: number): Uint8Array {
          const archive = start();
          write(archive, index);
          return finish(archive);
        },
        reuse(index: number): Uint8Array {
          target.reset();
          write(target, index);
          return target.bytesView();
        },
        write(index: number): number {
          target.reset();
          write(target, index);
          return target.length;
        },
        decode(index: number): unknown {
          source.reset(received[index & 3] as Uint8Array);
          const ops: unknown[] = [];
          for (;;) {
            const header = MultiHeader.read(source);
            if ((header as unknown as { done: boolean }).done) break;
            ops.push({ header, request: CreateRequest.read(source) });
          }
          source.finish();
          const message = { ops };
          touchOwn(message);
          return message;
        },
      };
    },
  )(
    library.MultiHeader,
    library.CreateRequest,
    library.startEncoding,
    library.finishEncoding,
    output,
    input,
    given,
    end,
    encoded,
    touchFields,
  );
  encoded.push(...inputs(workload, timed.encode(0)));
  return { ...timed, decoded: () => timed.decode(0) };
}
