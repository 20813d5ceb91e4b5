/**
 * A server of a zoo.cfg, made as `zk-server start` makes it, in this process: an
 * ensemble of one, which serves by itself, unless the lines say otherwise.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateRequest,
  CreateTTLRequest,
  OpCode,
  OPEN_ACL_UNSAFE,
  SetDataRequest,
} from "@jute-ts/zookeeper";
import type { ChangeRequest, LoggedTxn } from "@jute-ts/quorum";
import type { PeerReport } from "../../src/node/network-report.js";
import type { DataTree } from "@jute-ts/data-tree";
import { type ConfiguredPeer, configurePeer, loadConfiguration } from "../../src/node/server.js";
import { findFreePorts } from "../../src/ensemble/free-ports.js";
import type { Peer } from "../../src/node/peer.js";

/** Where a configuration's files and ports are. */
export interface Place {
  /** Removed with everything in it at the end of the test. */
  readonly directory: string;
  readonly quorumPort: number;
  readonly electionPort: number;
  readonly clientPort: number;
}

export interface Change {
  readonly data?: Uint8Array | null;
  readonly acl?: readonly (readonly [scheme: string, id: string])[];
  readonly flags?: number;
  readonly ttlMs?: number;
  readonly as?: ChangeRequest["authInfo"];
  readonly sessionId?: bigint;
}

const places: string[] = [];
const running = new Set<ConfiguredServer>();

/** Ends all servers and removes their files. */
export async function endServers(): Promise<void> {
  for (const server of running) await server.stop();
  for (const directory of places.splice(0)) rmSync(directory, { recursive: true });
}

export async function newPlace(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), "jute-ts-settings-"));
  places.push(directory);
  mkdirSync(join(directory, "data"));
  writeFileSync(join(directory, "data", "myid"), "1\n");
  const [quorumPort = 0, electionPort = 0, clientPort = 0] = await findFreePorts(3);
  return { directory, quorumPort, electionPort, clientPort };
}

/** Writes a zoo.cfg: what a server of one needs, then these lines, which count where they repeat. Returns its path. */
export function writeConfiguration(place: Place, lines: readonly string[]): string {
  const { directory, quorumPort, electionPort, clientPort } = place;
  const all = [
    `dataDir=${join(directory, "data")}`,
    "tickTime=100",
    "initLimit=10",
    "syncLimit=5",
    "preAllocSize=64",
    // An ensemble of one, whose ports for others are open.
    "standaloneEnabled=false",
    `clientPort=${clientPort}`,
    "clientPortAddress=127.0.0.1",
    "4lw.commands.whitelist=*",
    ...(lines.some((line) => /^(server\.1|dynamicConfigFile)=/.test(line))
      ? []
      : [`server.1=127.0.0.1:${quorumPort}:${electionPort}`]),
    ...lines,
  ];
  const path = join(directory, "zoo.cfg");
  writeFileSync(path, `${all.join("\n")}\n`);
  return path;
}

export class ConfiguredServer {
  readonly place: Place;
  readonly #configured: ConfiguredPeer;
  readonly reports: PeerReport[] = [];

  /** Use `start` or `serving`. */
  constructor(place: Place, configured: ConfiguredPeer) {
    this.place = place;
    this.#configured = configured;
    configured.peer.on("report", (report) => {
      this.reports.push(report);
    });
  }

  async begin(): Promise<void> {
    running.add(this);
    try {
      await this.#configured.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get peer(): Peer<DataTree> {
    return this.#configured.peer;
  }

  get configured(): ConfiguredPeer {
    return this.#configured;
  }

  /** What the admin server answers to a command. */
  async admin(command: string): Promise<string> {
    const url = `http://127.0.0.1:${this.#configured.adminPort ?? 0}/commands/${command}`;
    return await (await fetch(url)).text();
  }

  async stop(): Promise<void> {
    running.delete(this);
    await this.#configured.stop();
  }

  /** The names of files whose names begin so. */
  files(prefix: string, directory = "data"): string[] {
    return readdirSync(join(this.place.directory, directory, "version-2"))
      .filter((name) => name.startsWith(prefix))
      .sort();
  }

  /** Asks for a change; resolves with its error code, which is 0 for success. */
  async ask(request: Parameters<Peer["proposeRaw"]>[0]): Promise<{ err: number; txn: LoggedTxn }> {
    const { result, txn } = await this.peer.proposeRaw(request);
    return { err: result.err, txn };
  }

  /** Creates a znode; resolves with the error code. */
  async create(path: string, change: Change = {}): Promise<number> {
    const { data = null, flags = 0, ttlMs } = change;
    const body = { path, data, acl: aclOf(change), flags };
    const opCode = ttlMs === undefined ? OpCode.create : OpCode.createTTL;
    const bytes =
      ttlMs === undefined
        ? CreateRequest.encode(body)
        : CreateTTLRequest.encode({ ...body, ttl: BigInt(ttlMs) });
    return (await this.ask({ opCode, body: bytes, ...origin(change) })).err;
  }

  /** Creates a container. */
  async createContainer(path: string): Promise<number> {
    const body = CreateRequest.encode({ path, data: null, acl: [...OPEN_ACL_UNSAFE], flags: 4 });
    return (await this.ask({ opCode: OpCode.createContainer, body })).err;
  }

  async set(path: string, change: Change = {}): Promise<number> {
    const body = SetDataRequest.encode({ path, data: change.data ?? null, version: -1 });
    return (await this.ask({ opCode: OpCode.setData, body, ...origin(change) })).err;
  }

  /** What the client port answers to a command. */
  async command(word: string): Promise<string> {
    const socket = connect(this.place.clientPort, "127.0.0.1");
    socket.write(word);
    return await textOf(socket);
  }
}

/** Starts a server of these lines. Rejects when it must not start; does not wait until it serves. */
export async function start(lines: readonly string[], given?: Place): Promise<ConfiguredServer> {
  const place = given ?? (await newPlace());
  const configured = await configurePeer(loadConfiguration(writeConfiguration(place, lines)));
  const server = new ConfiguredServer(place, configured);
  await server.begin();
  return server;
}

/** Starts a server and waits until it serves. */
export async function serving(lines: readonly string[], given?: Place): Promise<ConfiguredServer> {
  const server = await start(lines, given);
  await server.peer.waitUntilServing({ timeoutMs: 10_000 });
  return server;
}

function aclOf({ acl }: Change) {
  if (acl === undefined) return [...OPEN_ACL_UNSAFE];
  return acl.map(([scheme, id]) => ({ perms: 31, id: { scheme, id } }));
}

function origin({ as, sessionId }: Change): Partial<ChangeRequest> {
  return {
    ...(as === undefined ? {} : { authInfo: as }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

/** All that comes until the connection ends. */
async function textOf(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

/** Resolves with the milliseconds after which a connection that says nothing more is closed, or `mostMs`. */
export async function closedAfter(
  host: string,
  port: number,
  mostMs: number,
  said = "",
): Promise<number> {
  const socket = connect(port, host);
  if (said !== "") socket.write(said);
  const beginMs = performance.now();
  return await new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(performance.now() - beginMs);
    };
    const timer = setTimeout(end, mostMs);
    socket.resume();
    socket.on("error", () => undefined);
    socket.on("close", end);
  });
}

/** Whether somebody listens there. */
export async function listens(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  return await new Promise((resolve) => {
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
