/** The lower bound: moving the message's bytes and nothing else. Shown, never counted as a rival. */
import type { Workload } from "../workloads.js";
import type { Peer, PeerCase } from "./peer.js";
import { at, inputs } from "./peer.js";

/** `encodedBy` gives the bytes that are moved: ours. */
export function copyPeer(encodedBy: (workload: Workload) => Uint8Array): Peer {
  return {
    name: "memcpy",
    jute: true,
    bound: true,
    prepare(workload: Workload): PeerCase {
      const messages = inputs(workload, encodedBy(workload));
      const target = new Uint8Array(at(messages, 0).length);
      return {
        encode: (index) => at(messages, index).slice(),
        reuse(index) {
          target.set(at(messages, index));
          return new Uint8Array(target.buffer, 0, target.length);
        },
        write(index) {
          target.set(at(messages, index));
        },
        decode: (index) => at(messages, index).slice(),
        decoded: () => workload.record(),
      };
    },
  };
}
