/**
 * A ZooKeeper client: one session that outlives its connections. It takes the servers
 * in turn, pings, gives up on a server that is silent, and sets its watches again.
 */
import { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import { type BinaryInputArchive, FrameReader } from "@jute-ts/runtime";
import * as zk from "@jute-ts/zookeeper";
import { ErrorCode, EventType, OpCode, Xid } from "@jute-ts/zookeeper";
import { type Address, type ClientEvents, type Operation, RequestFailed } from "./types.js";

export class Client extends EventEmitter<ClientEvents> {
  readonly #servers: readonly Address[];
  readonly #watches = {
    data: new Set<string>(),
    exist: new Set<string>(),
    child: new Set<string>(),
  };
  #session = { timeOut: 0, sessionId: 0n, passwd: new Uint8Array(16) as Uint8Array | null };
  #lastZxidSeen = 0n;
  #lastXid = 0;
  #attempts = 0;
  #pending: {
    xid: number;
    answer: (frame: BinaryInputArchive) => void;
    fail: (error: Error) => void;
  }[] = [];
  #socket: Socket | undefined;
  #state: "connecting" | "connected" | "closed" = "connecting";
  #retry: NodeJS.Timeout | undefined;

  /** Connects at once. `timeoutMs` is the session timeout that is asked for. */
  constructor(servers: readonly Address[], timeoutMs = 10_000) {
    super();
    this.#servers = servers;
    this.#session.timeOut = timeoutMs;
    this.#connect();
  }

  /** Resolves with the body of the response. Rejects with RequestFailed. */
  request<C extends Operation>(type: C, body: zk.RequestBodyInit<C>): Promise<zk.ResponseBody<C>> {
    return new Promise((resolve, reject) => {
      if (this.#state !== "connected") throw new RequestFailed(ErrorCode.CONNECTIONLOSS, false);
      const xid = (this.#lastXid % 0x7fff_ffff) + 1;
      this.#socket?.write(
        zk.encodeRequest(
          type,
          xid,
          ...([body, { framed: true }] as unknown as zk.RequestContent<C>),
        ),
      );
      this.#lastXid = xid;
      const answer = (frame: BinaryInputArchive): void => {
        const response = zk.decodeResponse(type, frame, { buffers: "copy" });
        this.#remember(type, body as { path?: string; watch?: boolean } | null, response.ok);
        if (response.ok) resolve(response.body);
        else reject(new RequestFailed(response.err, false));
      };
      this.#pending.push({ xid, answer, fail: reject });
    });
  }

  /** Ends the session, with its ephemeral znodes. Without a connection, the servers let it expire. */
  async close(): Promise<void> {
    const goodbye = this.request(OpCode.closeSession, null).catch(() => undefined);
    this.#retry?.close();
    await goodbye;
    this.#state = "closed";
    this.#socket?.destroy();
  }

  #connect(): void {
    const server = this.#servers[this.#attempts++ % this.#servers.length];
    if (server === undefined) throw new RangeError("a client needs at least one server");
    const socket = connect({ ...server, noDelay: true });
    this.#socket = socket;
    const reader = new FrameReader();
    const giveUp = (): Socket => socket.destroy(new Error("the server is silent"));
    let silence = setTimeout(giveUp, this.#session.timeOut / this.#servers.length);
    let pings: NodeJS.Timeout | undefined;
    socket.on("connect", () => {
      const { timeOut, sessionId, passwd } = this.#session;
      const asked = {
        timeOut,
        sessionId,
        passwd,
        lastZxidSeen: this.#lastZxidSeen,
        readOnly: false,
      };
      socket.write(zk.encodeConnectRequest(asked, { framed: true }));
    });
    socket.on("data", (chunk) => {
      try {
        reader.push(chunk);
        for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
          if (this.#state === "connected") {
            this.#take(frame);
            silence.refresh();
          } else if (this.#begin(zk.decodeConnectResponse(frame, { buffers: "copy" }), socket)) {
            clearTimeout(silence);
            silence = setTimeout(giveUp, (this.#session.timeOut * 2) / 3);
            const ping = zk.encodeRequest(OpCode.ping, Xid.ping, null, { framed: true });
            pings = setInterval(() => socket.write(ping), this.#session.timeOut / 3);
          }
        }
      } catch (error) {
        socket.destroy(error as Error); // what came is not ZooKeeper's protocol
      }
    });
    let cause: Error | undefined;
    socket.on("error", (error) => (cause = error));
    socket.on("close", () => {
      clearTimeout(silence);
      clearInterval(pings);
      if (this.#state === "connected") this.#state = "connecting";
      const lost = this.#pending.splice(0);
      for (const { fail } of lost) fail(new RequestFailed(ErrorCode.CONNECTIONLOSS, true));
      this.emit("disconnected", cause);
      if (this.#state === "closed") return;
      this.#retry = setTimeout(() => {
        this.#connect();
      }, Math.random() * 1000);
    });
  }

  /** The server's first message: the session goes on, or begins, or is over. */
  #begin({ timeOut, sessionId, passwd }: zk.ConnectResponse, socket: Socket): boolean {
    if (timeOut <= 0) {
      this.#state = "closed";
      socket.destroy();
      this.emit("expired");
      return false;
    }
    this.#session = { timeOut, sessionId, passwd };
    this.#state = "connected";
    const { data, exist, child } = this.#watches;
    if (data.size + exist.size + child.size > 0) {
      const paths = { dataWatches: [...data], existWatches: [...exist], childWatches: [...child] };
      const body = { relativeZxid: this.#lastZxidSeen, ...paths };
      socket.write(zk.encodeRequest(OpCode.setWatches, Xid.setWatches, body, { framed: true }));
    }
    this.emit("connected", sessionId);
    return true;
  }

  /** Any later message. Answers come in the order of the requests, but for the reserved xids. */
  #take(frame: BinaryInputArchive): void {
    const { xid, zxid } = zk.decodeReplyHeader(frame);
    if (zxid > 0n) this.#lastZxidSeen = zxid;
    if (xid === Xid.notification) {
      const { event } = zk.decodeEvent(frame);
      this.#forget(event);
      this.emit("watch", event);
    } else if (xid > 0) {
      const [first] = this.#pending;
      if (first?.xid !== xid)
        throw new Error(`an answer to ${xid}, which is not the oldest request`);
      first.answer(frame);
      this.#pending.shift();
    }
  }

  /** A watch is one of the session's once the server has answered. */
  #remember(type: number, body: { path?: string; watch?: boolean } | null, found: boolean): void {
    if (body?.watch !== true || body.path === undefined) return;
    if (type === OpCode.getData && found) this.#watches.data.add(body.path);
    if (type === OpCode.exists) this.#watches[found ? "data" : "exist"].add(body.path);
    const isList = type === OpCode.getChildren || type === OpCode.getChildren2;
    if (isList && found) this.#watches.child.add(body.path);
  }

  /** A watch fires once. */
  #forget({ type, path }: zk.WatcherEvent): void {
    const { data, exist, child } = this.#watches;
    const ended = type === EventType.NodeChildrenChanged ? [child] : [data, exist];
    if (type === EventType.NodeDeleted) ended.push(child);
    for (const paths of ended) paths.delete(path);
  }
}
