/**
 * ProposalConsistent: each txn that goes over a link is the one that follows what
 * the learner has by then, and a leader's own proposals are numbered without a gap.
 */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { counterOf, type Epoch, epochOf, formatZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { PerLink } from "../model/ghost-links.js";
import type { Ghosts } from "../model/ghosts.js";

export class ProposalConsistent implements Checker {
  readonly name = "proposal-consistent";
  readonly watches = ["sent", "applied"] as const;
  readonly #ghosts: Ghosts;
  /** The last txn that the learner of a link has, once everything sent has arrived. */
  readonly #sent = new PerLink<{ last: Zxid }>(() => ({ last: NO_TXN }));
  readonly #proposed = new Map<Epoch, number>();

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    for (const effect of observation.effects) {
      // A leader that is a quorum by itself may have proposed it to nobody.
      if (effect.kind === "applied") this.#note(effect.txn.zxid);
      if (effect.kind !== "send") continue;
      const sent = this.#sent.of(this.#ghosts.links.link(effect.connection, world));
      this.#onSend(effect.packet, sent);
    }
  }

  #onSend(packet: OutgoingPacket, sent: { last: Zxid }): void {
    switch (packet.kind) {
      case "ACKEPOCH":
        sent.last = packet.lastZxid;
        return;
      case "TRUNC":
      case "SNAP":
        sent.last = packet.zxid;
        return;
      case "PROPOSAL":
      case "INFORM":
      case "INFORMANDACTIVATE":
        this.#judge(packet.txn.zxid, sent);
        return;
      default:
        return;
    }
  }

  #judge(zxid: Zxid, sent: { last: Zxid }): void {
    const { history } = this.#ghosts;
    const expected = history.predecessor(zxid);
    if (history.lastTxn(sent.last) !== expected) {
      throw new InvariantViolation(
        "ProposalConsistent",
        `${formatZxid(zxid)} is sent to a learner that has ${formatZxid(sent.last)}; ${formatZxid(expected)} comes before it`,
      );
    }
    sent.last = zxid;
    const epoch = epochOf(zxid);
    const proposed = this.#proposed.get(epoch) ?? 0;
    if (counterOf(zxid) > proposed + 1) {
      throw new InvariantViolation(
        "ProposalConsistent",
        `${formatZxid(zxid)} is proposed, but the last proposal of that epoch was number ${proposed}`,
      );
    }
    this.#note(zxid);
  }

  #note(zxid: Zxid): void {
    const epoch = epochOf(zxid);
    if (counterOf(zxid) > (this.#proposed.get(epoch) ?? 0))
      this.#proposed.set(epoch, counterOf(zxid));
  }
}
