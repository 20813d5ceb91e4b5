/** The digest that the first server to get there had at each zxid. Judges nothing. */
import type { Effect } from "@jute-ts/quorum";
import type { Sid, Zxid } from "@jute-ts/zookeeper";
import type { Checker, Observation, WorldView } from "../checkers/checker.js";

export interface SeenDigest {
  readonly digest: bigint;
  readonly sessions: number;
  readonly sid: Sid;
}

export class GhostDigests implements Checker {
  readonly name = "ghost-digests";
  readonly watches = ["changed"] as const;
  readonly #seen = new Map<Zxid, SeenDigest>();

  /** The digest at a zxid; undefined when no server was seen there. */
  at(zxid: Zxid): bigint | undefined {
    return this.#seen.get(zxid)?.digest;
  }

  seen(zxid: Zxid): SeenDigest | undefined {
    return this.#seen.get(zxid);
  }

  observe(observation: Observation, world: WorldView): void {
    const now = digestAfter(observation, world);
    if (now !== undefined && !this.#seen.has(now.zxid)) this.#seen.set(now.zxid, now);
  }
}

/** The state that a step has led to by applying txns; undefined for all other observations. */
export function digestAfter(
  observation: Observation,
  world: WorldView,
): (SeenDigest & { readonly zxid: Zxid }) | undefined {
  if (observation.kind !== "step") return undefined;
  const { sid, before, after, effects } = observation;
  if (before.lastProcessedZxid === after.lastProcessedZxid) return undefined;
  // A snapshot that is being taken in changes the state without applying anything.
  const isWhole = effects.some((effect) => effect.kind === "applied" || wasLoaded(effect));
  const state = world.peers.get(sid)?.state;
  if (!isWhole || state?.lastProcessedZxid !== after.lastProcessedZxid) return undefined;
  return {
    zxid: after.lastProcessedZxid,
    digest: state.digest(),
    sessions: state.sessions.size,
    sid,
  };
}

function wasLoaded(effect: Effect): boolean {
  if (effect.kind !== "report") return false;
  return effect.report.kind === "recovered" || effect.report.kind === "logCut";
}
