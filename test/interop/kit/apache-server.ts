/**
 * One server of Apache ZooKeeper as a child process: its files, its start, its
 * end by a signal, and what it answers to four-letter words. It ends with this
 * process, however that ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { ask, askLastZxid, askMode, type ClientAddress } from "./four-letter-words.js";
import { type Java, javaArguments } from "./java.js";
import { pauseProcess } from "./pausing.js";
import type { ServerCertificates, ServerMode, ServerProcess } from "./server.js";
import { type Settings, zooCfg } from "./zoo-cfg.js";

export interface ApacheServerOptions {
  readonly java: Java;
  readonly sid: Sid;
  /** All servers of the ensemble; those with a role of observer say so in every server's zoo.cfg. */
  readonly members: readonly Member[];
  /** zoo.cfg and the log lie here, `myid` and `version-2` in its subdirectory `data`. */
  readonly directory: string;
  /** Further lines of zoo.cfg. */
  readonly settings?: Settings;
  /** System properties, for what Java takes from the command line only. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Without them, connections are plain. */
  readonly certificates?: ServerCertificates;
  /** What names stand for; the system's names when undefined. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
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

  async mode(): Promise<ServerMode | undefined> {
    return await askMode(this.clientAddress);
  }

  async lastZxid(): Promise<bigint | undefined> {
    return await askLastZxid(this.clientAddress);
  }

  /** How often this server found that its tree's digest was not the one that a leader had sent with a txn. */
  async digestMismatches(): Promise<number> {
    const count = /^zk_digest_mismatches_count\t(\d+)$/m.exec(await this.ask("mntr"))?.[1];
    if (count === undefined) throw new Error("the server does not tell");
    return Number(count);
  }

  /** The server's answer to a four-letter word. Rejects when nobody listens. */
  async ask(word: string): Promise<string> {
    return await ask(this.clientAddress, word);
  }

  get clientAddress(): ClientAddress {
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
    const { certificates, settings } = this.#options;
    const all = { ...(certificates && tlsSettings(certificates)), ...settings };
    return zooCfg({ ...this.#options, dataDir: this.dataDir, settings: all });
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

const LOGGING = {
  "org.slf4j.simpleLogger.showDateTime": "true",
  "org.slf4j.simpleLogger.dateTimeFormat": "HH:mm:ss.SSS",
  "org.slf4j.simpleLogger.showThreadName": "true",
  // One line for each question of ours would hide everything else.
  "org.slf4j.simpleLogger.log.org.apache.zookeeper.server.NIOServerCnxn": "warn",
  "zookeeper.jmx.log4j.disable": "true",
};
const STOP_MS = 5000;
