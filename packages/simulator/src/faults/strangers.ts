/** Makes strangers connect to a peer's quorum port and say that they are another one. */
import { PROTOCOL_VERSION } from "@jute-ts/quorum/wire";
import type { PeerProcess } from "../world/peer-process.js";
import type { FaultSupport } from "./fault-support.js";
import type { Fault, FaultyWorld } from "./faults.js";

/** Makes a stranger speak to a peer, once or again and again. */
export function pose(
  world: FaultyWorld,
  support: FaultSupport,
  process: PeerProcess,
  fault: Fault & { readonly kind: "impostor" },
  nth = 1,
): void {
  const { as, certificate, epochsAhead, asksForHistory, times, everyMs, staysMs } = fault;
  const { sid, status } = process;
  if (as === sid) return;
  const acceptedEpoch = (status?.epoch ?? status?.acceptedEpoch ?? 0) + epochsAhead;
  const identity = { sid: as, protocolVersion: PROTOCOL_VERSION, configVersion: 0n };
  const claim = { kind: "FOLLOWERINFO", acceptedEpoch, identity } as const;
  const request = { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: undefined } as const;
  const packets = asksForHistory ? [claim, request] : [claim];
  const leave = world.pose({ to: sid, as, certificate, packets });
  if (leave !== undefined) {
    support.count(fault, asksForHistory ? "with a request" : "with a claim");
    support.tell(sid, `hears from a stranger that it is ${as}, with epoch ${acceptedEpoch}`);
    world.queue.after(staysMs, leave);
  }
  if (nth < times) {
    support.later(everyMs, () => {
      pose(world, support, process, fault, nth + 1);
    });
  }
}
