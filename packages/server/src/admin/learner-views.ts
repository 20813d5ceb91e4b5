/** The learners of a leader as its operators see them: what the protocol knows of each, and its connection. */
import type { ConnectionId, LearnerConnection } from "@jute-ts/quorum";
import type { LinkDescription } from "../node/quorum-links.js";
import type { LearnerView } from "./server-view.js";

type Counts = Pick<LearnerView, "packetsReceived" | "packetsSent" | "requests">;

export class LearnerViews {
  readonly #connections: () => readonly LearnerConnection[];
  readonly #linkOf: (connection: ConnectionId) => LinkDescription | undefined;
  /** What each observer had counted when its counts began again. */
  #counted: ReadonlyMap<ConnectionId, Counts> = new Map();

  /** Both are asked when something is shown. */
  constructor(
    connections: () => readonly LearnerConnection[],
    linkOf: (connection: ConnectionId) => LinkDescription | undefined,
  ) {
    this.#connections = connections;
    this.#linkOf = linkOf;
  }

  /** None while this server does not lead. */
  list(): readonly LearnerView[] {
    return this.#connections().map((learner) => {
      const link = this.#linkOf(learner.connection);
      const counted = this.#counted.get(learner.connection) ?? NOTHING;
      return {
        ...learner,
        synced: learner.stage === "forwarding",
        remoteAddress: link?.remoteAddress ?? "",
        establishedWallMs: link?.openedWallMs ?? 0,
        packetsReceived: learner.packetsReceived - counted.packetsReceived,
        packetsSent: (link?.packetsSent ?? 0) - counted.packetsSent,
        requests: learner.requests - counted.requests,
      };
    });
  }

  /** The counts of observers begin again. */
  resetObservers(): void {
    this.#counted = new Map(
      this.#connections()
        .filter(({ role }) => role === "observer")
        .map(({ connection, packetsReceived, requests }) => [
          connection,
          { packetsReceived, requests, packetsSent: this.#linkOf(connection)?.packetsSent ?? 0 },
        ]),
    );
  }
}

const NOTHING: Counts = { packetsReceived: 0, packetsSent: 0, requests: 0 };
