/**
 * AckConsistent: a learner acknowledges what it was sent, in rising order and each
 * txn once; and the epoch of its leader no more than twice, for NEWLEADER and for
 * UPTODATE.
 */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import {
  counterOf,
  type Epoch,
  epochOf,
  formatZxid,
  NO_TXN,
  type Sid,
  type Zxid,
} from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { type GhostLinks, PerLink } from "../model/ghost-links.js";

interface Acked {
  epoch: Epoch | undefined;
  /** The last txn that has reached the learner. */
  received: Zxid;
  lastAck: Zxid;
  epochAcks: number;
}

export class AckConsistent implements Checker {
  readonly name = "ack-consistent";
  readonly watches = ["delivered", "sent"] as const;
  readonly #links: GhostLinks;
  readonly #acked = new PerLink<Acked>(() => ({
    epoch: undefined,
    received: NO_TXN,
    lastAck: NO_TXN,
    epochAcks: 0,
  }));

  constructor(links: GhostLinks) {
    this.#links = links;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "delivered") {
      const { connection, packet } = observation;
      if (packet.kind !== "PROPOSAL" && packet.kind !== "LEADERINFO") return;
      const acked = this.#acked.of(this.#links.link(connection, world));
      if (packet.kind === "PROPOSAL") acked.received = packet.txn.zxid;
      else acked.epoch = packet.epoch;
    } else if (observation.kind === "step") {
      for (const effect of observation.effects) {
        if (effect.kind !== "send" || effect.packet.kind !== "ACK") continue;
        const acked = this.#acked.of(this.#links.link(effect.connection, world));
        judge(observation.sid, effect.packet, acked);
      }
    }
  }
}

function judge(sid: Sid, { zxid }: Extract<OutgoingPacket, { kind: "ACK" }>, acked: Acked): void {
  const refusal = counterOf(zxid) === 0 ? refuseEpoch(zxid, acked) : refuseTxn(zxid, acked);
  if (refusal !== undefined)
    throw new InvariantViolation(
      "AckConsistent",
      `${sid} acknowledges ${formatZxid(zxid)}: ${refusal}`,
    );
  if (counterOf(zxid) === 0) acked.epochAcks++;
  else acked.lastAck = zxid;
}

function refuseEpoch(zxid: Zxid, { epoch, epochAcks }: Acked): string | undefined {
  if (epochOf(zxid) !== epoch) return `the leader's epoch is ${epoch ?? "unknown"}`;
  return epochAcks >= 2 ? "it has done so twice" : undefined;
}

function refuseTxn(zxid: Zxid, { received, lastAck, epochAcks }: Acked): string | undefined {
  if (epochAcks === 0) return "NEWLEADER comes first";
  if (zxid > received) return `the last that it was sent is ${formatZxid(received)}`;
  return zxid <= lastAck ? `it has acknowledged ${formatZxid(lastAck)} before` : undefined;
}
