/** A session of Apache's client or of kazoo, each in a process that takes commands. */
import { ErrorCode } from "@jute-ts/zookeeper";
import {
  type CommandAnswer,
  type CommandProcess,
  decode,
  decodeData,
  encode,
  encodeData,
  NULL,
} from "../../interop/kit/command-process.js";
import type { ClientAddress } from "../../interop/kit/four-letter-words.js";
import type { Done, Found, History, Maker, Outcome, Request, SessionInfo } from "./history.js";
import { RecordedSession } from "./recorded-session.js";

/** Any number of sessions in one process. */
export class CommandSessions {
  readonly maker: Exclude<Maker, "socket">;
  readonly #process: CommandProcess;
  readonly #takers = new Map<string, (values: readonly string[]) => void>();

  /** `process` must not have another user. */
  constructor(maker: Exclude<Maker, "socket">, process: CommandProcess) {
    this.maker = maker;
    this.#process = process;
    process.onEvent = ([name = "", ...values]) => this.#takers.get(name)?.(values);
  }

  async open(
    servers: readonly ClientAddress[],
    { index, timeoutMs, history }: Omit<SessionInfo, "id" | "maker"> & { history: History },
  ): Promise<CommandSession> {
    const name = String(index);
    const early: (readonly string[])[] = [];
    this.#takers.set(name, (values) => early.push(values));
    const addresses = encode(servers.map(({ host, port }) => `${host}:${port}`).join(","));
    const [id = "0"] = await this.#process.send("open", [name, addresses, timeoutMs]);
    const info = { index, id: BigInt(id), maker: this.maker, timeoutMs };
    const session = new CommandSession(info, history, this.#process, name);
    this.#takers.set(name, (values) => {
      session.take(values);
    });
    for (const values of early) session.take(values);
    return session;
  }

  /** Ends the process as a crash does. Its sessions must have been abandoned. */
  async kill(): Promise<void> {
    await this.#process.close();
  }
}

export class CommandSession extends RecordedSession {
  readonly #process: CommandProcess;
  readonly #name: string;
  readonly #persistent = new Set<string>();
  #isClosing = false;

  constructor(info: SessionInfo, history: History, process: CommandProcess, name: string) {
    super(info, history);
    this.#process = process;
    this.#name = name;
  }

  get setsWatches(): boolean {
    return this.info.maker === "apache";
  }

  /** Takes what the client tells unasked. */
  take([kind, ...values]: readonly string[]): void {
    const [first = "", second = ""] = values;
    switch (kind) {
      case "state":
        this.#takeState(first);
        return;
      case "watch":
        this.happened({ kind: "event", path: decode(first) });
        return;
      case "shown":
        this.happened({ kind: "shown", path: decode(first), mark: decode(second) });
        return;
      default:
        throw new Error(`the client tells ${String(kind)}`);
    }
  }

  protected perform(request: Request, done: (outcome: Outcome) => void): void {
    const [command, ...values] = commandOf(request);
    this.#process.post(command, [this.#name, ...values], (answer) => {
      done(outcomeOf(request, answer));
    });
  }

  /** These clients do not tell whether the server has heard of it. */
  protected performClose(done: (outcome: Outcome) => void): void {
    this.#isClosing = true;
    this.#process.post("close", [this.#name], () => {
      done(UNKNOWN);
    });
  }

  async watchPersistently(path: string): Promise<boolean> {
    if (this.info.maker !== "apache" || this.#persistent.has(path)) return false;
    return await new Promise((resolve) => {
      this.#process.post("addwatch", [this.#name, encode(path)], (answer) => {
        const isSet = answer.kind === "ok";
        if (isSet) {
          this.#persistent.add(path);
          this.happened({ kind: "watching", path });
        }
        resolve(isSet);
      });
    });
  }

  async show(dataOf: string, childrenOf: string): Promise<void> {
    await this.#process.send("show", [this.#name, encode(dataOf), encode(childrenOf)]);
  }

  /** Only Apache's client can leave its other sessions alone: for kazoo, the process must be killed. */
  async abandon(): Promise<void> {
    if (this.info.maker === "apache") await this.#process.send("abandon", [this.#name]);
    this.happened({ kind: "abandoned" });
  }

  #takeState(state: string): void {
    // kazoo's sessions that were closed are lost.
    if (this.#isClosing) return;
    switch (state) {
      case "SyncConnected":
        this.happened({ kind: "connected" });
        return;
      case "Disconnected":
        this.happened({ kind: "disconnected" });
        return;
      case "Expired":
        this.happened({ kind: "expired" });
        return;
      default:
        // Closed, as it was asked to.
        return;
    }
  }
}

type Command = readonly [command: string, ...values: (string | number)[]];

function commandOf(request: Request): Command {
  switch (request.op) {
    case "create": {
      const { path, value, flags } = request;
      return ["create", encode(path), dataOf(value), encode("31:world:anyone"), flags, 0, 1];
    }
    case "set":
      return ["set", encode(request.path), request.version, dataOf(request.value)];
    case "delete":
      return ["delete", encode(request.path), -1];
    case "sync":
      return ["sync", encode("/")];
    case "get":
      return [request.watches ? "watch" : "get", encode(request.path)];
    case "exists":
      return [request.watches ? "watchexists" : "exists", encode(request.path)];
    case "children":
      return [request.watches ? "watchchildren" : "children2", encode(request.path)];
  }
}

function outcomeOf({ op }: Request, answer: CommandAnswer): Outcome {
  if (answer.kind === "failed") {
    const { code } = answer;
    return MAY_HAVE_HAPPENED.has(code) ? UNKNOWN : { kind: "refused", err: code };
  }
  const [first = "", second = ""] = answer.values;
  switch (op) {
    case "create":
      return { kind: "ok", path: decode(first), found: foundOf(second) };
    case "set":
      return { kind: "ok", found: foundOf(first) };
    case "exists":
      if (first === NULL) return { kind: "refused", err: ErrorCode.NONODE };
      return { kind: "ok", found: foundOf(first) };
    case "get": {
      const data = decodeData(first);
      const value = data === null ? "" : new TextDecoder().decode(data);
      return { kind: "ok", found: { ...foundOf(second), value } };
    }
    case "children":
      return { kind: "ok", found: foundOf(second) };
    case "delete":
    case "sync":
      return DONE;
  }
}

function foundOf(stat: string): Found {
  const [czxid = "0", mzxid = "0", , , version = "0", , , , , , pzxid = "0"] = stat.split(",");
  return {
    version: Number(version),
    czxid: BigInt(czxid),
    mzxid: BigInt(mzxid),
    pzxid: BigInt(pzxid),
  };
}

function dataOf(value: string): string {
  return encodeData(new TextEncoder().encode(value));
}

const DONE: Done = { kind: "ok" };
const UNKNOWN: Outcome = { kind: "unknown" };
/** A lost connection, a request that took too long, a session that is over. */
const MAY_HAVE_HAPPENED: ReadonlySet<number> = new Set([
  ErrorCode.CONNECTIONLOSS,
  ErrorCode.OPERATIONTIMEOUT,
  ErrorCode.SESSIONEXPIRED,
]);
