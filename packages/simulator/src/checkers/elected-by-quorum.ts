/**
 * ElectedByQuorum: who ends an election was told by a quorum, itself included, that
 * it votes for the same leader with the same history in the same round; or that it
 * follows that leader already, and then by the leader itself that it leads. Whatever a server has heard
 * since its process began counts: it may forget votes earlier, and never count more.
 */
import { decodeNotification, type Notification } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

/** What one server was told about one leader. */
type Heard = Pick<Notification, "zxid" | "peerEpoch" | "electionEpoch" | "state"> & {
  readonly from: Sid;
};

export class ElectedByQuorum implements Checker {
  readonly name = "elected-by-quorum";
  readonly watches = ["notified", "reported", "restart"] as const;
  /** By who has heard it, and by the leader whom it is about: each thing once. */
  readonly #heard = new Map<Sid, Map<Sid, Map<string, Heard>>>();

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "restart") this.#heard.delete(observation.sid);
    if (observation.kind !== "step") return;
    const { sid, event, effects } = observation;
    if (event.kind === "notified") this.#hear(sid, event.from, event.bytes);
    for (const effect of effects) {
      if (effect.kind !== "report") continue;
      const { report } = effect;
      if (report.kind === "voted") {
        const { leader, zxid, peerEpoch, round: electionEpoch } = report;
        this.#note(sid, leader, { from: sid, zxid, peerEpoch, electionEpoch, state: "looking" });
      } else if (report.kind === "elected") {
        this.#judge(sid, report.leader, report.round, world);
      }
    }
  }

  #hear(sid: Sid, from: Sid, bytes: Uint8Array): void {
    const notification = decoded(bytes);
    if (notification === undefined) return;
    const { leader, zxid, peerEpoch, electionEpoch, state } = notification;
    this.#note(sid, leader, { from, zxid, peerEpoch, electionEpoch, state });
  }

  #note(sid: Sid, leader: Sid, heard: Heard): void {
    let ofServer = this.#heard.get(sid);
    if (ofServer === undefined)
      this.#heard.set(sid, (ofServer = new Map<Sid, Map<string, Heard>>()));
    let ofLeader = ofServer.get(leader);
    if (ofLeader === undefined) ofServer.set(leader, (ofLeader = new Map<string, Heard>()));
    const { from, zxid, peerEpoch, electionEpoch, state } = heard;
    ofLeader.set(`${from} ${zxid} ${peerEpoch} ${electionEpoch} ${state}`, heard);
  }

  #judge(sid: Sid, leader: Sid, round: bigint, world: WorldView): void {
    const all = [...(this.#heard.get(sid)?.get(leader)?.values() ?? [])];
    const leads =
      leader === sid || all.some(({ from, state }) => from === leader && state === "leading");
    for (const heard of all) {
      const supports =
        heard.state !== "looking"
          ? (other: Heard) => isSettledUnder(heard, other, round) || isSameVote(heard, other, round)
          : (other: Heard) => isSameVote(heard, other, round);
      if (heard.state !== "looking" && !leads) continue;
      if (world.ensemble.containsQuorum(all.filter(supports).map(({ from }) => from))) return;
    }
    const told = all.map(
      ({ from, state, electionEpoch }) => `${from} ${state} in ${electionEpoch}`,
    );
    throw new InvariantViolation(
      "ElectedByQuorum",
      `${sid} takes ${leader} for elected in round ${round}, for which it has heard only: ${told.join(", ") || "nothing"}`,
    );
  }
}

/** Who looks votes for a history too, in this round. */
function isSameVote(one: Heard, other: Heard, round: bigint): boolean {
  return (
    other.electionEpoch === round && other.zxid === one.zxid && other.peerEpoch === one.peerEpoch
  );
}

/**
 * Who follows names the leader and its epoch; the rest may be from different elections
 * (ZOOKEEPER-1805). In one round there is one election, of whose leader some name the epoch from before it (1732).
 */
function isSettledUnder(one: Heard, other: Heard, round: bigint): boolean {
  if (other.state === "looking") return false;
  const areOfRound = one.electionEpoch === round && other.electionEpoch === round;
  return areOfRound || other.peerEpoch === one.peerEpoch;
}

/** Undefined for bytes that are no notification, which nobody may count. */
function decoded(bytes: Uint8Array): Notification | undefined {
  try {
    return decodeNotification(bytes);
  } catch {
    return undefined;
  }
}
