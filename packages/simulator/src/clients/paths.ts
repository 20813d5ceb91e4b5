/** Where simulated clients keep what: checkers tell by the path what a znode is for. */

/** Registers: znodes that come and go, with values that are never written twice. */
export const REGISTERS = "/registers";
/** Sequential znodes; nothing else is created below. */
export const SEQUENCES = "/sequences";
export const EPHEMERALS = "/ephemerals";
/** Containers and znodes with a time to live. */
export const SHORT_LIVED = "/short-lived";

/** Where anything may be asked for: see wild-operations.ts. */
export const WILD = "/wild";

export const PARENTS: readonly string[] = [REGISTERS, SEQUENCES, EPHEMERALS, SHORT_LIVED, WILD];

export function registerPath(index: number): string {
  return `${REGISTERS}/r${index}`;
}

export function isRegister(path: string): boolean {
  return path.startsWith(`${REGISTERS}/`);
}
