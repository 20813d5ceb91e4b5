/**
 * One server of Apache ZooKeeper as a child process: its files, its start, its
 * end by a signal, and what it answers to four-letter words. It ends with this
 * process, however that ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { type Java, javaArguments } from "./java.js";
import { pauseProcess } from "./pausing.js";
import type { ServerCertificates, ServerMode, ServerProcess } from "./server.js";

export interface ApacheServerOptions {
  readonly java: Java;
  readonly sid: Sid;
  /** All servers of the ensemble; those with a role of observer say so in every server's zoo.cfg. */
  readonly members: readonly Member[];
  /** zoo.cfg and the log lie here, `myid` and `version-2` in its subdirectory `data`. */
  readonly directory: string;
  /** Further lines of zoo.cfg. A key that ZooKeeper does not know becomes the system property `zookeeper.KEY`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Without them, connections are plain. */
  readonly certificates?: ServerCertificates;
  /** What names stand for; the system's names when undefined. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** Further system properties. */
  readonly properties?: Readonly<Record<string, string>>;
}

export class ApacheServer implements ServerProcess {
  readonly #options: ApacheServerOptions;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ApacheServerOptions) {
    this.#options = options;
  }

  get dataDir(): string {
    return join(this.#options.directory, "data");
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Starts the process, with the data that there is. Whether it serves is seen by `mode`. */
  async start(): Promise<void> {
    if (this.#process !== undefined) throw new Error(`server ${this.#options.sid} runs already`);
    const { java, sid, directory } = this.#options;
    await mkdir(this.dataDir, { recursive: true });
    const configuration = join(directory, "zoo.cfg");
    await writeFile(configuration, this.#zooCfg());
    await writeFile(join(this.dataDir, "myid"), `${sid}\n`);
    const log = await open(this.#logPath, "a");
    try {
      const process = spawn(
        "java",
        javaArguments(java, "WatchedServer", await this.#properties(), [configuration]),
        {
          stdio: ["pipe", log.fd, log.fd],
        },
      );
      this.#process = process;
      this.#ended = new Promise((resolve) => {
        const onEnd = (): void => {
          this.#process = undefined;
          resolve();
        };
        process.once("exit", onEnd);
        process.once("error", onEnd);
      });
    } finally {
      await log.close();
    }
  }

  /** Ends the process as an operator would, or at once if it takes too long. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    const timer = setTimeout(() => this.#process?.kill("SIGKILL"), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends the process as a crash does. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#ended;
  }

  async pause(): Promise<void> {
    await pauseProcess(this.#process);
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  /** What the server does, as it says itself; undefined while it does not serve. */
  async mode(): Promise<ServerMode | undefined> {
    const answer = await this.ask("srvr").catch(() => "");
    const mode = /^Mode: (\w+)$/m.exec(answer)?.[1];
    return mode === "leader" || mode === "follower" || mode === "observer" ? mode : undefined;
  }

  async lastZxid(): Promise<bigint | undefined> {
    const answer = await this.ask("srvr").catch(() => "");
    const zxid = /^Zxid: (0x[0-9a-f]+)$/m.exec(answer)?.[1];
    return zxid === undefined ? undefined : BigInt(zxid);
  }

  /** How often this server found that its tree's digest was not the one that a leader had sent with a txn. */
  async digestMismatches(): Promise<number> {
    const count = /^zk_digest_mismatches_count\t(\d+)$/m.exec(await this.ask("mntr"))?.[1];
    if (count === undefined) throw new Error("the server does not tell");
    return Number(count);
  }

  /** The server's answer to a four-letter word. Rejects when nobody listens. */
  async ask(word: string): Promise<string> {
    const { host, port } = this.clientAddress;
    return await new Promise<string>((resolve, reject) => {
      const socket = connect({ host, port });
      let answer = "";
      socket.setEncoding("utf8");
      socket.setTimeout(ANSWER_MS, () => {
        socket.destroy(new Error(`no answer to ${word} within ${ANSWER_MS} ms`));
      });
      socket.on("connect", () => socket.write(word));
      socket.on("data", (text: string) => {
        answer += text;
      });
      socket.on("error", reject);
      socket.on("close", () => {
        resolve(answer);
      });
    });
  }

  get clientAddress(): { readonly host: string; readonly port: number } {
    const { members, sid } = this.#options;
    const client = members.find((member) => member.sid === sid)?.client;
    if (client === undefined) throw new Error(`server ${sid} has no client port`);
    return client;
  }

  async history(): Promise<string> {
    const text = await readFile(this.#logPath, "utf8").catch(() => "");
    return text.trimEnd().split("\n").slice(-25).join("\n");
  }

  /** All that the server logged, over all its starts. */
  async log(): Promise<string> {
    return await readFile(this.#logPath, "utf8");
  }

  /** Java looks names up in a file instead of asking the system, if told so. */
  async #properties(): Promise<Record<string, string>> {
    const { names, properties, directory } = this.#options;
    if (names === undefined) return { ...LOGGING, ...properties };
    const path = join(directory, "hosts");
    const lines = Object.entries({ localhost: ["127.0.0.1"], ...names }).flatMap(
      ([name, addresses]) => addresses.map((address) => `${address} ${name}\n`),
    );
    await writeFile(path, lines.join(""));
    return { ...LOGGING, "jdk.net.hosts.file": path, ...properties };
  }

  get #logPath(): string {
    return join(this.#options.directory, "server.log");
  }

  #zooCfg(): string {
    const { members, sid, settings, certificates } = this.#options;
    const isObserver = members.find((member) => member.sid === sid)?.role === "observer";
    const lines = {
      dataDir: this.dataDir,
      ...SETTINGS,
      ...(isObserver ? { peerType: "observer" } : {}),
      ...Object.fromEntries(members.map((member) => [`server.${member.sid}`, lineOf(member)])),
      ...(certificates && tlsSettings(certificates)),
      ...settings,
    };
    return Object.entries(lines)
      .map(([key, value]) => `${key}=${value}\n`)
      .join("");
  }
}

/**
 * Java compares the address of whoever connects with the certificate. On loopback
 * that is 127.0.0.1 for every server, so its verification of hosts must be off;
 * that an authority vouches for the certificate is verified all the same.
 */
function tlsSettings({ keyStore, trustStore }: ServerCertificates): Record<string, string> {
  return {
    sslQuorum: "true",
    "ssl.quorum.keyStore.location": keyStore,
    "ssl.quorum.trustStore.location": trustStore,
    "ssl.quorum.hostnameVerification": "false",
  };
}

function lineOf({ role, addresses, client }: Member): string {
  const hosts = addresses
    .map(({ host, quorumPort, electionPort }) => {
      const bracketed = host.includes(":") ? `[${host}]` : host;
      return `${bracketed}:${quorumPort}:${electionPort}`;
    })
    .join("|");
  return `${hosts}:${role}${client === undefined ? "" : `;${client.host}:${client.port}`}`;
}

/** With ticks this short failures are seen soon, and sessions last from 1 to 10 seconds. */
const SETTINGS = {
  tickTime: 500,
  initLimit: 20,
  syncLimit: 10,
  extendedTypesEnabled: true,
  preAllocSize: 256,
  maxClientCnxns: 0,
  "admin.enableServer": false,
  "4lw.commands.whitelist": "*",
};
const LOGGING = {
  "org.slf4j.simpleLogger.showDateTime": "true",
  "org.slf4j.simpleLogger.dateTimeFormat": "HH:mm:ss.SSS",
  "org.slf4j.simpleLogger.showThreadName": "true",
  // One line for each question of ours would hide everything else.
  "org.slf4j.simpleLogger.log.org.apache.zookeeper.server.NIOServerCnxn": "warn",
  "zookeeper.jmx.log4j.disable": "true",
};
const STOP_MS = 5000;
const ANSWER_MS = 5000;
