/**
 * Apache's own client, run in one Java process for any number of sessions. The
 * process takes commands as lines and ends with this one (`CommandClient.java`).
 */
import { CreateMode } from "@jute-ts/zookeeper";
import {
  ClientError,
  CommandProcess,
  decode,
  decodeData,
  encode,
  encodeData,
  NULL,
} from "./command-process.js";
import { type Java, javaArguments } from "./java.js";

export interface CreateOptions {
  readonly data?: Uint8Array | null;
  /** PERMS:SCHEME:ID, several separated by "|". Everything for everyone when undefined. */
  readonly acl?: string;
  /** A CreateMode. Persistent when undefined. */
  readonly mode?: number;
  readonly ttlMs?: number;
  /** Whether the request is one whose answer carries a stat, which makes another txn of it. */
  readonly withStat?: boolean;
}

/** A part of a multi. */
export type MultiPart =
  | ({ readonly kind: "create"; readonly path: string } & CreateOptions)
  | { readonly kind: "delete"; readonly path: string; readonly version?: number }
  | {
      readonly kind: "set";
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly version?: number;
    }
  | { readonly kind: "check"; readonly path: string; readonly version: number };

/** The fields of a stat in the order of the record. */
export type StatFields = readonly bigint[];

export interface Node {
  readonly path: string;
  /** Base64, or "-" for none. */
  readonly data: string;
  /** The stat's fields, separated by commas. */
  readonly stat: string;
  readonly acl: string;
}

export class ApacheClient {
  readonly #process: CommandProcess;
  #lastName = 0;

  /** Starts the process. `close` ends it. */
  constructor(java: Java) {
    this.#process = new CommandProcess("java", commandClient(java));
  }

  /** Opens a session with any of these servers, which are HOST:PORT. Waits until it is connected. */
  async open(servers: readonly string[], timeoutMs = 10_000): Promise<Session> {
    const name = String(++this.#lastName);
    const values = [name, encode(servers.join(",")), timeoutMs];
    const [id = "0"] = await this.#process.send("open", values);
    return new Session(this.#process, name, BigInt(id));
  }

  /** Ends the process as a crash does: no session is closed. */
  async close(): Promise<void> {
    await this.#process.close();
  }
}

/** The arguments of `java` for the process that runs Apache's client. */
export function commandClient(java: Java): readonly string[] {
  // Whatever the servers allow, the client can read.
  const settings = { "jute.maxbuffer": String(1 << 26) };
  const quiet = { "org.slf4j.simpleLogger.defaultLogLevel": "off" };
  return javaArguments(java, "CommandClient", { ...quiet, ...settings }, []);
}

/** A session. Requests that are made without waiting are sent in the order in which they were made. */
export class Session {
  readonly id: bigint;
  readonly #client: CommandProcess;
  readonly #name: string;

  /** Use `ApacheClient.open`. */
  constructor(client: CommandProcess, name: string, id: bigint) {
    this.#client = client;
    this.#name = name;
    this.id = id;
  }

  async addAuth(scheme: string, data: Uint8Array): Promise<void> {
    await this.#send("auth", encode(scheme), encodeData(data));
  }

  /** Returns the path, with its number where the mode is a sequential one. */
  async create(path: string, options: CreateOptions = {}): Promise<string> {
    const { data = null, acl = OPEN, mode = CreateMode.PERSISTENT, ttlMs = 0 } = options;
    const withStat = options.withStat === true ? 1 : 0;
    const values = [encode(path), encodeData(data), encode(acl), mode, ttlMs, withStat];
    const [name = ""] = await this.#send("create", ...values);
    return decode(name);
  }

  async delete(path: string, version = -1): Promise<void> {
    await this.#send("delete", encode(path), version);
  }

  async set(path: string, data: Uint8Array | null, version = -1): Promise<StatFields> {
    return statOf(await this.#send("set", encode(path), version, encodeData(data)));
  }

  async setAcl(path: string, acl: string, version = -1): Promise<StatFields> {
    return statOf(await this.#send("setacl", encode(path), version, encode(acl)));
  }

  async get(path: string): Promise<Uint8Array | null> {
    const [data = ""] = await this.#send("get", encode(path));
    return decodeData(data);
  }

  /** The stat, or undefined when there is no such znode. */
  async exists(path: string): Promise<StatFields | undefined> {
    try {
      return statOf(await this.#send("exists", encode(path)));
    } catch (error) {
      if (error instanceof ClientError && error.code === NO_NODE) return undefined;
      throw error;
    }
  }

  async children(path: string): Promise<string[]> {
    const [names = ""] = await this.#send("children", encode(path));
    return names === "" ? [] : names.split(",").map(decode);
  }

  async sync(path = "/"): Promise<void> {
    await this.#send("sync", encode(path));
  }

  /** Returns the paths that creates made, and undefined for other parts. */
  async multi(parts: readonly MultiPart[]): Promise<(string | undefined)[]> {
    const texts = parts.map((part) => encode(textOf(part)));
    const [results = ""] = await this.#send("multi", texts.join(","));
    return results.split(",").map((result) => (result === NULL ? undefined : decode(result)));
  }

  /** Every znode that txns make, from `root` on, in the order of their paths. No request may change anything meanwhile. */
  async nodes(root = "/"): Promise<Node[]> {
    const lines = await this.#send("nodes", encode(root));
    return lines
      .map(nodeOf)
      .filter(({ path }) => path !== CONFIGURATION_PATH)
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  async close(): Promise<void> {
    await this.#send("close");
  }

  async #send(command: string, ...values: (string | number)[]): Promise<readonly string[]> {
    return await this.#client.send(command, [this.#name, ...values]);
  }
}

function textOf(part: MultiPart): string {
  const path = encode(part.path);
  switch (part.kind) {
    case "create": {
      const { data = null, acl = OPEN, mode = CreateMode.PERSISTENT, ttlMs = 0 } = part;
      return ["create", path, encodeData(data), encode(acl), mode, ttlMs].join(" ");
    }
    case "delete":
      return ["delete", path, part.version ?? -1].join(" ");
    case "set":
      return ["set", path, part.version ?? -1, encodeData(part.data)].join(" ");
    case "check":
      return ["check", path, part.version].join(" ");
  }
}

function nodeOf(line: string): Node {
  const [path = "", data = "", stat = "", acl = ""] = line.split(" ");
  return { path: decode(path), data, stat, acl: decode(acl) };
}

function statOf([text = ""]: readonly string[]): StatFields {
  return text.split(",").map(BigInt);
}

/** Holds what each server itself is configured with: no txn writes it. */
const CONFIGURATION_PATH = "/zookeeper/config";
const OPEN = "31:world:anyone";
const NO_NODE = -101;
