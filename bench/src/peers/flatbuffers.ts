/** FlatBuffers: one builder for all messages, as its manual advises; an owned result is a copy. */
import * as flatbuffers from "flatbuffers";
import type { Workload } from "../workloads.js";
import { CODECS, type Codec } from "./flatbuffers-codecs.js";
import { ownCode } from "./own-code.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, copies, inputs } from "./peer.js";

export function flatbuffersPeer(): Peer {
  const builder = new flatbuffers.Builder(64 * 1024);
  return {
    name: "flatbuffers",
    jute: false,
    prepare(workload: Workload): PeerCase {
      const codec = CODECS[workload.shape] as Codec<unknown>;
      const records = copies(workload);
      const encoded: Uint8Array[] = [];
      const timed = ownCode(
        (
          own: Codec<unknown>,
          target: flatbuffers.Builder,
          given: typeof records,
          received: Uint8Array[],
          Reader: typeof flatbuffers.ByteBuffer,
        ) => ({
          encode(index: number): Uint8Array {
            target.clear();
            target.finish(own.build(target, given[index & 3]));
            return target.asUint8Array().slice();
          },
          reuse(index: number): Uint8Array {
            target.clear();
            target.finish(own.build(target, given[index & 3]));
            return target.asUint8Array();
          },
          write(index: number): number {
            target.clear();
            target.finish(own.build(target, given[index & 3]));
            return target.offset();
          },
          decode(index: number): unknown {
            const buffer = new Reader(received[index & 3] as Uint8Array);
            own.touch(buffer);
            return buffer;
          },
        }),
      )(codec, builder, records, encoded, flatbuffers.ByteBuffer);
      encoded.push(...inputs(workload, timed.encode(0)));
      return {
        ...timed,
        decoded: () => codec.toRecord(new flatbuffers.ByteBuffer(at(encoded, 0))),
      };
    },
  };
}
