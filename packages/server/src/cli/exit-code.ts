/** How a command ends. The same table holds for every command of this project: docs/exit-codes.md. */

/** 0: done. 1: what was asked for failed, or something was found. 2: wrong use or a wrong configuration. */
export type ExitCode = 0 | 1 | 2;

export const EXIT_DONE: ExitCode = 0;
export const EXIT_FAILED: ExitCode = 1;
export const EXIT_MISUSED: ExitCode = 2;
