/** msgpackr with shared record structures, its fastest documented setting; longs are bigints. */
import { Packr } from "msgpackr";
import type { Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, bufferInputs, copies } from "./peer.js";
import { installedVersion } from "./versions.js";

/**
 * REUSE_BUFFER_MODE and RESET_BUFFER_MODE, which are not all exported: the result is the whole
 * shared buffer with `start` and `end` on it, and the next result starts at the same place.
 */
const REUSE_AND_RESET = 512 | 1024;

type Shared = Uint8Array & { readonly start: number; readonly end: number };

/** What is used of it; the declarations leave the mode argument out. */
interface Codec {
  pack(value: unknown): Uint8Array;
  pack(value: unknown, mode: number): Shared;
  unpack(bytes: Uint8Array): unknown;
}

export async function msgpackrPeer(): Promise<Peer> {
  const touch = await ownTouch("msgpackr");
  // One packer for all messages, as an application would have.
  const packr = new Packr({ structures: [], useRecords: true }) as unknown as Codec;
  return {
    name: "msgpackr",
    version: installedVersion("msgpackr"),
    jute: false,
    prepare(workload: Workload): PeerCase {
      const records = copies(workload);
      const encoded = bufferInputs(workload, packr.pack(at(records, 0)));
      const timed = ownCode(
        (
          own: Codec,
          given: typeof records,
          received: typeof encoded,
          reuseMode: number,
          touchFields: (record: unknown) => void,
        ) => ({
          encode: (index: number): Uint8Array => own.pack(given[index & 3]),
          reuse: (index: number): Shared => own.pack(given[index & 3], reuseMode),
          decode(index: number): unknown {
            const value = own.unpack(received[index & 3] as Buffer);
            touchFields(value);
            return value;
          },
        }),
      )(packr, records, encoded, REUSE_AND_RESET, touch(workload.shape));
      return {
        ...timed,
        reused() {
          const shared = timed.reuse(0);
          return shared.subarray(shared.start, shared.end);
        },
        decoded: () => packr.unpack(at(encoded, 0)) as unknown,
      };
    },
  };
}
