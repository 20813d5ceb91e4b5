/** Records what is sent on loopback, by tcpdump. It ends with the work that it is made for. */
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

/** Why nothing can be recorded here; undefined when it can. */
export function whyNoCapture(): string | undefined {
  try {
    execFileSync("tcpdump", ["--version"], { stdio: "ignore" });
  } catch {
    return "tcpdump is not installed (Debian: apt install tcpdump)";
  }
  // Capturing needs a right that ordinary users do not have.
  return process.getuid?.() === 0 ? undefined : "only root may capture";
}

/** Writes all TCP of these ports on loopback to `file` while `work` goes on. Rejects when tcpdump fails or loses packets. */
export async function capturing<T>(
  file: string,
  ports: readonly number[],
  work: () => Promise<T>,
): Promise<T> {
  const filter = ports.map((port) => `tcp port ${port}`).join(" or ");
  const child = spawn(
    "tcpdump",
    [
      "-i",
      "lo",
      "-B",
      "65536",
      "-s",
      "0",
      "--immediate-mode",
      "-U",
      "-Z",
      "root",
      "-w",
      file,
      filter,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const exited = once(child, "exit");
  let result: T;
  try {
    await listening(child, () => said);
    result = await work();
    // What was sent last takes a moment to be written.
    await delay(SETTLE_MS);
  } finally {
    child.kill("SIGINT");
    await exited;
  }
  if (/[1-9]\d* packets? dropped by kernel/.test(said)) throw new Error(`tcpdump: ${said}`);
  return result;
}

async function listening(
  child: ChildProcessByStdio<null, null, Readable>,
  said: () => string,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!said().includes("listening on")) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`tcpdump: ${said()}`);
    await delay(20);
  }
}

const SETTLE_MS = 500;
const PATIENCE_MS = 10_000;
