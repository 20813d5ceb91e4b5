/**
 * Where the servers of an ensemble on this machine listen and keep their data:
 * a directory with a zoo.cfg for each, so that whatever runs them, in one process
 * or in several, runs what users run.
 */
import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ConfigurationError, parseZooCfg } from "../configuration/index.js";
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { formatHostAndPort, type HostAndPort } from "../node/connect-string.js";
import { describeFileError } from "../node/system-error.js";

/** Options of an ensemble that make no sense: a size of 0, a setting that the ensemble decides itself. */
export class EnsembleOptionsError extends RangeError {
  override readonly name = "EnsembleOptionsError";
}

/** What an ensemble on this machine is made of. */
export interface EnsembleLayoutOptions {
  /** How many servers vote, 1 to 31. Default: 3. */
  readonly size?: number | undefined;
  /** How many more only observe, 0 to 31. Default: 0. */
  readonly observers?: number | undefined;
  /**
   * Where the data lies, a directory for each server. What is there already is used.
   * Default: a temporary one, removed at the end.
   */
  readonly directory?: string | undefined;
  /** The client port of the first server; each further one has the next. Default: free ports. */
  readonly clientPort?: number | undefined;
  /** More lines for the zoo.cfg of every server, such as `{ snapCount: 1000 }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface ServerLayout {
  readonly sid: Sid;
  readonly role: Member["role"];
  /** Holds zoo.cfg and the directory `data`. */
  readonly directory: string;
  readonly configurationPath: string;
  readonly client: HostAndPort;
}

export interface EnsembleLayout {
  readonly directory: string;
  /** Who belongs to it, and where they listen. */
  readonly members: readonly Member[];
  /** In the order of their ids, from 1; those that vote come first. */
  readonly servers: readonly ServerLayout[];
  /** What clients are given to find the servers. */
  readonly connectString: string;
  /** Removes what was made, unless the directory was given. */
  remove(): Promise<void>;
}

/** Finds ports and writes the configurations. Rejects with EnsembleOptionsError for options that make no sense. */
export async function layOutEnsemble(options: EnsembleLayoutOptions): Promise<EnsembleLayout> {
  const { size = 3, observers = 0, settings = {}, clientPort } = options;
  checkCount("size", size, 1);
  checkCount("observers", observers, 0);
  checkSettings(settings);
  const count = size + observers;
  if (clientPort !== undefined) checkClientPort(clientPort, count);
  const clientPorts = Array.from({ length: count }, (_, index) => (clientPort ?? -count) + index);
  const ports = (await findFreePorts(4 * count)).filter((free) => !clientPorts.includes(free));
  const port = (index: number, kind: number): number => ports[3 * index + kind] ?? 0;
  const directory =
    options.directory === undefined
      ? join(tmpdir(), `jute-ts-ensemble-${randomUUID()}`)
      : resolve(options.directory);
  const servers = Array.from({ length: count }, (_, index): ServerLayout => {
    const home = join(directory, String(index + 1));
    return {
      sid: BigInt(index + 1),
      role: index < size ? "participant" : "observer",
      directory: home,
      configurationPath: join(home, "zoo.cfg"),
      client: {
        host: LOOPBACK,
        port: clientPort === undefined ? port(index, 2) : (clientPorts[index] ?? 0),
      },
    };
  });
  const serverLines = servers.map(({ sid, role, client }, index) => {
    const address = `${LOOPBACK}:${port(index, 0)}:${port(index, 1)}:${role}`;
    return `server.${sid}=${address};${formatHostAndPort(client)}`;
  });
  const texts = new Map(
    servers.map((server) => [server, configurationOf(server, settings, serverLines)]),
  );
  const members = membersOf(texts.values().next().value ?? "");
  const remove = async (): Promise<void> => {
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
  };
  try {
    if (options.directory === undefined) await mkdir(directory, { mode: 0o700 });
    await Promise.all([...texts].map(([server, text]) => writeServer(server, text)));
  } catch (error) {
    await remove();
    throw new EnsembleOptionsError(
      `directory is ${directory}, which ${describeFileError(error)}. Name one that can be written to.`,
      { cause: error },
    );
  }
  return {
    directory,
    members,
    servers,
    connectString: servers.map(({ client }) => formatHostAndPort(client)).join(","),
    remove,
  };
}

function configurationOf(
  { directory }: ServerLayout,
  settings: EnsembleLayoutOptions["settings"],
  serverLines: readonly string[],
): string {
  const lines = { ...FAST_SETTINGS, ...settings, dataDir: join(directory, DATA) };
  const text = [
    ...Object.entries(lines).map(([key, value]) => `${key}=${escaped(String(value))}`),
    ...serverLines,
  ];
  return `${text.join("\n")}\n`;
}

/** The members as the configuration names them. Throws EnsembleOptionsError for settings that no server takes. */
function membersOf(text: string): readonly Member[] {
  try {
    const { settings } = parseZooCfg(text, { fileName: "settings", myid: "1" });
    return [...settings.ensemble.members.values()];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const messages = error.problems.map(({ message }) => message).join(" ");
    throw new EnsembleOptionsError(`settings: ${messages}`, { cause: error });
  }
}

async function writeServer(
  { sid, directory, configurationPath }: ServerLayout,
  text: string,
): Promise<void> {
  const data = join(directory, DATA);
  await mkdir(data, { recursive: true });
  await writeFile(join(data, "myid"), `${sid}\n`);
  await writeFile(configurationPath, text);
}

/** A backslash is not itself in Java's Properties. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\");
}

/** The id as the protocol has it. Throws EnsembleOptionsError for what is no id. */
export function toSid(id: Sid | number): Sid {
  if (typeof id === "bigint") return id;
  if (typeof id !== "number")
    throw new EnsembleOptionsError(`a server's id is a number, not ${typeof id}`);
  if (!Number.isSafeInteger(id)) throw new EnsembleOptionsError(`${id} is no id of a server`);
  return BigInt(id);
}

function checkCount(name: string, value: unknown, least: number): void {
  checkNumber(name, value);
  if (Number.isInteger(value) && value >= least && value <= MAX_SERVERS) return;
  throw new EnsembleOptionsError(
    `${name} is ${value}. Give a whole number from ${least} to ${MAX_SERVERS}.`,
  );
}

function checkClientPort(port: unknown, count: number): void {
  checkNumber("clientPort", port);
  const most = 65_536 - count;
  if (Number.isInteger(port) && port >= 1 && port <= most) return;
  throw new EnsembleOptionsError(
    `clientPort is ${port}. Give a whole number from 1 to ${most}: each server needs the next one.`,
  );
}

function checkNumber(name: string, value: unknown): asserts value is number {
  if (typeof value === "number") return;
  throw new EnsembleOptionsError(`${name} is of type ${typeof value}. Give a number.`);
}

function checkSettings(settings: object): void {
  for (const [key, value] of Object.entries(settings) as [string, unknown][]) {
    const instead = OWN_KEYS.get(key) ?? (/^(server|group|weight)\./u.test(key) ? SIZE : undefined);
    if (instead !== undefined) {
      throw new EnsembleOptionsError(`settings has ${key}, which the ensemble decides. ${instead}`);
    }
    if (!["string", "number", "boolean"].includes(typeof value)) {
      throw new EnsembleOptionsError(
        `settings has ${key} of type ${typeof value}. Give text or a number.`,
      );
    }
    if (!/^[\w.-]+$/u.test(key) || /[\r\n]/u.test(String(value))) {
      throw new EnsembleOptionsError(
        `settings has ${JSON.stringify(key)}, which cannot be a line of zoo.cfg.`,
      );
    }
  }
}

/** Different ports of loopback on which nobody listens. Throws when there are not so many. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempts = 0; ports.size < count; attempts++) {
    if (attempts > 100 * count) throw new Error(`there are no ${count} free ports`);
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

/**
 * Below the ports that systems give to outgoing connections: one of those could take
 * a port before the server that it is meant for opens it.
 */
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => {
      resolve(false);
    });
    server.listen({ host: LOOPBACK, port }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** More than this do not elect a leader in a sensible time on one machine. */
export const MAX_SERVERS = 31;

/** For a fast network without delays, and for data that nobody keeps for years. */
const FAST_SETTINGS = {
  tickTime: 200,
  initLimit: 20,
  syncLimit: 10,
  preAllocSize: 64,
  standaloneEnabled: false,
  electionPortBindRetry: 1,
  "fastleader.minNotificationInterval": 50,
  "fastleader.maxNotificationInterval": 1000,
  "4lw.commands.whitelist": "*",
};

const SIZE = "Use size and observers.";
const OWN_KEYS: ReadonlyMap<string, string> = new Map([
  ["dataDir", "Use directory."],
  ["dataLogDir", "Logs lie beside the snapshots."],
  ["clientPort", "Use clientPort."],
  ["clientPortAddress", "Servers listen on loopback."],
  ["dynamicConfigFile", SIZE],
]);
const DATA = "data";
const LOOPBACK = "127.0.0.1";
