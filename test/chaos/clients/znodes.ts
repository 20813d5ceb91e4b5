/** The znodes of the load, and what is expected of requests for them. */

/** Set by everyone, never deleted. The first half is watched once at a time, the other persistently. */
export const REGISTERS: readonly string[] = Array.from(
  { length: 6 },
  (_, nth) => `/registers/r${nth}`,
);
export const WATCHED_PERSISTENTLY = 3;
/** Its children are created and deleted by everyone. */
export const TURNOVER = "/turnover";
export const TURNS: readonly string[] = Array.from(
  { length: 4 },
  (_, nth) => `${TURNOVER}/t${nth}`,
);
/** Below it everyone creates sequential znodes. */
export const LINE = "/line";
/** Below it are znodes that one session each has created, and may delete. */
export const MADE = "/made";
/** Below it are ephemeral znodes. */
export const EPHEMERALS = "/ephemerals";

/** All that the load needs, parents first. */
export const ROOTS: readonly string[] = [
  "/registers",
  ...REGISTERS,
  TURNOVER,
  LINE,
  MADE,
  EPHEMERALS,
];

export function isTurn(path: string): boolean {
  return path.startsWith(`${TURNOVER}/`);
}

export function isRegister(path: string): boolean {
  return REGISTERS.includes(path);
}
