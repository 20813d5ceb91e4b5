/** A client that holds sessions, ephemerals and watches, in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ClientAddress } from "../kit/four-letter-words.js";

/** Runs `work` while sessions with the server hold what `holding_client.py` says. */
export async function whileClientsHold<T>(
  { host, port }: ClientAddress,
  work: () => Promise<T>,
): Promise<T> {
  const child = spawn("/usr/bin/python3", [SCRIPT, `${host}:${port}`], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = once(child, "close");
  try {
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([once(lines, "line"), ended]);
    if (first[0] !== "ready") throw new Error(`the client ended: ${errors}`);
    return await work();
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

const SCRIPT = fileURLToPath(new URL("holding_client.py", import.meta.url));
