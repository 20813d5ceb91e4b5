/** A client's conversation with a server, with what differs between servers by nature taken out. */
import { decodeResponse, ReplyHeader, type ResponseOpCode, OpCode } from "@jute-ts/zookeeper";
import { RawClient } from "../../../packages/server/test/raw-client.js";

/** What a server did about one request. */
export interface Outcome {
  /** Events that came before the answer, as texts. */
  readonly events: readonly string[];
  /** The answer as a text; "closed" or "silent" without one. */
  readonly answer: string;
  readonly err: number | undefined;
}

export class Conversation {
  readonly #port: number;
  #client: RawClient;
  #session: { readonly sessionId: bigint; readonly passwd: Uint8Array | null } | undefined;
  /** Zxids in the order in which they were first seen: on both servers the same txns have the same number. */
  readonly #zxids = new Map<bigint, number>();

  constructor(port: number) {
    this.#port = port;
    this.#client = new RawClient(port);
  }

  /** Begins a session, or goes on with the one that there is. */
  async open(): Promise<string> {
    this.#client = new RawClient(this.#port);
    const { sessionId = 0n, passwd = new Uint8Array(16) } = this.#session ?? {};
    const { timeOut, ...response } = await this.#client.open({
      timeOut: 30_000,
      sessionId,
      passwd,
    });
    this.#session = response.sessionId === 0n ? undefined : response;
    return this.#session === undefined ? "expired" : `open ${String(timeOut)}`;
  }

  async send(payload: Uint8Array, type: number): Promise<Outcome> {
    const xid = new DataView(payload.buffer, payload.byteOffset).getInt32(0);
    const events: string[] = [];
    this.#client.send(payload);
    for (;;) {
      const frame = await this.#client.frame(3000).catch(() => "silent" as const);
      if (frame === undefined) return { events, answer: "closed", err: undefined };
      if (frame === "silent") return { events, answer: frame, err: undefined };
      const header = ReplyHeader.decode(frame.subarray(0, 16));
      if (header.xid !== -1 || xid === -1) {
        return { events, answer: this.#describe(frame, header, type), err: header.err };
      }
      events.push(Buffer.from(frame.subarray(16)).toString("latin1"));
    }
  }

  /** Ends the session, so that it does not expire at some time later, and the connection. */
  async end(): Promise<void> {
    if (this.#client.isClosed && this.#session !== undefined) await this.open();
    if (this.#session !== undefined) {
      this.#client.post(OpCode.closeSession);
      while ((await this.#client.frame()) !== undefined);
    }
    this.#session = undefined;
    await this.#client.drop();
  }

  #describe(frame: Uint8Array, { xid, zxid, err }: ReplyHeader, type: number): string {
    const header = `${String(xid)} ${this.#zxid(zxid)} err ${String(err)}`;
    return frame.length === 16 ? header : `${header} ${this.#body(frame, type)}`;
  }

  #body(frame: Uint8Array, type: number): string {
    try {
      // Which op codes have an answer is known by the caller; another throws.
      const response = decodeResponse(type as ResponseOpCode, frame);
      return JSON.stringify(response.ok ? (response.body ?? null) : response.err, (key, value) =>
        this.#plain(key, value as unknown),
      );
    } catch {
      return Buffer.from(frame.subarray(16)).toString("hex");
    }
  }

  #plain(key: string, value: unknown): unknown {
    if (key === "ctime" || key === "mtime") return undefined;
    if (key === "children" && Array.isArray(value)) return [...(value as unknown[])].sort();
    // Also ids in the place of auth are in no order there.
    if (key === "clientInfo" || key === "ephemerals" || key === "acl") return sorted(value);
    if (typeof value !== "bigint" && typeof value !== "string") return value;
    if (/^[cmp]zxid$/.test(key)) return this.#zxid(BigInt(value));
    if (key === "ephemeralOwner") {
      return BigInt(value) === this.#session?.sessionId ? "own" : String(value);
    }
    return String(value);
  }

  #zxid(zxid: bigint): string {
    if (zxid <= 0n) return String(zxid);
    const known = this.#zxids.get(zxid);
    if (known !== undefined) return `z${String(known)}`;
    this.#zxids.set(zxid, this.#zxids.size);
    return `z${String(this.#zxids.size - 1)}`;
  }
}

function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((each) => JSON.stringify(each)).sort();
}
