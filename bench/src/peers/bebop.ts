/**
 * bebop's runtime. Its own `encode` returns a view of shared memory that the next
 * one overwrites, so an owned result is a copy of it.
 */
import { BebopView } from "bebop";
import type { Workload } from "../workloads.js";
import { CODECS, type Codec } from "./bebop-schema.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { copies, inputs } from "./peer.js";

export async function bebopPeer(): Promise<Peer> {
  const touch = await ownTouch("bebop");
  return {
    name: "bebop",
    jute: false,
    prepare(workload: Workload): PeerCase {
      const codec = CODECS[workload.shape] as Codec<unknown>;
      const records = copies(workload);
      const timed = ownCode(
        (
          own: Codec<unknown>,
          shared: typeof BebopView,
          given: typeof records,
          received: Uint8Array[],
          touchFields: (record: unknown) => void,
        ) => ({
          encode(index: number): Uint8Array {
            const view = shared.getInstance();
            view.startWriting();
            own.encodeInto(given[index & 3], view);
            return view.toArray().slice();
          },
          reuse(index: number): Uint8Array {
            const view = shared.getInstance();
            view.startWriting();
            own.encodeInto(given[index & 3], view);
            return view.toArray();
          },
          write(index: number): number {
            const view = shared.getInstance();
            view.startWriting();
            own.encodeInto(given[index & 3], view);
            return view.length;
          },
          decode(index: number): unknown {
            const view = shared.getInstance();
            view.startReading(received[index & 3] as Uint8Array);
            const record = own.readFrom(view);
            touchFields(record);
            return record;
          },
        }),
      );
      const touchFields = touch(workload.shape);
      const encoded: Uint8Array[] = [];
      const closures = timed(codec, BebopView, records, encoded, touchFields);
      encoded.push(...inputs(workload, closures.encode(0)));
      return {
        ...closures,
        decoded: () => closures.decode(0),
      };
    },
  };
}
