/**
 * What a simulated client does, as numbers: how often it asks, how much at once,
 * and how its requests are mixed. Each client of each seed draws its own.
 */
import type { ChangeRequest } from "@jute-ts/quorum";
import { X509_SUPER_USER } from "../model/listed-users.js";
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";

/** Kinds of operations, each with its weight: how often it is drawn, relative to the others. */
export interface OperationMix {
  readonly registerSet: number;
  readonly registerCompareAndSet: number;
  readonly registerCreate: number;
  readonly registerDelete: number;
  readonly multi: number;
  readonly sequential: number;
  readonly ephemeral: number;
  readonly shortLived: number;
  readonly syncAndRead: number;
  readonly read: number;
  readonly move: number;
  readonly closeSession: number;
  /** Goes away without a word. */
  readonly leave: number;
  /** Anything at all: see wild-operations.ts. */
  readonly wild: number;
  readonly wildRead: number;
}

export interface Workload {
  readonly mix: OperationMix;
  /** The time between two operations, on average, in milliseconds. */
  readonly meanGapMs: number;
  /** How many operations may be under way at once. */
  readonly maxInFlight: number;
  readonly sessionTimeoutMs: number;
  /** How long an operation may take until the client gives its session up. */
  readonly patienceMs: number;
  /** How many registers all clients share. */
  readonly registers: number;
  /** Bytes that pad each value, at most. */
  readonly maxPadding: number;
  readonly longestTtlMs: number;
  /** Whether it sets quotas. */
  readonly setsQuotas: boolean;
  /** Who the client's server knows it to be: its address, and its user if it has logged in. */
  readonly authInfo: ChangeRequest["authInfo"];
  /** Whether it begins to number its requests from 1 when it has moved, as a new handle of the same session does. */
  readonly numbersAgain: boolean;
  /** Whether it moves although requests are under way, which then come from two servers. */
  readonly isRestless: boolean;
}

/** The users that clients may be, as lists name them. */
export const USERS: readonly string[] = ["ann:h1=", "bob:h2=", "eve:h3="];

/** Where clients are, as Java writes it, too. */
const NETWORKS = ["10.0.0.", "10.0.0.", "2001:db8::", "2001:db8:0:0:0:0:0:"] as const;
const SASL_USERS = ["ann", "bob@REALM", "super"] as const;
const X509_USERS = ["CN=ann,O=Test", "2.40=ann", X509_SUPER_USER] as const;

/** Draws a client's workload. `index` tells clients apart, from 0; `intensity` multiplies how often it asks. */
export function drawWorkload(
  random: Random,
  settings: WorldSettings,
  index = 0,
  intensity = 1,
): Workload {
  const { tickTimeMs } = settings.peer;
  const weight = (usual: number): number => (random.chance(0.25) ? 0 : usual * random.fraction());
  const sessionTimeoutMs = tickTimeMs * random.pick([4, 10, 40]);
  return {
    mix: {
      registerSet: 4,
      registerCompareAndSet: weight(8),
      registerCreate: weight(3),
      registerDelete: weight(2),
      multi: weight(4),
      sequential: weight(4),
      ephemeral: weight(4),
      shortLived: weight(4),
      syncAndRead: weight(3),
      read: 2,
      move: weight(1),
      closeSession: weight(0.6),
      leave: weight(1),
      wild: weight(14),
      wildRead: weight(3),
    },
    // Time costs a run next to nothing, requests do: in a longer run clients ask less often.
    meanGapMs: settings.safetyMs / (random.pick([8, 20, 40, 80]) * intensity),
    maxInFlight: random.pick([1, 1, 3, 8, 100]),
    sessionTimeoutMs,
    patienceMs: 3 * sessionTimeoutMs,
    registers: random.pick([1, 2, 5]),
    maxPadding: random.pick([0, 20, 200]),
    longestTtlMs: tickTimeMs * random.pick([1, 10, 60]),
    setsQuotas: settings.quotas !== "none",
    authInfo: [
      { scheme: "ip", id: `${random.pick(NETWORKS)}${index + 1}` },
      ...(random.chance(0.7) ? [{ scheme: "digest", id: random.pick(USERS) }] : []),
      ...(random.chance(0.3) ? [{ scheme: "sasl", id: random.pick(SASL_USERS) }] : []),
      ...(random.chance(0.3) ? [{ scheme: "x509", id: random.pick(X509_USERS) }] : []),
      ...(random.chance(0.05) ? [{ scheme: "super", id: "" }] : []),
    ],
    numbersAgain: random.chance(0.3),
    isRestless: random.chance(0.3),
  };
}
