/**
 * Where the servers of an ensemble on this machine listen and keep their data: a
 * zoo.cfg for each, in a directory of its own where there is a disk, so that
 * whatever runs them, in one process or in several, runs what users run.
 */
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ConfigurationError, parseZooCfg } from "../configuration/index.js";
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { formatHostAndPort, type HostAndPort } from "../node/connect-string.js";
import { makeDirectory } from "../node/make-directory.js";
import { describeFileError } from "../node/system-error.js";
import {
  checkLayoutOptions,
  EnsembleOptionsError,
  type EnsembleLayoutOptions,
} from "./ensemble-options.js";
import { findFreePorts } from "./free-ports.js";
import { makeTemporaryDirectory, removeTemporaryDirectory } from "./temporary-directories.js";

/** One server; `D` is undefined where nothing is on a disk. */
export interface ServerLayout<D extends string | undefined = string | undefined> {
  readonly sid: Sid;
  readonly role: Member["role"];
  /** Holds zoo.cfg and the directory `data`. */
  readonly directory: D;
  readonly configurationPath: D;
  readonly client: HostAndPort;
}

export interface EnsembleLayout<D extends string | undefined = string | undefined> {
  readonly directory: D;
  /** Who belongs to it, and where they listen. */
  readonly members: readonly Member[];
  /** In the order of their ids, from 1; those that vote come first. */
  readonly servers: readonly ServerLayout<D>[];
  /** What clients are given to find the servers. */
  readonly connectString: string;
  readonly kind: LayoutKind;
  /** The text of a server's zoo.cfg as it was made. */
  zooCfgOf(sid: Sid): string;
  /** Removes what was made, unless the directory was given. */
  remove(): Promise<void>;
}

/** How servers find each other: by server lines, or not at all because there is only one. */
export type LayoutKind = "ensemble" | "standalone";

/** Finds ports and writes the configurations. Rejects with EnsembleOptionsError for options that make no sense. */
export async function layOutOnDisk(
  options: EnsembleLayoutOptions,
  kind: LayoutKind = "ensemble",
): Promise<EnsembleLayout<string>> {
  checkLayoutOptions(options);
  const isTemporary = options.directory === undefined;
  const places = await placeServers(options);
  const directory = isTemporary ? await newTemporaryDirectory() : resolve(options.directory);
  const remove = async (): Promise<void> => {
    if (isTemporary) await removeTemporaryDirectory(directory);
  };
  try {
    const servers = places.map((place): PlacedOnDisk => {
      const home = join(directory, String(place.sid));
      const configurationPath = join(home, "zoo.cfg");
      return { ...place, directory: home, configurationPath, dataDir: join(home, DATA) };
    });
    const { texts, members } = configurationsOf(servers, options, kind);
    await writeServers(directory, servers, texts);
    return { ...layoutOf(servers, members, texts), kind, directory, servers, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The same without a disk. */
export async function layOutInMemory(
  options: EnsembleLayoutOptions,
  kind: LayoutKind,
): Promise<EnsembleLayout<undefined>> {
  checkLayoutOptions(options);
  if (options.directory !== undefined) {
    throw new EnsembleOptionsError(
      'directory is given, and storage is "memory", which has none. Remove one of the two.',
    );
  }
  const servers = (await placeServers(options)).map((place) => ({
    ...place,
    directory: undefined,
    configurationPath: undefined,
    dataDir: `/memory/${place.sid}`,
  }));
  const { texts, members } = configurationsOf(servers, options, kind);
  const remove = (): Promise<void> => Promise.resolve();
  return { ...layoutOf(servers, members, texts), kind, directory: undefined, servers, remove };
}

interface Place {
  readonly sid: Sid;
  readonly role: Member["role"];
  readonly client: HostAndPort;
  readonly quorumPort: number;
  readonly electionPort: number;
}

interface Placed extends Place {
  readonly dataDir: string;
}

interface PlacedOnDisk extends Placed, ServerLayout<string> {}

async function placeServers({
  size = 3,
  observers = 0,
  clientPort,
}: EnsembleLayoutOptions): Promise<readonly Place[]> {
  const count = size + observers;
  const clientPorts = Array.from({ length: count }, (_, index) => (clientPort ?? -count) + index);
  const ports = (await findFreePorts(4 * count)).filter((free) => !clientPorts.includes(free));
  const nextPort = (): number => ports.pop() ?? 0;
  return clientPorts.map((port, index) => ({
    sid: BigInt(index + 1),
    role: index < size ? "participant" : "observer",
    client: { host: LOOPBACK, port: clientPort === undefined ? nextPort() : port },
    quorumPort: nextPort(),
    electionPort: nextPort(),
  }));
}

function configurationsOf(
  servers: readonly Placed[],
  { settings }: EnsembleLayoutOptions,
  kind: LayoutKind,
): { readonly texts: ReadonlyMap<Sid, string>; readonly members: readonly Member[] } {
  const serverLines = servers.map(({ sid, role, client, quorumPort, electionPort }) => {
    const address = `${LOOPBACK}:${quorumPort}:${electionPort}:${role}`;
    return `server.${sid}=${address};${formatHostAndPort(client)}`;
  });
  const texts = new Map(
    servers.map((server) => {
      const { host, port } = server.client;
      const own =
        kind === "standalone"
          ? [`clientPortAddress=${host}`, `clientPort=${port}`]
          : ["standaloneEnabled=false", ...serverLines];
      const lines = Object.entries({ ...FAST_SETTINGS, ...settings, dataDir: server.dataDir }).map(
        ([key, value]) => `${key}=${escaped(String(value))}`,
      );
      return [server.sid, `${[...lines, ...own].join("\n")}\n`];
    }),
  );
  return { texts, members: membersOf(texts.values().next().value ?? "") };
}

function layoutOf(
  servers: readonly Place[],
  members: readonly Member[],
  texts: ReadonlyMap<Sid, string>,
): Pick<EnsembleLayout, "members" | "connectString" | "zooCfgOf"> {
  return {
    members,
    connectString: servers.map(({ client }) => formatHostAndPort(client)).join(","),
    zooCfgOf: (sid) => texts.get(sid) ?? "",
  };
}

/** The members as the configuration names them. Throws EnsembleOptionsError for settings that no server takes or knows. */
function membersOf(text: string): readonly Member[] {
  try {
    const { settings, notes } = parseZooCfg(text, { fileName: "settings", myid: "1" });
    const unknown = notes.filter(({ kind }) => kind === "unknown");
    if (unknown.length > 0) throw new ConfigurationError(unknown);
    return [...settings.ensemble.members.values()];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const messages = error.problems.map(({ message }) => message).join(" ");
    throw new EnsembleOptionsError(`settings: ${messages}`, { cause: error });
  }
}

async function newTemporaryDirectory(): Promise<string> {
  try {
    return await makeTemporaryDirectory();
  } catch (error) {
    throw unusable(tmpdir(), error);
  }
}

async function writeServers(
  directory: string,
  servers: readonly PlacedOnDisk[],
  texts: ReadonlyMap<Sid, string>,
): Promise<void> {
  try {
    await Promise.all(servers.map((server) => writeServer(server, texts.get(server.sid) ?? "")));
  } catch (error) {
    throw unusable(directory, error);
  }
}

function unusable(directory: string, error: unknown): EnsembleOptionsError {
  return new EnsembleOptionsError(
    `directory is ${directory}, which ${describeFileError(error)}. Name one that can be written to.`,
    { cause: error },
  );
}

async function writeServer(
  { sid, dataDir, configurationPath }: PlacedOnDisk,
  text: string,
): Promise<void> {
  makeDirectory(dataDir);
  await writeFile(join(dataDir, "myid"), `${sid}\n`);
  await writeFile(configurationPath, text);
}

/** A backslash is not itself in Java's Properties. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\");
}

/** For a fast network without delays, and for data that nobody keeps for years. */
const FAST_SETTINGS = {
  tickTime: 200,
  initLimit: 20,
  syncLimit: 10,
  // Clients may ask for long sessions also where ticks are short.
  maxSessionTimeout: 60_000,
  preAllocSize: 64,
  electionPortBindRetry: 1,
  "fastleader.minNotificationInterval": 50,
  "fastleader.maxNotificationInterval": 1000,
  "4lw.commands.whitelist": "*",
};

const DATA = "data";
const LOOPBACK = "127.0.0.1";
