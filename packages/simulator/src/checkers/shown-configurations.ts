/**
 * ShownConfigurations: who begins to serve shows clients in `/zookeeper/config` the ensemble as it is, with
 * its version as the txn that it is from. No request makes that znode, so nobody else looks at it.
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { EnsembleShape } from "../world/settings.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export class ShownConfigurations implements Checker {
  readonly name = "shown-configurations";
  readonly watches = ["changed", "crash"] as const;
  readonly #lines: ReadonlySet<string>;
  readonly #version: bigint;
  /** Who has begun to serve, and may not have shown anything: a crash may come in the middle of a step. */
  readonly #begun = new Set<Sid>();

  constructor(ensemble: EnsembleShape) {
    this.#lines = new Set(linesOf(ensemble));
    this.#version = ensemble.version ?? 0n;
  }

  observe(observation: Observation, { peers }: WorldView): void {
    if (observation.kind === "crash") this.#begun.delete(observation.sid);
    if (observation.kind !== "step") return;
    const { sid, before, after } = observation;
    if (this.#begun.delete(sid) && before.serving) this.#judge(sid, peers.get(sid)?.tree);
    if (after.serving && !before.serving) this.#begun.add(sid);
  }

  atEnd({ peers }: WorldView): void {
    for (const [sid, { tree, status }] of peers)
      if (status?.serving === true) this.#judge(sid, tree);
  }

  #judge(sid: Sid, tree: ShownTree | undefined): void {
    if (tree === undefined) return;
    const { data, stat } = tree.getNode("/zookeeper/config") ?? {};
    const text = String.fromCharCode(...(data ?? []));
    const lines = new Set(text.split("\n"));
    if (lines.size !== this.#lines.size || ![...lines].every((line) => this.#lines.has(line)))
      throw violation(
        sid,
        `shows clients another ensemble than its own: ${JSON.stringify(text)} for ${JSON.stringify([...this.#lines].join("\n"))}`,
      );
    if (stat?.mzxid !== this.#version)
      throw violation(sid, `shows an ensemble of ${stat?.mzxid}, which is of ${this.#version}`);
  }
}

/** What is looked at of a tree. */
interface ShownTree {
  getNode(
    path: string,
  ): { readonly data: Uint8Array | null; readonly stat: { readonly mzxid: bigint } } | undefined;
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
