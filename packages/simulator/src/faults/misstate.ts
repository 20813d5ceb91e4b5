/** Makes a server say something on a quorum connection that it must not say there. */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { PeerProcess } from "../world/peer-process.js";
import type { FaultSupport } from "./fault-support.js";
import type { Fault, FaultyWorld } from "./faults.js";
import { isOfLearner, misstatementsBefore, type Circumstances } from "./misstatements.js";

/** Waits for the packet before which it is said. */
export function misstate(
  world: FaultyWorld,
  support: FaultSupport,
  fault: Fault & { readonly kind: "misstatement" },
): void {
  world.quorum.misstateAt(fault.packet, fault.nth, (from, to, packet) => {
    const [sender, receiver] = [world.processes[from], world.processes[to]];
    if (sender === undefined || receiver === undefined) return undefined;
    const possible = misstatementsBefore(packet, circumstances(world, sender, receiver, packet));
    const said = possible[Math.floor(fault.which * possible.length)];
    if (said === undefined) return undefined;
    const hearer = isOfLearner(packet.kind) ? "leader" : "learner";
    support.count(fault, `${said.rule} for a ${hearer}`);
    support.tell(sender.sid, `says to ${receiver.sid} ${said.what}, before ${packet.kind}`);
    return said;
  });
}

function circumstances(
  { processes }: FaultyWorld,
  sender: PeerProcess,
  receiver: PeerProcess,
  { kind }: OutgoingPacket,
): Circumstances {
  const [leader, learner] = isOfLearner(kind) ? [receiver, sender] : [sender, receiver];
  const sids = processes.map(({ sid }) => sid);
  return {
    leader: leader.sid,
    nobody: sids.reduce((last, sid) => (sid > last ? sid : last)) + 1n,
    leadersEpoch: leader.status?.acceptedEpoch ?? 0,
    learnersAcceptedEpoch: learner.status?.acceptedEpoch ?? 0,
    learnersCurrentEpoch: learner.status?.currentEpoch ?? 0,
    isLearnerServing: learner.status?.serving === true,
  };
}
