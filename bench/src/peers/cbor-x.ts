/** cbor-x with shared record structures, its fastest documented setting; longs are bigints. */
import * as cbor from "cbor-x";
import type { Workload } from "../workloads.js";
import { ownCode } from "./own-code.js";
import { ownTouch } from "./own-touch.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, bufferInputs, copies } from "./peer.js";

// Not all of these are exported. RESET_BUFFER_MODE makes the next result start at the same place,
// REUSE_BUFFER_MODE returns the whole shared buffer with `start` and `end` on it instead of a view.
const RESET = 1024;
const REUSE = 512;

/** What is used of it; the declarations leave the mode argument out. */
interface Codec {
  encode(value: unknown, mode?: number): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

export async function cborXPeer(): Promise<Peer> {
  const touch = await ownTouch("cbor-x");
  const encoder = new cbor.Encoder({ structures: [], useRecords: true }) as Codec;
  return {
    name: "cbor-x",
    jute: false,
    prepare(workload: Workload): PeerCase {
      const records = copies(workload);
      const encoded = bufferInputs(workload, encoder.encode(at(records, 0)));
      const timed = ownCode(
        (
          own: Codec,
          given: typeof records,
          received: typeof encoded,
          resetMode: number,
          reuseMode: number,
          touchFields: (record: unknown) => void,
        ) => ({
          encode: (index: number): Uint8Array => own.encode(given[index & 3]),
          reuse: (index: number): Uint8Array => own.encode(given[index & 3], resetMode),
          write: (index: number): Uint8Array => own.encode(given[index & 3], reuseMode),
          decode(index: number): unknown {
            const value = own.decode(received[index & 3] as Buffer);
            touchFields(value);
            return value;
          },
        }),
      )(encoder, records, encoded, RESET, RESET | REUSE, touch(workload.shape));
      return {
        ...timed,
        decoded: () => encoder.decode(at(encoded, 0)),
      };
    },
  };
}
