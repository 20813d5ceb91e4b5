/** What `npm start` tells people to paste, pasted. */
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

test("npm start prints a line that connects a client, and ends when it is told to", async () => {
  const program = [
    "--import",
    "tsx",
    "-C",
    "@jute-ts/source",
    "scripts/start.ts",
    "--seconds",
    "50",
  ];
  const child = spawn(process.execPath, program, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const exit = new Promise((resolve) => child.once("exit", resolve));
  try {
    let line = "";
    for await (const text of createInterface({ input: child.stdout })) {
      if (text.trim().startsWith("node -e")) line = text.trim();
      if (text.includes("--stay")) break;
    }
    const { stdout } = await promisify(execFile)("sh", ["-c", line], {
      cwd: root,
      timeout: 20_000,
    });
    expect(stdout).toBe("[ 'zookeeper' ]\n");
  } finally {
    child.kill("SIGINT");
  }
  expect(await exit).toBe(0);
});
