/**
 * How long a time by a server's clock can be for the world. `clockDrift`: how much faster or
 * slower than the world's a clock may run; 0.01 is 1 %.
 */

export function soonestMs(serverMs: number, clockDrift: number): number {
  return serverMs / (1 + clockDrift) - ROUNDING_MS;
}

export function latestMs(serverMs: number, clockDrift: number): number {
  return serverMs / (1 - clockDrift) + ROUNDING_MS;
}

/** Timers of client sides are late by a thousandth, and settle after what happens with them. */
const ROUNDING_MS = 0.01;
