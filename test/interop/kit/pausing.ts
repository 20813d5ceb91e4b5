/** Freezing a process from outside, which takes it a moment: a thread that runs goes on until it is told. */
import type { ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "./waiting.js";

/** Resolves when none of its threads runs any more. Harmless when it has ended. */
export async function pauseProcess(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined) return;
  const { pid } = child;
  child.kill("SIGSTOP");
  await until(
    () => isFrozen(pid),
    PATIENCE_MS,
    () => `process ${pid} to stop in all its threads`,
  );
}

/** Where the system does not tell, after a while that is long enough. */
async function isFrozen(pid: number): Promise<boolean> {
  let threads: string[];
  try {
    threads = await readdir(`/proc/${pid}/task`);
  } catch {
    await delay(WITHOUT_PROC_MS);
    return true;
  }
  const states = await Promise.all(threads.map((thread) => stateOf(pid, thread)));
  return states.every((state) => state === undefined || GONE_OR_STOPPED.includes(state));
}

/** The letter behind the name in parentheses, which may hold anything. */
async function stateOf(pid: number, thread: string): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
}

/** Stopped, being traced, a zombie, dead. */
const GONE_OR_STOPPED = "TtZX";
const PATIENCE_MS = 5000;
const WITHOUT_PROC_MS = 100;
