/**
 * ClientsNeedLeader: a server that has lost its leader, or has none yet, keeps no client that
 * it has answered. What it knows grows old without anybody noticing, its clients'
 * sessions run out at the next leader, and only the end of the connection tells a client so.
 */
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type WorldView,
} from "../../checkers/checker.js";

export class ClientsNeedLeader implements Checker {
  readonly name = "clients-need-leader";
  readonly watches = ["settled"] as const;

  observe(observation: Observation, { peers, nowMs }: WorldView): void {
    if (observation.kind !== "settled" || observation.answered === 0) return;
    const { sid, answered } = observation;
    const { status, clientRules } = peers.get(sid) ?? {};
    // Whom it may serve while it looks for a leader is judged elsewhere.
    const mayServe = (clientRules?.readOnlyAfterMs ?? Infinity) < Infinity;
    if (status?.role === "looking" && mayServe) return;
    if (status === undefined || status.serving) return;
    throw new InvariantViolation(
      "ClientsNeedLeader",
      `server ${sid} is ${status.role} at ${nowMs.toFixed(1)} ms, and keeps ${answered} connections that it has answered`,
    );
  }
}
