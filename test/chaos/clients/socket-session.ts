/**
 * Our own client, nothing but a socket: it shows the zxid of every answer, and the
 * order in which answers and events come.
 */
import { connect, type Socket } from "node:net";
import { FrameReader } from "@jute-ts/runtime";
import {
  AddWatchMode,
  type ConnectResponse,
  decodeConnectResponse,
  decodeEvent,
  decodeReplyHeader,
  encodeConnectRequest,
  encodeRequest,
  OpCode,
  Xid,
} from "@jute-ts/zookeeper";
import type { ClientAddress } from "../../interop/kit/four-letter-words.js";
import type { Random } from "../../fuzz/random.js";
import type { History, Outcome, Request } from "./history.js";
import { RecordedSession } from "./recorded-session.js";
import { encodedRequest, readAnswer, readHeader } from "./socket-requests.js";

export interface SocketSessionOptions {
  readonly servers: readonly ClientAddress[];
  readonly timeoutMs: number;
  readonly index: number;
  readonly history: History;
  readonly random: Random;
}

type Frame = NonNullable<ReturnType<FrameReader["next"]>>;

interface Pending {
  readonly bytes: Uint8Array;
  readonly take: (frame: Frame) => Outcome;
  readonly done: (outcome: Outcome) => void;
}

/** Opens a session; asks one server after the other. */
export async function openSocketSession(options: SocketSessionOptions): Promise<SocketSession> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const link = await Link.open(options, NEW_SESSION);
    if (link !== undefined) return new SocketSession(options, link);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error("no server gives a session");
}

export class SocketSession extends RecordedSession {
  readonly setsWatches = true;
  readonly #options: SocketSessionOptions;
  readonly #passwd: Uint8Array | null;
  #link: Link | undefined;
  #xid = 0;
  #lastZxid = 0n;
  /** Sent, oldest first. */
  readonly #pending: Pending[] = [];
  /** Not sent: there was no connection. */
  readonly #unsent: Pending[] = [];
  readonly #watches = {
    data: new Set<string>(),
    exist: new Set<string>(),
    child: new Set<string>(),
  };
  readonly #persistent = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  /** Use `openSocketSession`. */
  constructor(options: SocketSessionOptions, link: Link) {
    const { index, timeoutMs, history } = options;
    super({ index, id: link.session.sessionId, maker: "socket", timeoutMs }, history);
    this.#options = options;
    this.#passwd = link.session.passwd;
    this.#timer = setInterval(() => {
      this.#ping();
    }, timeoutMs / 4);
    this.#attach(link);
  }

  protected perform(request: Request, done: (outcome: Outcome) => void): void {
    const bytes = encodedRequest(request, ++this.#xid);
    const take = (frame: Frame): Outcome => {
      const outcome = readAnswer(request, frame);
      this.#noteWatch(request, outcome);
      return outcome;
    };
    this.#send({ bytes, take, done });
  }

  protected performClose(done: (outcome: Outcome) => void): void {
    const bytes = encodeRequest(OpCode.closeSession, ++this.#xid, null, { framed: true });
    const end = (outcome: Outcome): void => {
      done(outcome);
      this.#end();
    };
    this.#send({ bytes, take: readHeader, done: end });
  }

  async watchPersistently(path: string): Promise<boolean> {
    const mode = AddWatchMode.PERSISTENT;
    const bytes = encodeRequest(OpCode.addWatch, ++this.#xid, { path, mode }, { framed: true });
    return await new Promise((resolve) => {
      const done = (outcome: Outcome): void => {
        if (outcome.kind === "ok") {
          this.#persistent.add(path);
          this.happened({ kind: "watching", path });
        }
        resolve(outcome.kind === "ok");
      };
      this.#send({ bytes, take: readHeader, done });
    });
  }

  show(): Promise<void> {
    throw new Error("a socket sets watches");
  }

  abandon(): Promise<void> {
    this.happened({ kind: "abandoned" });
    this.#end();
    return Promise.resolve();
  }

  #send(pending: Pending): void {
    if (this.#link === undefined) {
      this.#unsent.push(pending);
    } else {
      this.#pending.push(pending);
      this.#link.socket.write(pending.bytes);
    }
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#link?.socket.destroy();
    this.#link = undefined;
    this.#loseAll();
  }

  /** Takes over a connection that the session is on. */
  #attach(link: Link): void {
    this.#link = link;
    this.happened({ kind: "connected" });
    link.onFrame = (frame) => {
      this.#onFrame(frame);
    };
    link.onClose = () => {
      if (this.#link !== link) return;
      this.#link = undefined;
      // What was sent may have been done.
      for (const { done } of this.#pending.splice(0)) done(UNKNOWN);
      this.happened({ kind: "disconnected" });
      if (!this.isOver) void this.#reconnect();
    };
    // Before anything else, so that what has changed meanwhile is told before it can be read.
    this.#setWatches(link);
    const unsent = this.#unsent.splice(0);
    this.#pending.push(...unsent);
    for (const { bytes } of unsent) link.socket.write(bytes);
    link.drain();
  }

  async #reconnect(): Promise<void> {
    const sessionId = this.info.id;
    const passwd = this.#passwd;
    let link: Link | undefined;
    while (link === undefined) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (this.isOver) return;
      const lastZxidSeen = this.#lastZxid;
      link = await Link.open(this.#options, { sessionId, passwd, lastZxidSeen });
    }
    if (this.isOver) {
      link.socket.destroy();
    } else if (link.session.timeOut <= 0) {
      link.socket.destroy();
      this.happened({ kind: "expired" });
      this.#end();
    } else {
      this.#attach(link);
    }
  }

  #onFrame(frame: Frame): void {
    const { xid, zxid } = decodeReplyHeader(frame);
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
    switch (xid) {
      case Xid.notification:
        this.#onEvent(decodeEvent(frame).event.path);
        return;
      case Xid.ping:
      case Xid.setWatches:
        return;
      default: {
        const pending = this.#pending.shift();
        if (pending === undefined) throw new Error(`answer ${xid} to nothing`);
        pending.done(pending.take(frame));
      }
    }
  }

  #onEvent(path: string): void {
    for (const paths of Object.values(this.#watches)) paths.delete(path);
    this.happened({ kind: "event", path });
  }

  #noteWatch(request: Request, outcome: Outcome): void {
    if (!("watches" in request) || !request.watches) return;
    const { op, path } = request;
    if (outcome.kind === "ok") this.#watches[op === "children" ? "child" : "data"].add(path);
    else if (op === "exists") this.#watches.exist.add(path);
  }

  #setWatches({ socket }: Link): void {
    const { data, exist, child } = this.#watches;
    const body = {
      relativeZxid: this.#lastZxid,
      dataWatches: [...data],
      existWatches: [...exist],
      childWatches: [...child],
      persistentWatches: [...this.#persistent],
      persistentRecursiveWatches: [],
    };
    socket.write(encodeRequest(OpCode.setWatches2, Xid.setWatches, body, { framed: true }));
  }

  #ping(): void {
    const link = this.#link;
    if (link === undefined) return;
    const silentMs = performance.now() - link.heardMs;
    if (silentMs > (this.info.timeoutMs * 2) / 3) link.socket.destroy();
    else link.socket.write(encodeRequest(OpCode.ping, Xid.ping, null, { framed: true }));
  }

  #loseAll(): void {
    const lost = [...this.#pending.splice(0), ...this.#unsent.splice(0)];
    for (const { done } of lost) done(UNKNOWN);
  }
}

/** A connection with a server that has answered the first message. */
class Link {
  readonly socket: Socket;
  heardMs = performance.now();
  onFrame: ((frame: Frame) => void) | undefined;
  onClose: () => void = () => undefined;
  readonly #frames = new FrameReader();
  #session: ConnectResponse | undefined;

  private constructor({ host, port }: ClientAddress) {
    this.socket = connect({ host, port, noDelay: true });
    this.socket.on("error", () => undefined);
  }

  /** Undefined when this server gives no answer. */
  static async open(
    { servers, random, timeoutMs }: SocketSessionOptions,
    session: { sessionId?: bigint; passwd: Uint8Array | null; lastZxidSeen?: bigint },
  ): Promise<Link | undefined> {
    const link = new Link(random.pick(servers));
    const { socket } = link;
    const timer = setTimeout(() => {
      socket.destroy();
    }, HANDSHAKE_MS);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("close", () => {
        resolve(false);
        link.onClose();
      });
      socket.on("data", (bytes) => {
        link.heardMs = performance.now();
        link.#frames.push(bytes);
        if (link.#session === undefined) {
          const frame = link.#frames.next();
          if (frame === undefined) return;
          link.#session = decodeConnectResponse(frame);
          resolve(true);
        }
        link.drain();
      });
      const message = { timeOut: timeoutMs, readOnly: false, ...session };
      socket.write(encodeConnectRequest(message, { framed: true }));
    });
    clearTimeout(timer);
    return isOpen ? link : undefined;
  }

  get session(): ConnectResponse {
    if (this.#session === undefined) throw new Error("not open");
    return this.#session;
  }

  /** Hands over what has come. */
  drain(): void {
    if (this.onFrame === undefined) return;
    for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
      this.onFrame(frame);
    }
  }
}

const UNKNOWN: Outcome = { kind: "unknown" };
const NEW_SESSION = { passwd: new Uint8Array(16) };
const HANDSHAKE_MS = 1000;
const PAUSE_MS = 30;
const MOST_TRIES = 500;
