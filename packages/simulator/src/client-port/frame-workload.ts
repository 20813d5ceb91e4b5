/** What a client of the client port does, as numbers. Each client of each seed draws its own. */
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";
import { drawIdentity, type Identity } from "./logins/client-logins.js";

/** Kinds of operations, each with its weight: how often it is drawn, relative to the others. */
export interface FrameMix {
  readonly change: number;
  readonly sequential: number;
  readonly ephemeral: number;
  readonly read: number;
  readonly sync: number;
  readonly watch: number;
  readonly auth: number;
  /** By what a client may be known besides. */
  readonly login: number;
  readonly move: number;
  readonly closeSession: number;
  readonly leave: number;
  readonly steal: number;
  readonly garbage: number;
}

export interface FrameWorkload {
  readonly mix: FrameMix;
  /** The time between two bursts of operations, on average, in milliseconds. */
  readonly meanGapMs: number;
  /** The most operations of a burst. */
  readonly burst: number;
  /** How many operations may be under way at once. */
  readonly maxInFlight: number;
  readonly sessionTimeoutMs: number;
  /** How long to wait before it connects again, on average. */
  readonly meanPauseMs: number;
  readonly longestTtlMs: number;
  readonly extendedTypes: boolean;
  /** Whether it sets quotas. */
  readonly setsQuotas: boolean;
  /** Whether it says that reading is enough for it, where there is no leader. */
  readonly mayOnlyRead: boolean;
  /** Whether it takes a session to another server that one without a leader has begun. */
  readonly takesReadersAlong: boolean;
  /** Whether only its server knows a session at first. */
  readonly beginsLocally: boolean;
  /** The longest request with which it sets its watches again, in bytes; it gives up more than that. */
  readonly mostWatchBytes: number;
  /** The client's address, as servers see it. */
  readonly address: string;
  /** Whether what it sends first on a connection waits for nothing, as with Apache's Java client. */
  readonly isHasty: boolean;
  /** Whether it takes events for news of the last txn, too. */
  readonly countsEvents: boolean;
  /** Whether it watches everything, and does not always read what it is told. */
  readonly watchesAll: boolean;
  /** Whether it is from before 3.4: its first message, and the answer, know of no readers. */
  readonly isOld: boolean;
  /** Who it is, where clients prove that in more than one way. */
  readonly identity: Identity | undefined;
}

/** Draws a client's workload. `index` tells clients apart, from 0. */
export function drawFrameWorkload(
  random: Random,
  settings: WorldSettings,
  index: number,
): FrameWorkload {
  const { tickTimeMs } = settings.peer;
  // A server that takes no request of that length would never let the client come back.
  const { thresholdBytes, maxBytes } = settings.clientLimits.largeRequests;
  const weight = (usual: number): number => (random.chance(0.2) ? 0 : usual * random.fraction());
  const burst = random.pick([1, 1, 4, 12]);
  const usual: FrameWorkload = {
    mix: {
      change: 6 + weight(10),
      sequential: weight(3),
      ephemeral: weight(4),
      read: 6 + weight(12),
      sync: weight(2),
      watch: weight(5),
      auth: weight(1),
      login: 0,
      move: weight(1),
      closeSession: weight(0.5),
      leave: weight(0.5),
      steal: weight(0.5),
      garbage: weight(0.3),
    },
    meanGapMs: (settings.safetyMs * burst) / random.pick([60, 120, 240]),
    burst,
    maxInFlight: random.pick([1, 8, 100]),
    sessionTimeoutMs: tickTimeMs * random.pick([3, 6, 12]),
    meanPauseMs: tickTimeMs * random.pick([0.05, 0.5]),
    longestTtlMs: tickTimeMs * random.pick([1, 10, 60]),
    extendedTypes: settings.extendedTypes,
    setsQuotas: settings.quotas !== "none",
    mayOnlyRead: settings.clientPorts.readOnlyServers && random.chance(0.7),
    takesReadersAlong: settings.clientPorts.readOnlyServers && random.chance(0.3),
    beginsLocally: settings.clientPorts.localSessions,
    mostWatchBytes: thresholdBytes > 0 ? maxBytes / 2 : Infinity,
    address: `10.0.0.${index + 1}`,
    isHasty: random.chance(0.5),
    countsEvents: random.chance(0.5),
    watchesAll: false,
    isOld: false,
    identity: undefined,
  };
  const { logins } = settings.clientPorts;
  if (logins === undefined) return usual;
  const mix = { ...usual.mix, login: weight(4) };
  return { ...usual, mix, identity: drawIdentity(random, logins) };
}
