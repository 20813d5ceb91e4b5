/**
 * A connection between a client and a server: requests one way, responses and events
 * the other, matched by their xids. Both directions are pushed in the order of their
 * times, so that a response finds its request.
 */
import type { ByteQueue } from "../byte-queue.js";
import type { Item } from "../item.js";
import {
  layConnectRequest,
  layConnectResponse,
  layEvent,
  layRequest,
  layResponse,
} from "../messages/client-messages.js";
import type { MessageSource } from "../messages/message.js";
import { Xid, OpCode } from "@jute-ts/zookeeper";
import {
  DEFAULT_MAX_MESSAGE_BYTES,
  frameExtent,
  plausibleRequest,
  plausibleResponse,
} from "./client-format.js";
import { fourLetterWord, FourLetterFormat } from "./four-letter-words.js";
import { type Extent, MessageStream, type StreamFormat, type StreamOptions } from "./stream.js";

export interface ConversationOptions {
  readonly connection?: StreamOptions["connection"];
  /** The directions do not start at the connection's start. Default false. */
  readonly startsLost?: boolean | undefined;
  /** The longest message that is believed, in bytes. Default 16 MiB. */
  readonly maxMessageBytes?: number | undefined;
}

/** A request that waits for its response. */
interface Pending {
  readonly opCode: number;
  readonly paths: readonly string[];
  readonly timeMs: number | undefined;
}

export class ClientConversation {
  readonly requests: MessageStream;
  readonly responses: MessageStream;
  readonly #options: ConversationOptions;
  readonly #maxBytes: number;
  readonly #pending = new Map<number, Pending[]>();
  #pendingCount = 0;
  #sessionId: bigint | undefined;
  #connectTimeMs: number | undefined;
  #expectsConnectRequest: boolean;
  #expectsConnectResponse: boolean;
  /** Set when the client has said a four-letter word instead. */
  #isFourLetter = false;

  constructor(options: ConversationOptions = {}) {
    const { connection, startsLost } = options;
    this.#options = options;
    this.#maxBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#expectsConnectRequest = startsLost !== true;
    this.#expectsConnectResponse = startsLost !== true;
    const requestFormat: StreamFormat = {
      extent: (queue) => this.#requestExtent(queue),
      lay: (bytes, offset, timeMs, missing) => [this.#layRequest(bytes, offset, timeMs, missing)],
      leastCutBytes: LENGTH_BYTES,
      plausible: plausibleRequest,
      onLost: () => {
        this.#expectsConnectRequest = false;
        return [];
      },
    };
    const responseFormat: StreamFormat = {
      extent: (queue) => this.#responseExtent(queue),
      lay: (bytes, offset, timeMs, missing) => [this.#layResponse(bytes, offset, timeMs, missing)],
      leastCutBytes: LENGTH_BYTES,
      plausible: (queue, from, budget) =>
        plausibleResponse(queue, from, budget, (xid) => this.#isPending(xid)),
      onLost: () => {
        this.#expectsConnectResponse = false;
        return [];
      },
    };
    this.requests = new MessageStream(requestFormat, { connection, startsLost, sender: "client" });
    this.responses = new MessageStream(responseFormat, {
      connection,
      startsLost,
      sender: "server",
    });
  }

  /** The session, once the server has told it. */
  get sessionId(): bigint | undefined {
    return this.#sessionId;
  }

  /** Where no request waits, one may have been lost, and any running number may be its. */
  #isPending(xid: number): boolean {
    return this.#pending.has(xid) || (xid > 0 && this.#pending.size === 0);
  }

  #requestExtent(queue: ByteQueue): Extent {
    if (this.#isFourLetter) return { kind: "bytes", count: queue.length };
    if (this.#expectsConnectRequest) {
      if (queue.length < 4) return { kind: "more" };
      if (fourLetterWord(queue.peek(4)) !== undefined) return { kind: "bytes", count: 4 };
    }
    return frameExtent(queue, this.#maxBytes, LEAST_REQUEST_BYTES);
  }

  #responseExtent(queue: ByteQueue): Extent {
    if (this.#isFourLetter) return { kind: "bytes", count: queue.length };
    return frameExtent(queue, this.#maxBytes, LEAST_RESPONSE_BYTES);
  }

  /** `missing`: how many bytes of it did not come. */
  #layRequest(
    bytes: Uint8Array,
    offset: number,
    timeMs: number | undefined,
    missing: number | undefined,
  ): Item {
    const source = this.#source(bytes, offset, timeMs, "client", missing);
    if (this.#isFourLetter) return FourLetterFormat.layRest(source);
    if (this.#expectsConnectRequest) {
      this.#expectsConnectRequest = false;
      // Four bytes of a cut message are the length of a frame.
      if (bytes.length === 4 && missing === undefined) {
        this.#isFourLetter = true;
        return FourLetterFormat.layWord(source);
      }
      this.#connectTimeMs = timeMs;
      return layConnectRequest(source);
    }
    const item = layRequest(source);
    const { xid, opCode, paths } = item;
    if (xid !== undefined && opCode !== undefined) this.#remember(xid, { opCode, paths, timeMs });
    return item;
  }

  #layResponse(
    bytes: Uint8Array,
    offset: number,
    timeMs: number | undefined,
    missing: number | undefined,
  ): Item {
    const source = this.#source(bytes, offset, timeMs, "server", missing);
    if (this.#isFourLetter) return FourLetterFormat.layAnswer(source);
    if (this.#expectsConnectResponse) {
      this.#expectsConnectResponse = false;
      const latencyMs = difference(timeMs, this.#connectTimeMs);
      const item = layConnectResponse({ ...source, latencyMs });
      this.#sessionId = item.sessionId === 0n ? undefined : item.sessionId;
      return item;
    }
    // Too little of it is there to say even what it answers.
    if (bytes.length < LENGTH_AND_XID_BYTES) return layResponse(source, undefined);
    const xid = new DataView(bytes.buffer, bytes.byteOffset).getInt32(4);
    if (xid === Xid.notification) return layEvent(source);
    const request = this.#recall(xid);
    const latencyMs = difference(timeMs, request?.timeMs);
    return layResponse({ ...source, latencyMs }, request ?? knownByXid(xid));
  }

  #source(
    bytes: Uint8Array,
    offset: number,
    timeMs: number | undefined,
    sender: "client" | "server",
    missing: number | undefined,
  ): MessageSource {
    const { connection } = this.#options;
    const sessionId = this.#sessionId;
    return { bytes, offset, framed: true, timeMs, connection, sender, sessionId, missing };
  }

  #remember(xid: number, request: Pending): void {
    const waiting = this.#pending.get(xid);
    if (waiting === undefined) this.#pending.set(xid, [request]);
    else waiting.push(request);
    this.#pendingCount++;
    if (this.#pendingCount > MOST_PENDING) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const [xid, waiting] of this.#pending) {
      this.#pendingCount -= waiting.length;
      this.#pending.delete(xid);
      return;
    }
  }

  #recall(xid: number): Pending | undefined {
    const waiting = this.#pending.get(xid);
    const request = waiting?.shift();
    if (request !== undefined) this.#pendingCount--;
    if (waiting?.length === 0) this.#pending.delete(xid);
    return request;
  }
}

/** What the reserved xids say of a request that was not seen. Both setWatches are answered by a header alone. */
function knownByXid(xid: number): { opCode: number; paths: readonly string[] } | undefined {
  const opCode = opCodesByXid.get(xid);
  return opCode === undefined ? undefined : { opCode, paths: [] };
}

const opCodesByXid: ReadonlyMap<number, number> = new Map([
  [Xid.ping, OpCode.ping],
  [Xid.auth, OpCode.auth],
  [Xid.setWatches, OpCode.setWatches],
]);

/** The time between two messages. Clocks of captures may go back; nothing takes less than no time. */
export function difference(
  laterMs: number | undefined,
  earlierMs: number | undefined,
): number | undefined {
  if (laterMs === undefined || earlierMs === undefined) return undefined;
  return Math.max(0, laterMs - earlierMs);
}

/** A conversation whose client never gets answers must not be remembered without limit. */
const MOST_PENDING = 65_536;

/** A RequestHeader, and a ReplyHeader. A ConnectRequest is longer than both. */
const LEAST_REQUEST_BYTES = 8;
const LEAST_RESPONSE_BYTES = 16;
const LENGTH_BYTES = 4;
const LENGTH_AND_XID_BYTES = 8;
