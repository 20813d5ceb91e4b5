/** Ensembles of processes, by the API and by the command: who is asked where, and who ends with whom. */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { SpawnedCommand, STACK_TRACE } from "../../test/spawned-command.js";
import { parseConnectString } from "../node/connect-string.js";
import { findFreePorts } from "./free-ports.js";
import { askFourLetterWord } from "../node/four-letter-word.js";
import { type ProcessEnsemble, startProcessEnsemble } from "./process-ensemble.js";

let command: SpawnedCommand;
let ensemble: ProcessEnsemble | undefined;
const children: ChildProcess[] = [];
/** Of the command, which cannot clean up when it is killed. */
let temporary: string;

beforeAll(async () => {
  command = await SpawnedCommand.bundle();
  temporary = mkdtempSync(join(tmpdir(), "jute-ts-process-ensemble-"));
});

afterEach(async () => {
  await ensemble?.stop();
  ensemble = undefined;
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

afterAll(() => {
  command.remove();
  rmSync(temporary, { recursive: true, force: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function roles(connectString: string): Promise<readonly (string | undefined)[]> {
  const { servers } = parseConnectString(connectString);
  const answers = await Promise.all(servers.map((each) => askFourLetterWord(each, "srvr")));
  return answers.map((answer) => /Mode: (\w+)/u.exec(answer)?.[1]).sort();
}

function spawnEnsemble(...args: string[]): ChildProcess {
  const env = { ...process.env, TMPDIR: temporary };
  const named = args[0]?.startsWith("-") === false ? args : ["ensemble", ...args];
  const child = command.spawn(named, { env });
  children.push(child);
  return child;
}

/** Runs `ensemble` until it has said where everything is. */
async function runEnsemble(
  ...args: string[]
): Promise<{ child: ChildProcess; lines: string[]; errors: string[] }> {
  const child = spawnEnsemble(...args);
  const lines: string[] = [];
  const errors: string[] = [];
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("no output");
  createInterface({ input: stderr }).on("line", (text) => errors.push(text));
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => {
      reject(new Error(`ended with ${String(code)}: ${errors.join("\n")}`));
    });
    createInterface({ input: stdout }).on("line", (text) => {
      lines.push(text);
      if (/^data in |"connectString"/u.test(text)) resolve();
    });
  });
  return { child, lines, errors };
}

describe("an ensemble of processes", () => {
  it("serves when it is started, at its connection string, and again when one was killed", async () => {
    ensemble = await startProcessEnsemble({ size: 3, program: command.program });
    const { connectString, directory } = ensemble;
    expect(await roles(connectString)).toEqual(["follower", "follower", "leader"]);
    await ensemble.killServer(3);
    expect(ensemble.servers[2]?.pid).toBeUndefined();
    await ensemble.startServer(3);
    await ensemble.ready();
    expect(await roles(connectString)).toEqual(["follower", "follower", "leader"]);
    await ensemble.stop();
    expect(existsSync(directory)).toBe(false);
  });

  it("says what a server said last that cannot start", async () => {
    const [clientPort = 0] = await findFreePorts(1);
    const options = { size: 1, clientPort, program: command.program };
    ensemble = await startProcessEnsemble(options);
    // The first one answers at the port where the second one is expected.
    const failure = await startProcessEnsemble(options).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/server 1 has ended: .*client port \d+ is taken/u);
  });
});

describe("the command ensemble", () => {
  it("says where its servers answer, who run in its own process", async () => {
    const { child, lines, errors } = await runEnsemble("--size", "1", "--observers", "1");
    const connectString = /status (\S+)/u.exec(lines.join("\n"))?.[1] ?? "";
    expect(await roles(connectString)).toEqual(["leader", "observer"]);
    expect(lines[0]).toMatch(/^server 1: leader in epoch 1, answers at 127\.0\.0\.1:\d+$/u);
    const status = await command.run(["status", connectString]);
    expect(status).toMatchObject({ code: 0, stderr: "" });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    const { directory } = /data in (?<directory>\S+),/u.exec(lines.join("\n"))?.groups ?? {};
    expect(existsSync(directory ?? "")).toBe(true);
    // As when the terminal and npm both pass it on.
    child.kill("SIGINT");
    child.kill("SIGTERM");
    expect(await gone).toBe(0);
    expect(existsSync(directory ?? "")).toBe(false);
    expect(errors.join("\n")).toBe("");
  });

  it("has a sister for one server that stands alone", async () => {
    const { child, lines, errors } = await runEnsemble("standalone", "--memory");
    const connectString = /connect clients to (\S+)/u.exec(lines.join("\n"))?.[1] ?? "";
    expect(await roles(connectString)).toEqual(["standalone"]);
    expect(lines.at(-1)).toBe("data in memory, gone at the end; stop with Ctrl+C");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    expect(await gone).toBe(0);
    expect(errors).toEqual([]);
    const both = await command.run(["ensemble", "--memory", "--processes"]);
    expect(both).toMatchObject({ code: 2 });
    expect(both.stderr).toMatch(/--memory and --processes exclude each other/u);
  });

  it("takes a port, and says everything as JSON when asked to", async () => {
    const [clientPort = 0] = await findFreePorts(1);
    const args = ["--size", "1", "--client-port", String(clientPort), "--set", "tickTime=777"];
    const { lines } = await runEnsemble(...args, "--output", "json");
    const told = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(told[0]).toMatchObject({ role: "leader", clientAddress: `127.0.0.1:${clientPort}` });
    expect(told.at(-1)).toMatchObject({ connectString: `127.0.0.1:${clientPort}` });
    const conf = await askFourLetterWord({ host: "127.0.0.1", port: clientPort }, "conf");
    expect(conf).toContain("tickTime=777\n");
    const second = await command.run(["ensemble", ...args]);
    expect(second.stderr).toMatch(/client port \d+ is taken/u);
    expect(second.stderr).not.toMatch(STACK_TRACE);
    expect(second.code).toBe(1);
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "takes its processes with it when it ends by %s",
    async (signal) => {
      const { child, lines } = await runEnsemble("--size", "2", "--processes");
      const pids = lines
        .map((text) => Number(/: process (\d+),/u.exec(text)?.[1] ?? 0))
        .filter((pid) => pid !== 0);
      expect(pids).toHaveLength(2);
      expect(pids.map(isAlive)).toEqual([true, true]);
      child.kill(signal);
      await vi.waitFor(
        () => {
          expect(pids.map(isAlive)).toEqual([false, false]);
        },
        { timeout: 10_000, interval: 50 },
      );
    },
  );

  it("takes its processes with it also when it is killed while they start", async () => {
    const child = spawnEnsemble("--size", "2", "--processes");
    const path = `/proc/${child.pid ?? 0}/task/${child.pid ?? 0}/children`;
    if (!existsSync("/proc/self/task")) return;
    let pids: number[] = [];
    await vi.waitFor(
      () => {
        pids = readFileSync(path, "utf8").trim().split(" ").filter(Boolean).map(Number);
        expect(pids).toHaveLength(2);
      },
      { timeout: 10_000, interval: 2 },
    );
    child.kill("SIGKILL");
    await vi.waitFor(
      () => {
        expect(pids.map(isAlive)).toEqual([false, false]);
      },
      { timeout: 10_000, interval: 50 },
    );
  });
});
