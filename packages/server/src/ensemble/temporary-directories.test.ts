/** What is left of servers that nobody stops, by programs that end as users' programs do. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";

const children: ChildProcess[] = [];
let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "jute-ts-abandoned-"));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(temporary, { recursive: true, force: true });
});

function spawnProgram(program: string): ChildProcess {
  const source = `import { startServer } from "@jute-ts/server";\n${program}`;
  const flags = ["--import", "tsx", "-C", "@jute-ts/source", "--input-type=module", "-e", source];
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, flags, {
    cwd: import.meta.dirname,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.push(child);
  return child;
}

/** The directory of a server that runs in a process of its own until that is killed. */
async function startForgotten(): Promise<{ child: ChildProcess; directory: string }> {
  const child = spawnProgram("console.log((await startServer()).directory);");
  if (child.stdout === null) throw new Error("no output");
  const [directory] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, directory };
}

/** What lies in the temporary directory after a program has ended, but for what tsx keeps there. */
async function leftBy(program: string): Promise<readonly string[]> {
  const child = spawnProgram(program);
  await once(child, "exit");
  return ensembleDirectories();
}

function ensembleDirectories(): readonly string[] {
  return readdirSync(temporary).filter((name) => name.startsWith("jute-ts-ensemble-"));
}

it.each([
  ["throws", "await startServer(); throw new Error('a mistake of the program');"],
  ["exits", "await startServer(); await startServer(); process.exit(3);"],
])("nothing is left by a program that %s", async (_how, program) => {
  expect(await leftBy(program)).toEqual([]);
});

it("what a signal leaves goes when the next program starts a server, and nothing else does", async () => {
  const running = await startForgotten();
  const interrupted = await startForgotten();
  interrupted.child.kill("SIGINT");
  const [code, signal] = (await once(interrupted.child, "exit")) as [number | null, string];
  // What SIGINT does to the program is still the program's choice.
  expect([code, signal]).toEqual([null, "SIGINT"]);
  expect(existsSync(interrupted.directory)).toBe(true);

  const name = interrupted.directory.slice(temporary.length + 1);
  const [machine = "", pid = "", start = ""] = name.slice("jute-ts-ensemble-".length).split("-");
  const id = name.slice(-36);
  const { pid: runningPid = 0 } = running.child;
  const others = {
    ofAnotherMachine: `jute-ts-ensemble-${machine.split("").reverse().join("")}-${pid}-${start}-${id}`,
    ofNobody: "jute-ts-ensemble-notes",
    ofAnEarlierProcessOfThisId: `jute-ts-ensemble-${machine}-${runningPid}-1-${id}`,
  };
  for (const other of Object.values(others)) mkdirSync(join(temporary, other));

  const left = await leftBy("await (await startServer()).stop();");
  const expected = [running.directory, others.ofAnotherMachine, others.ofNobody];
  // Only Linux says when a process started.
  if (start === "0") expected.push(others.ofAnEarlierProcessOfThisId);
  const names = expected.map((each) => each.replace(`${temporary}/`, ""));
  expect([...left].sort()).toEqual(names.sort());
});
