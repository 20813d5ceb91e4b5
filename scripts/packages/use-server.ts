/**
 * Servers from the tarballs, as an operator runs them: the command is installed into an empty
 * folder with nothing else, every one of its commands is run, and an ensemble of one server and
 * one of three come up from zoo.cfg files and go down when they are told to.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run, step, stepAsync, strangersEnvironment, writeFiles } from "./shell.js";
import { installAsStranger, type PackedPackage } from "./tarball.js";

const SERVER = "@jute-ts/server";
const START_MS = 60_000;

export async function useServerAsAStranger(
  packed: readonly PackedPackage[],
  project: string,
): Promise<void> {
  const server = packed.find(({ manifest }) => manifest.name === SERVER);
  if (server === undefined) throw new Error(`there is no ${SERVER}`);
  const [name = "", ...others] = Object.keys(server.manifest.bin ?? {});
  if (others.length > 0) throw new Error(`${SERVER} has more commands than this check knows`);
  const command = path.join(project, "node_modules/.bin", name);

  step(`install ${SERVER} alone`, () => {
    installAsStranger(project, packed, [SERVER], {});
    const installed = readdirSync(path.join(project, "node_modules/@jute-ts"));
    const unneeded = installed.filter((each) => /simulator|compiler|cli|fast-check/.test(each));
    if (unneeded.length > 0) throw new Error(`a server brings ${unneeded.join(", ")} along`);
  });
  step(`${name} --help, --version, wrong use`, () => {
    const help = run(command, ["--help"], project);
    for (const each of ["start", "status", "restore", "ensemble", "standalone"]) {
      if (!help.includes(each)) throw new Error(`${name} --help does not name ${each}:\n${help}`);
      run(command, ["help", each], project);
    }
    const version = run(command, ["--version"], project).trim();
    if (version !== server.manifest.version) {
      throw new Error(`${name} --version says ${version}, the manifest ${server.manifest.version}`);
    }
    const wrong = spawnSync(command, ["no-such-command"], { cwd: project, encoding: "utf8" });
    if (wrong.status !== 2 || wrong.stderr === "" || /^\s+at /m.test(wrong.stderr)) {
      throw new Error(`${name} no-such-command: ${String(wrong.status)}\n${wrong.stderr}`);
    }
  });
  for (const size of [1, 3]) {
    await stepAsync(`${name} start, an ensemble of ${size}; status`, () =>
      useEnsemble(command, path.join(project, `of-${size}`), size),
    );
  }
  await stepAsync(`${name} ensemble`, () => useEnsembleCommand(command, project));
}

/** Starts the servers of an ensemble, waits until all serve, and ends them. */
async function useEnsemble(command: string, folder: string, size: number): Promise<void> {
  const ports = await freePorts(3 * size);
  const at = (index: number): number => ports[index] ?? 0;
  const indices = Array.from({ length: size }, (_, index) => index);
  const members = indices.map(
    (index) => `server.${index + 1}=127.0.0.1:${at(3 * index)}:${at(3 * index + 1)}`,
  );
  for (const index of indices) {
    writeFiles(folder, {
      [`${index + 1}/zoo.cfg`]: [
        "tickTime=200",
        "initLimit=50",
        "syncLimit=20",
        `dataDir=${path.join(folder, String(index + 1), "data")}`,
        `clientPort=${at(3 * index + 2)}`,
        "clientPortAddress=127.0.0.1",
        "4lw.commands.whitelist=*",
        ...members,
        "",
      ].join("\n"),
      [`${index + 1}/data/myid`]: `${index + 1}\n`,
    });
  }
  const servers = indices.map((index) =>
    start(command, ["start", path.join(folder, String(index + 1), "zoo.cfg")], folder),
  );
  const addresses = indices.map((index) => `127.0.0.1:${at(3 * index + 2)}`);
  try {
    const status = await untilAllServe(command, addresses, servers);
    const leaders = status.match(/\b(leader|standalone)\b/g)?.length ?? 0;
    const followers = status.match(/\bfollower\b/g)?.length ?? 0;
    if (leaders !== 1 || followers !== size - 1) throw new Error(`not one leader:\n${status}`);
    run(command, ["status", ...addresses, "--output", "json"], folder);
  } finally {
    for (const server of servers) await server.end("SIGTERM");
  }
}

async function untilAllServe(
  command: string,
  addresses: readonly string[],
  servers: readonly Server[],
): Promise<string> {
  const endMs = performance.now() + START_MS;
  for (;;) {
    const { status, stdout } = spawnSync(command, ["status", ...addresses], { encoding: "utf8" });
    if (status === 0) return stdout;
    const stopped = servers.find(({ child }) => child.exitCode !== null);
    if (stopped !== undefined || performance.now() > endMs) {
      const logs = servers.map(({ log }) => log()).join("\n");
      throw new Error(`the servers do not all serve:\n${stdout}\n${logs}`);
    }
    await delay(200);
  }
}

/** The command that runs a whole ensemble says when it serves, and ends when it is told to. */
async function useEnsembleCommand(command: string, project: string): Promise<void> {
  const ensemble = start(command, ["ensemble", "--size", "3"], project);
  try {
    const endMs = performance.now() + START_MS;
    while (!/lead/i.test(ensemble.log())) {
      if (ensemble.child.exitCode !== null || performance.now() > endMs) {
        throw new Error(`${command} ensemble has no leader:\n${ensemble.log()}`);
      }
      await delay(100);
    }
  } finally {
    await ensemble.end("SIGINT");
  }
}

interface Server {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly log: () => string;
  /** Tells it to end, and resolves when it has. Throws when it did not end well. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

function start(command: string, arguments_: readonly string[], directory: string): Server {
  const child = spawn(command, arguments_, {
    cwd: directory,
    env: strangersEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
  }
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
  return {
    child,
    log: () => said,
    end: async (signal) => {
      child.kill(signal);
      const unwilling = setTimeout(() => child.kill("SIGKILL"), START_MS);
      const [code] = await ended;
      clearTimeout(unwilling);
      if (code !== 0)
        throw new Error(`${arguments_.join(" ")} ended with ${String(code)}:\n${said}`);
    },
  };
}

/** Ports that nobody listens on, all held until all are found. */
async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const holder of holders) {
    holder.listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    if (typeof address === "object" && address !== null) ports.push(address.port);
  }
  for (const holder of holders) {
    holder.close();
    await once(holder, "close");
  }
  return ports;
}
