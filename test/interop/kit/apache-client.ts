/**
 * Apache's own client, run in one Java process for any number of sessions. The
 * process takes commands as lines and ends with this one (`CommandClient.java`).
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { CreateMode } from "@jute-ts/zookeeper";
import { type Java, javaArguments } from "./java.js";

/** A request failed; `code` is ZooKeeper's. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: number;

  constructor(code: number, text: string) {
    super(`${text} (${code})`);
    this.code = code;
  }
}

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
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<string, (fields: readonly string[]) => void>();
  #lastNumber = 0;

  /** Starts the process. `close` ends it. */
  constructor(java: Java) {
    this.#process = spawn(
      "java",
      javaArguments(
        java,
        "CommandClient",
        // Whatever the servers allow, the client can read.
        { "org.slf4j.simpleLogger.defaultLogLevel": "off", "jute.maxbuffer": String(1 << 26) },
        [],
      ),
      { stdio: ["pipe", "pipe", "ignore"] },
    );
    const lines = createInterface({ input: this.#process.stdout });
    lines.on("line", (line) => {
      const [number = "", ...fields] = line.split("\t");
      const resolve = this.#waiting.get(number);
      this.#waiting.delete(number);
      resolve?.(fields);
    });
    // What cannot be written any more is answered by the end of the process.
    this.#process.stdin.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#process.once("close", () => {
        const gone = ["error", String(CONNECTION_LOSS), "the client has ended"];
        for (const answer of this.#waiting.values()) answer(gone);
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** Opens a session with any of these servers, which are HOST:PORT. Waits until it is connected. */
  async open(servers: readonly string[], timeoutMs = 10_000): Promise<Session> {
    const name = String(++this.#lastNumber);
    const [id = "0"] = await this.send("open", [name, encode(servers.join(",")), timeoutMs]);
    return new Session(this, name, BigInt(id));
  }

  /** Ends the process as a crash does: no session is closed. */
  async close(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  /** Sends a command and waits for its answer. Throws ClientError. */
  async send(command: string, values: readonly (string | number)[]): Promise<readonly string[]> {
    const number = String(++this.#lastNumber);
    const answered = new Promise<readonly string[]>((resolve) => {
      this.#waiting.set(number, resolve);
    });
    this.#process.stdin.write(`${[number, command, ...values].join("\t")}\n`);
    const [outcome, ...fields] = await answered;
    if (outcome === "ok") return fields;
    const [code = "", text = ""] = fields;
    throw new ClientError(Number(code), `${command}: ${decode(text)}`);
  }
}

/** A session. Requests that are made without waiting are sent in the order in which they were made. */
export class Session {
  readonly id: bigint;
  readonly #client: ApacheClient;
  readonly #name: string;

  /** Use `ApacheClient.open`. */
  constructor(client: ApacheClient, name: string, id: bigint) {
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

function encode(text: string): string {
  return encodeURIComponent(text);
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

function encodeData(data: Uint8Array | null): string {
  return data === null ? NULL : Buffer.from(data).toString("base64");
}

function decodeData(text: string): Uint8Array | null {
  return text === NULL ? null : Uint8Array.from(Buffer.from(text, "base64"));
}

/** Holds what each server itself is configured with: no txn writes it. */
const CONFIGURATION_PATH = "/zookeeper/config";
const NULL = "-";
const OPEN = "31:world:anyone";
const NO_NODE = -101;
const CONNECTION_LOSS = -4;
