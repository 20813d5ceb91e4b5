/** One server of Apache's and one of ours, each as its users run it, that stand alone and end with this process. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFreePorts } from "../../../packages/server/src/ensemble/free-ports.js";
import { ask } from "../kit/four-letter-words.js";
import { type Java, javaArguments } from "../kit/java.js";
import { until } from "../kit/waiting.js";
import { bundleServer } from "./bundled-server.js";

export type Maker = "apache" | "own";

/** A server that clients can connect to. */
export interface ReachableServer {
  /** `host:port`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts a server in this directory. Resolves when it serves. */
export async function startStandalone(
  maker: Maker,
  java: Java,
  directory: string,
): Promise<ReachableServer> {
  const [port = 0] = await findFreePorts(1);
  mkdirSync(directory, { recursive: true });
  const configuration = join(directory, "zoo.cfg");
  writeFileSync(configuration, zooCfg(join(directory, "data"), port));
  const log = openSync(join(directory, "log"), "a");
  const child =
    maker === "apache"
      ? spawn("java", javaArguments(java, "WatchedServer", APACHE_PROPERTIES, [configuration]), {
          stdio: ["pipe", log, log],
        })
      : spawn(
          process.execPath,
          [await bundleServer(), "start", configuration, "--end-with-parent"],
          {
            stdio: ["ignore", log, log, "ipc"],
          },
        );
  closeSync(log);
  const address = { host: "127.0.0.1", port };
  try {
    await until(
      async () => (await ask(address, "srvr").catch(() => "")).includes("\nMode: standalone\n"),
      30_000,
      () => `the server of ${maker}: ${readFileSync(join(directory, "log"), "utf8").slice(-2000)}`,
    );
  } catch (error) {
    await end(child);
    throw error;
  }
  return { address: `127.0.0.1:${port}`, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function zooCfg(dataDir: string, port: number): string {
  const lines = {
    tickTime: 2000,
    dataDir,
    clientPort: port,
    clientPortAddress: "127.0.0.1",
    extendedTypesEnabled: true,
    "admin.enableServer": false,
    "4lw.commands.whitelist": "*",
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

const APACHE_PROPERTIES = {
  "org.slf4j.simpleLogger.defaultLogLevel": "warn",
  "zookeeper.jmx.log4j.disable": "true",
};
