/**
 * Which connections are one and the same link: a learner's end and its leader's
 * have ids of their own. Judges nothing, and forgets nothing.
 */
import type { ConnectionId } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { WorldView } from "../checkers/checker.js";

/** A link between a leader and a learner. One object for both ends. */
export interface Link {
  readonly leader: Sid;
  readonly learner: Sid;
}

export class GhostLinks {
  readonly #links = new Map<ConnectionId, Link>();

  /** The link that a connection, at either end, belongs to. */
  link(connection: ConnectionId, world: WorldView): Link {
    const known = this.#links.get(connection);
    if (known !== undefined) return known;
    const { owner, remote, remoteConnection, side } = world.connection(connection);
    const other = remoteConnection === undefined ? undefined : this.#links.get(remoteConnection);
    const link =
      other ??
      (side === "opened" ? { leader: remote, learner: owner } : { leader: owner, learner: remote });
    this.#links.set(connection, link);
    return link;
  }
}

/** What a checker keeps for each link that it has heard of. */
export class PerLink<State> {
  readonly #states = new Map<Link, State>();
  readonly #begin: () => State;

  constructor(begin: () => State) {
    this.#begin = begin;
  }

  of(link: Link): State {
    let state = this.#states.get(link);
    if (state === undefined) this.#states.set(link, (state = this.#begin()));
    return state;
  }
}
