/** cbor-x with shared record structures, its fastest documented setting; longs are bigints. */
import * as cbor from "cbor-x";
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
  encode(value: unknown): Uint8Array;
  encode(value: unknown, mode: number): Shared;
  decode(bytes: Uint8Array): unknown;
}

export async function cborXPeer(): Promise<Peer> {
  const touch = await ownTouch("cbor-x");
  const encoder = new cbor.Encoder({ structures: [], useRecords: true }) as unknown as Codec;
  return {
    name: "cbor-x",
    version: installedVersion("cbor-x"),
    jute: false,
    prepare(workload: Workload): PeerCase {
      const records = copies(workload);
      const encoded = bufferInputs(workload, encoder.encode(at(records, 0)));
      const timed = ownCode(
        (
          own: Codec,
          given: typeof records,
          received: typeof encoded,
          reuseMode: number,
          touchFields: (record: unknown) => void,
        ) => ({
          encode: (index: number): Uint8Array => own.encode(given[index & 3]),
          reuse: (index: number): Shared => own.encode(given[index & 3], reuseMode),
          decode(index: number): unknown {
            const value = own.decode(received[index & 3] as Buffer);
            touchFields(value);
            return value;
          },
        }),
      )(encoder, records, encoded, REUSE_AND_RESET, touch(workload.shape));
      return {
        ...timed,
        reused() {
          const shared = timed.reuse(0);
          return shared.subarray(shared.start, shared.end);
        },
        decoded: () => encoder.decode(at(encoded, 0)) as unknown,
      };
    },
  };
}
