/** How much memory a process has, as Linux says. */
import { readFileSync } from "node:fs";

/** In megabytes. */
export interface Memory {
  /** What is in memory now. */
  readonly resident: number;
  /** The same, with pages that several processes share divided among them. */
  readonly proportional: number;
  /** The most that was ever resident. */
  readonly peak: number;
}

/** NaN for what the system does not say. */
export function memoryOf(pid: number): Memory {
  const status = read(`/proc/${String(pid)}/status`);
  const rollup = read(`/proc/${String(pid)}/smaps_rollup`);
  return {
    resident: megabytes(status, "VmRSS"),
    proportional: megabytes(rollup, "Pss"),
    peak: megabytes(status, "VmHWM"),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function megabytes(text: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "mu").exec(text)?.[1];
  return kilobytes === undefined ? NaN : Number(kilobytes) / 1024;
}
