/** What a program may ask of an ensemble on this machine, and what of that makes no sense. */
import type { Sid } from "@jute-ts/zookeeper";
import { type OptionNames, whyNotOptions } from "../node/option-names.js";
import { WAIT_OPTION_NAMES, type WaitOptions, whyNotWaitOptions } from "../node/waiting.js";

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

/** The names of what an ensemble is made of, and of how long to wait for it. */
export const LAYOUT_OPTION_NAMES: OptionNames<EnsembleLayoutOptions & WaitOptions> = {
  size: true,
  observers: true,
  directory: true,
  clientPort: true,
  settings: true,
  ...WAIT_OPTION_NAMES,
};

/** Throws EnsembleOptionsError for what is no object, for names that are unknown, and for waiting that makes no sense. */
export function checkStartOptions<Options extends WaitOptions>(
  options: Options,
  owner: string,
  names: OptionNames<Options>,
): void {
  const why = whyNotOptions(options, owner, names) ?? whyNotWaitOptions(options);
  if (why !== undefined) throw new EnsembleOptionsError(why);
}

/** The server of this id. Throws EnsembleOptionsError when there is none. */
export function serverOf<S extends { readonly sid: Sid }>(
  servers: readonly S[],
  id: Sid | number,
): S {
  const sid = toSid(id);
  const server = servers.find((candidate) => candidate.sid === sid);
  if (server !== undefined) return server;
  const ids = servers.map((each) => each.sid).join(", ");
  throw new EnsembleOptionsError(
    `there is no server ${sid}. ${servers.length === 1 ? "The only one is" : "There are"} ${ids}.`,
  );
}

/** The id as the protocol has it. Throws EnsembleOptionsError for what is no id. */
function toSid(id: Sid | number): Sid {
  if (typeof id === "bigint") return id;
  if (typeof id !== "number")
    throw new EnsembleOptionsError(`a server's id is a number, not ${typeof id}`);
  if (!Number.isSafeInteger(id)) throw new EnsembleOptionsError(`${id} is no id of a server`);
  return BigInt(id);
}

/** Throws EnsembleOptionsError for options that make no sense. */
export function checkLayoutOptions({
  size = 3,
  observers = 0,
  settings = {},
  clientPort,
  directory,
}: EnsembleLayoutOptions): void {
  checkCount("size", size, 1);
  checkCount("observers", observers, 0);
  if (directory !== undefined && typeof (directory as unknown) !== "string") {
    throw new EnsembleOptionsError(`directory is of type ${typeof directory}. Give a path.`);
  }
  checkSettings(settings);
  if (clientPort !== undefined) checkClientPort(clientPort, size + observers);
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

function checkSettings(settings: unknown): void {
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new EnsembleOptionsError(
      "settings is no object. Give one such as { snapCount: 1000 }: keys of zoo.cfg and their values.",
    );
  }
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

/** More than this do not elect a leader in a sensible time on one machine. */
export const MAX_SERVERS = 31;

const SIZE = "Use size and observers.";
const OWN_KEYS: ReadonlyMap<string, string> = new Map([
  ["dataDir", "Use directory."],
  ["dataLogDir", "Logs lie beside the snapshots."],
  ["clientPort", "Use clientPort."],
  ["clientPortAddress", "Servers listen on loopback."],
  ["dynamicConfigFile", SIZE],
]);
