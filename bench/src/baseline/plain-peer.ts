/** The frozen implementation as a peer, so that the guard checks and times it like any other. */
import { ownCode } from "../peers/own-code.js";
import { ownTouch } from "../peers/own-touch.js";
import type { Peer, PeerCase } from "../peers/peer.js";
import { copies, inputs } from "../peers/peer.js";
import type { Shape, Shapes, Workload } from "../workloads.js";
import {
  PlainReader,
  PlainWriter,
  plainChildren,
  plainCreateRequest,
  plainReplyHeader,
  plainStat,
  type PlainCodec,
} from "./plain-jute.js";

export const BASELINE = "plain";

const CODECS: { readonly [S in Shape]?: PlainCodec<Shapes[S]> } = {
  CreateRequest: plainCreateRequest,
  GetChildrenResponse: plainChildren,
  ReplyHeader: plainReplyHeader,
  Stat: plainStat,
};

export async function plainPeer(): Promise<Peer> {
  const touch = await ownTouch(BASELINE);
  const writer = new PlainWriter();
  return {
    name: BASELINE,
    jute: true,
    prepare(workload: Workload): PeerCase | undefined {
      const codec = CODECS[workload.shape] as PlainCodec<unknown> | undefined;
      if (codec === undefined) return undefined;
      const encoded: Uint8Array[] = [];
      const timed = ownCode(
        (
          own: PlainCodec<unknown>,
          target: PlainWriter,
          Reader: typeof PlainReader,
          given: readonly unknown[],
          received: readonly Uint8Array[],
          touchFields: (record: unknown) => void,
        ) => ({
          encode(index: number): Uint8Array {
            target.reset();
            own.write(target, given[index & 3]);
            return target.result();
          },
          write(index: number): number {
            target.reset();
            own.write(target, given[index & 3]);
            return target.position;
          },
          decode(index: number): unknown {
            const record = own.read(new Reader(received[index & 3] as Uint8Array));
            touchFields(record);
            return record;
          },
        }),
      )(codec, writer, PlainReader, copies(workload), encoded, touch(workload.shape));
      encoded.push(...inputs(workload, timed.encode(0)));
      return { ...timed, decoded: () => timed.decode(0) };
    },
  };
}
