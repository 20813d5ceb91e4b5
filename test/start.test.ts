/** What the commands of the README's first screen show. */
import { execFile, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { effort } from "./effort.js";

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

test.runIf(effort(1, 0) === 1)("npm run demo counts the records of each definition", async () => {
  const program = ["--import", "tsx", "-C", "@jute-ts/source", "scripts/demo.ts"];
  const { stdout } = await promisify(execFile)(process.execPath, program, {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1" },
  });
  const shown = Array.from(stdout.matchAll(/^ +(\S+\.jute) +(\d+) records$/gm), (line) =>
    line.slice(1),
  );
  const definitions = readdirSync(`${root}jute-defs`).filter((name) => name.endsWith(".jute"));
  const counted = definitions.sort().map((name) => {
    const text = readFileSync(`${root}jute-defs/${name}`, "utf8");
    return [name, String(text.match(/^ *class /gm)?.length)];
  });
  expect(shown).toEqual(counted);
});
