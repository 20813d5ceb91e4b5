/** What the operating system says of this process. */
import { readdirSync, readFileSync } from "node:fs";

/** Files and sockets: how many are open, and how many may be. -1 where the system does not say. */
export function openFiles(): { readonly open: number; readonly most: number } {
  try {
    return { open: readdirSync("/proc/self/fd").length, most: mostOpenFiles() };
  } catch {
    return { open: -1, most: -1 };
  }
}

/** How many files and sockets this process may have open. -1 where the system does not say, or has no limit. */
export function mostOpenFiles(): number {
  try {
    const most = /^Max open files\s+(\d+)/mu.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return Number(most ?? -1);
  } catch {
    return -1;
  }
}
