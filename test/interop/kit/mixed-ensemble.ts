/**
 * An ensemble on loopback of Apache's servers and ours, in a temporary directory.
 * Whatever happens to the work that it is made for, it ends with that work and
 * leaves nothing behind.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { findFreePorts } from "../../../packages/server/src/ensemble/free-ports.js";
import { ApacheClient, type Session } from "./apache-client.js";
import { ApacheServer } from "./apache-server.js";
import type { Java } from "./java.js";
import { OwnCommand } from "./own-command.js";
import { OwnProcess } from "./own-process.js";
import { OwnServer } from "./own-server.js";
import type { Server, ServerCertificates, ServerMode, ServerProcess } from "./server.js";
import { until } from "./waiting.js";
import type { Settings } from "./zoo-cfg.js";

/**
 * Who runs a server: Apache, or we, by a peer in this process, by one in a process of
 * its own that tells more than users see, or by `zk-server start`.
 */
export type Maker = "apache" | "own" | "ownProcess" | "ownCommand";

export interface MixedEnsembleOptions {
  /** Needed for servers of Apache. */
  readonly java?: Java | undefined;
  /** Where the ensemble's directory is made. The system's place for temporary files when undefined. */
  readonly parent?: string;
  /** By server id, from 1 on. */
  readonly servers: readonly (Maker | { readonly maker: Maker; readonly role: "observer" })[];
  /** Further lines of zoo.cfg of Apache's servers. */
  readonly apache?: Settings;
  /** System properties of Apache's servers, for what they take from the command line only. */
  readonly apacheProperties?: Readonly<Record<string, string>>;
  /** Further lines of zoo.cfg for one server each, by server id from 1 on, whoever runs it. */
  readonly each?: readonly Settings[];
  /** Further lines of zoo.cfg of ours. */
  readonly own?: Settings;
  /** The certificates of each server, by server id from 1 on; connections are plain without. */
  readonly certificates?: readonly ServerCertificates[];
  /** The host of each server, or several. 127.0.0.1 for all when undefined. */
  readonly hosts?: readonly (string | readonly string[])[];
  /** What each server has as its own host in its own configuration; as the others have it when undefined. */
  readonly ownHost?: string;
  /** What names stand for, for all servers but those in processes of their own. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** See `OwnProcess`. */
  readonly ownProgram?: string;
}

export class MixedEnsemble {
  readonly directory: string;
  readonly members: readonly Member[];
  readonly #options: MixedEnsembleOptions;
  readonly #servers = new Map<Sid, Server>();
  #client: ApacheClient | undefined;

  /** Use `withMixedEnsemble`. */
  constructor(options: MixedEnsembleOptions, directory: string, members: readonly Member[]) {
    this.directory = directory;
    this.members = members;
    this.#options = options;
    for (const [index, server] of options.servers.entries()) {
      this.replace(BigInt(index + 1), typeof server === "string" ? server : server.maker);
    }
  }

  /** From the next start on, this maker's server runs on the same data. The server must not run. */
  replace(sid: Sid | number, maker: Maker): void {
    const id = BigInt(sid);
    if (this.#servers.get(id)?.isRunning === true) throw new Error(`server ${sid} runs`);
    const directory = join(this.directory, String(sid));
    const { apacheProperties, each, names, ownHost, ownProgram } = this.#options;
    const apache = { ...this.#options.apache, ...each?.[Number(id) - 1] };
    const own = { ...this.#options.own, ...each?.[Number(id) - 1] };
    const certificates = this.#options.certificates?.[Number(id) - 1];
    const common = {
      sid: id,
      members: this.members.map((member) =>
        member.sid === id && ownHost !== undefined ? movedTo(ownHost, member) : member,
      ),
      directory,
      ...(certificates && { certificates }),
      ...(names && { names }),
    };
    const ownOptions = { ...common, settings: own };
    const make = (): Server => {
      switch (maker) {
        case "own":
          return new OwnServer(ownOptions);
        case "ownProcess":
          return new OwnProcess({
            ...ownOptions,
            ...(ownProgram !== undefined && { program: ownProgram }),
          });
        case "ownCommand":
          return new OwnCommand(ownOptions);
        case "apache":
          return new ApacheServer({
            ...common,
            java: this.#java,
            settings: apache,
            ...(apacheProperties && { properties: apacheProperties }),
          });
      }
    };
    this.#servers.set(id, make());
  }

  server(sid: Sid | number): Server {
    const server = this.#servers.get(BigInt(sid));
    if (server === undefined) throw new Error(`there is no server ${sid}`);
    return server;
  }

  apache(sid: Sid | number): ApacheServer {
    const server = this.server(sid);
    if (server instanceof ApacheServer) return server;
    throw new Error(`server ${sid} is not Apache's`);
  }

  isApache(sid: Sid | number): boolean {
    return this.server(sid) instanceof ApacheServer;
  }

  own(sid: Sid | number): OwnServer {
    const server = this.server(sid);
    if (server instanceof OwnServer) return server;
    throw new Error(`server ${sid} is not a peer in this process`);
  }

  ownProcess(sid: Sid | number): OwnProcess {
    const server = this.server(sid);
    if (server instanceof OwnProcess) return server;
    throw new Error(`server ${sid} is not a peer in its own process`);
  }

  ownCommand(sid: Sid | number): OwnCommand {
    const server = this.server(sid);
    if (server instanceof OwnCommand) return server;
    throw new Error(`server ${sid} is not a command`);
  }

  /** The server as a process that can be killed and paused. */
  process(sid: Sid | number): ServerProcess {
    return this.isApache(sid) ? this.apache(sid) : this.ownProcess(sid);
  }

  /** The ids of all servers, ascending. */
  get sids(): readonly Sid[] {
    return this.members.map(({ sid }) => sid);
  }

  async start(...sids: readonly (Sid | number)[]): Promise<void> {
    await Promise.all(sids.map((sid) => this.server(sid).start()));
  }

  /** The servers that run, in the order of their ids. */
  get running(): [Sid, Server][] {
    return [...this.#servers].filter(([, server]) => server.isRunning);
  }

  /** What each running server does, by id; undefined while it does not serve. */
  async modes(): Promise<Map<Sid, ServerMode | undefined>> {
    const entries = this.running.map(async ([sid, server]) => [sid, await server.mode()] as const);
    return new Map(await Promise.all(entries));
  }

  /** Resolves with the leader's id when all running servers serve, one of them as leader. */
  async ready(timeoutMs = 30_000): Promise<Sid> {
    let modes = new Map<Sid, ServerMode | undefined>();
    await until(
      async () => {
        modes = await this.modes();
        const all = [...modes.values()];
        return !all.includes(undefined) && all.filter((mode) => mode === "leader").length === 1;
      },
      timeoutMs,
      () => `an ensemble that serves, but ${this.describeModes(modes)}`,
    );
    return leaderOf(modes) ?? 0n;
  }

  /** Resolves with the last zxid when all running servers have applied the same. */
  async converged(timeoutMs = 30_000): Promise<bigint> {
    let zxids: (bigint | undefined)[] = [];
    await until(
      async () => {
        zxids = await Promise.all(this.running.map(([, server]) => server.lastZxid()));
        return zxids[0] !== undefined && zxids.every((zxid) => zxid === zxids[0]);
      },
      timeoutMs,
      () => `the servers to have applied the same, but ${zxids.map(String).join(", ")}`,
    );
    return zxids[0] ?? 0n;
  }

  /** Opens a session of Apache's client with any of these Apache servers. All have the same user, so that each may read what another restricts. */
  async connect(...sids: readonly (Sid | number)[]): Promise<Session> {
    this.#client ??= new ApacheClient(this.#java);
    const servers = sids.map((sid) => {
      const { host, port } = this.apache(sid).clientAddress;
      return `${host}:${port}`;
    });
    const session = await this.#client.open(servers);
    await session.addAuth("digest", new TextEncoder().encode("someone:secret"));
    return session;
  }

  /** Ends the client's process without closing its sessions. */
  async killClient(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  /** Ends everything, without waiting for anyone's good will. */
  async end(): Promise<void> {
    await this.killClient();
    await Promise.all(
      this.running.map(([, server]) =>
        server instanceof OwnServer ? server.stop() : server.kill(),
      ),
    );
  }

  /** The last that every server did, for the message of a failed test. */
  async describe(): Promise<string> {
    const parts = [...this.#servers].map(
      async ([sid, server]) =>
        `--- server ${sid}, ${server.constructor.name}, ${server.isRunning ? "runs" : "does not run"}\n${await server.history()}`,
    );
    return (await Promise.all(parts)).join("\n");
  }

  get #java(): Java {
    const { java } = this.#options;
    if (java === undefined) throw new Error("servers of Apache need Java");
    return java;
  }

  private describeModes(modes: ReadonlyMap<Sid, ServerMode | undefined>): string {
    return [...modes].map(([sid, mode]) => `${sid} is ${mode ?? "not serving"}`).join(", ");
  }
}

/**
 * Makes an ensemble, lets `work` do something with it, and ends it. Nothing is
 * started before. When the work fails, the error tells what the servers did last.
 */
export async function withMixedEnsemble<T>(
  options: MixedEnsembleOptions,
  work: (ensemble: MixedEnsemble) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(options.parent ?? tmpdir(), "jute-ts-interop-"));
  const ensemble = new MixedEnsemble(options, directory, await makeMembers(options));
  try {
    return await work(ensemble);
  } catch (error) {
    if (error instanceof Error) error.message += `\n${await ensemble.describe()}`;
    throw error;
  } finally {
    await ensemble.end();
    await rm(directory, { recursive: true, force: true });
  }
}

async function makeMembers({ servers, hosts }: MixedEnsembleOptions): Promise<Member[]> {
  const lists = servers.map((_, index) => [hosts?.[index] ?? LOOPBACK].flat());
  const ports = await findFreePorts(servers.length + 2 * lists.flat().length);
  const nextPort = (): number => ports.pop() ?? 0;
  return servers.map((server, index) => ({
    sid: BigInt(index + 1),
    role: typeof server === "string" ? "participant" : server.role,
    addresses: (lists[index] ?? []).map((host) => ({
      host,
      quorumPort: nextPort(),
      electionPort: nextPort(),
    })),
    client: { host: LOOPBACK, port: nextPort() },
  }));
}

function movedTo(host: string, member: Member): Member {
  return { ...member, addresses: member.addresses.map((address) => ({ ...address, host })) };
}

function leaderOf(modes: ReadonlyMap<Sid, ServerMode | undefined>): Sid | undefined {
  return [...modes].find(([, mode]) => mode === "leader")?.[0];
}

const LOOPBACK = "127.0.0.1";
