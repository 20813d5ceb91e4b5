/**
 * ShownConfigurations: who begins to serve shows clients in `/zookeeper/config` the ensemble as it is, with
 * its version as the txn that it is from. No request makes that znode, so nobody else looks at it.
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { EnsembleShape } from "../world/settings.js";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type PeerView,
  type WorldView,
} from "./checker.js";

export class ShownConfigurations implements Checker {
  readonly name = "shown-configurations";
  readonly watches = ["changed"] as const;

  observe(observation: Observation, { peers }: WorldView): void {
    if (observation.kind !== "step") return;
    const { sid, before, after } = observation;
    if (after.serving && !before.serving) judge(sid, peers.get(sid));
  }

  atEnd({ peers }: WorldView): void {
    for (const [sid, peer] of peers) if (peer.status?.serving === true) judge(sid, peer);
  }
}

function judge(sid: Sid, peer: PeerView | undefined): void {
  const { tree, configured } = peer ?? {};
  if (tree === undefined || configured === undefined) return;
  const { data, stat } = tree.getNode("/zookeeper/config") ?? {};
  const text = String.fromCharCode(...(data ?? []));
  const expected = linesOf(configured).sort().join("\n");
  if (text.split("\n").sort().join("\n") !== expected)
    throw violation(
      sid,
      `shows clients another ensemble than its own: ${JSON.stringify(text)} for ${JSON.stringify(expected)}`,
    );
  const { version = 0n } = configured;
  if (stat?.mzxid !== version)
    throw violation(sid, `shows an ensemble of ${stat?.mzxid}, which is of ${version}`);
}

/** The lines that describe an ensemble, in no order: with groups each group and each voter's weight. */
function linesOf({ voters, observers, groups, weights, version = 0n }: EnsembleShape): string[] {
  return [
    ...voters.map((sid) => `server.${sid}=peer-${sid}:2888:3888:participant`),
    ...observers.map((sid) => `server.${sid}=peer-${sid}:2888:3888:observer`),
    ...(groups ?? []).map((sids, at) => `group.${at + 1}=${sids.join(":")}`),
    ...(groups ?? []).flat().map((sid) => `weight.${sid}=${weights?.get(sid) ?? 1}`),
    `version=${version.toString(16)}`,
  ];
}

function violation(sid: Sid, text: string): InvariantViolation {
  return new InvariantViolation("ShownConfigurations", `${sid} ${text}`);
}
