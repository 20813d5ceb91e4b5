/** Every format that can be decoded, behind one function, and how a format is recognized. */
import { quantity } from "./quantity.js";
import { hasSnappyMagic, SnappyDecoder, SnappyFormatError } from "@jute-ts/persistence";
import { type AnyRecordType } from "@jute-ts/runtime";
import { CaptureDecoder, type CaptureOptions } from "./capture/capture-decoder.js";
import { describeRecord } from "./describe.js";
import { FieldTrace } from "./field-trace.js";
import { layEpoch } from "./files/epoch-format.js";
import { LogDecoder } from "./files/log-decoder.js";
import { SnapshotFormat } from "./files/snapshot-format.js";
import { type Decoder, Item, plainLayout, type Sender } from "./item.js";
import {
  layConnectRequest,
  layConnectResponse,
  layEvent,
  layRequest,
  layResponse,
} from "./messages/client-messages.js";
import { layHello, layNotification } from "./messages/election-layout.js";
import { messageItem, pathsOf } from "./messages/message.js";
import { layPacket } from "./messages/packet-layout.js";
import { layTxn } from "./messages/txn-layout.js";
import { ClientConversation } from "./streams/client-conversation.js";
import { ElectionConversation } from "./streams/election-conversation.js";
import { QuorumFormat } from "./streams/quorum-conversation.js";
import { MessageStream } from "./streams/stream.js";
import { opName } from "./meanings.js";

/** What bytes can be decoded as. */
export type Format =
  // Files.
  | "log"
  | "snapshot"
  | "epoch"
  | "capture"
  // One message.
  | "record"
  | "request"
  | "response"
  | "event"
  | "connectRequest"
  | "connectResponse"
  | "packet"
  | "hello"
  | "notification"
  | "txn"
  // One direction of a connection.
  | "requests"
  | "quorum"
  | "election";

export interface DecodeOptions {
  /** For `record`: its class. */
  readonly recordType?: AnyRecordType | undefined;
  /** For `response`: the op code of the request. Undefined: the body stays bytes. */
  readonly opCode?: number | undefined;
  /** For `packet` and `quorum`: who sent them. Undefined: what the bytes say decides. */
  readonly sender?: Sender | undefined;
  /** For captures. */
  readonly capture?: CaptureOptions | undefined;
  /** The longest message or txn that is believed, in bytes. Default 16 MiB. */
  readonly maxMessageBytes?: number | undefined;
}

/** A decoder of this format. It holds one message or element at a time, whatever the size of the input. */
export function createDecoder(format: Format, options: DecodeOptions = {}): Decoder {
  const { maxMessageBytes } = options;
  switch (format) {
    case "log":
      return new LogDecoder({ maxTxnBytes: maxMessageBytes });
    case "snapshot":
      return new SnapshotDecoder();
    case "capture":
      return new CaptureDecoder({ maxMessageBytes, ...options.capture });
    case "requests":
      return streamDecoder(new ClientConversation({ maxMessageBytes }).requests);
    case "quorum":
      return streamDecoder(
        new MessageStream(new QuorumFormat(options.sender, { maxMessageBytes }), {
          sender: options.sender,
        }),
      );
    case "election":
      return new ElectionDecoder();
    case "epoch":
    case "record":
    case "request":
    case "response":
    case "event":
    case "connectRequest":
    case "connectResponse":
    case "packet":
    case "hello":
    case "notification":
    case "txn":
      return new SingleDecoder((bytes) => laySingle(format, bytes, options));
  }
}

/** Decodes bytes that are in memory. */
export function decodeAll(bytes: Uint8Array, format: Format, options?: DecodeOptions): Item[] {
  const decoder = createDecoder(format, options);
  return [...decoder.push(bytes), ...decoder.finish()];
}

/**
 * What a file with these first bytes is, 16 or as many as there are; undefined where
 * they do not tell. `gzip`: inflate it, then ask again.
 */
export function recognizeFormat(firstBytes: Uint8Array): Format | "gzip" | undefined {
  const hex = Array.from(firstBytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0"));
  switch (hex.join("")) {
    case "5a4b4c47":
      return "log";
    case "5a4b534e":
      return "snapshot";
    case "a1b2c3d4":
    case "d4c3b2a1":
    case "a1b23c4d":
    case "4d3cb2a1":
    case "0a0d0d0a":
      return "capture";
  }
  if (hex[0] === "1f" && hex[1] === "8b") return "gzip";
  if (hasSnappyMagic(firstBytes)) return "snapshot";
  const isNumber = firstBytes.every((byte, at) => isDigit(byte) || (at > 0 && byte === 0x0a));
  return firstBytes.length > 0 && firstBytes.length <= 12 && isNumber ? "epoch" : undefined;
}

function isDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d;
}

function streamDecoder(stream: MessageStream): Decoder {
  return { push: (chunk) => stream.push(chunk), finish: () => stream.end() };
}

/** A snapshot file, plain or in the framing of snappy. */
class SnapshotDecoder implements Decoder {
  readonly #stream = new MessageStream(new SnapshotFormat({ isFile: true }));
  #snappy: SnappyDecoder | undefined;
  #first: Uint8Array | undefined = new Uint8Array(0);
  #failure: SnappyFormatError | undefined;
  #inflatedBytes = 0;

  push(chunk: Uint8Array): Item[] {
    if (this.#first === undefined) return this.#pushRest(chunk);
    const first = new Uint8Array(this.#first.length + chunk.length);
    first.set(this.#first);
    first.set(chunk, this.#first.length);
    this.#first = first.length < MAGIC_BYTES ? first : undefined;
    if (this.#first !== undefined) return [];
    if (hasSnappyMagic(first)) this.#snappy = new SnappyDecoder();
    return this.#pushRest(first);
  }

  finish(): Item[] {
    const items = this.#first === undefined ? [] : this.#stream.push(this.#first);
    try {
      if (this.#failure === undefined) this.#snappy?.finish();
    } catch (error) {
      items.push(...this.#fail(error));
    }
    return [...items, ...this.#stream.end()];
  }

  #pushRest(chunk: Uint8Array): Item[] {
    if (this.#snappy === undefined) return this.#stream.push(chunk);
    if (this.#failure !== undefined) return [];
    try {
      return this.#snappy.push(chunk).flatMap((block) => {
        this.#inflatedBytes += block.length;
        return this.#stream.push(block);
      });
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** The blocks depend on each other's lengths, so nothing can be inflated after a damaged one. */
  #fail(error: unknown): Item[] {
    if (!(error instanceof SnappyFormatError)) throw error;
    this.#failure = error;
    const offset = this.#inflatedBytes;
    const facts = { kind: "fault", name: "fault", offset, length: 0 } as const;
    const reason = `the compressed data is damaged: ${error.message}`;
    return [new Item(facts, plainLayout(facts, "", reason, [{ offset, reason }]))];
  }
}

/** One direction of the election port: with or without the hello. */
class ElectionDecoder implements Decoder {
  readonly #conversation = new ElectionConversation();
  #stream: MessageStream | undefined;

  push(chunk: Uint8Array): Item[] {
    // A hello begins with a negative version, a notification's frame with a small length.
    this.#stream ??=
      (chunk[0] ?? 0) === 0xff ? this.#conversation.opener : this.#conversation.acceptor;
    return this.#stream.push(chunk);
  }

  finish(): Item[] {
    return this.#stream?.end() ?? [];
  }
}

/** A message that fills the input. More than any message has is counted, and not held. */
class SingleDecoder implements Decoder {
  readonly #lay: (bytes: Uint8Array) => Item;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(lay: (bytes: Uint8Array) => Item) {
    this.#lay = lay;
  }

  push(chunk: Uint8Array): Item[] {
    this.#length += chunk.length;
    if (this.#length > MOST_SINGLE_BYTES) this.#chunks = [];
    else this.#chunks.push(chunk.slice());
    return [];
  }

  finish(): Item[] {
    const length = this.#length;
    if (length > MOST_SINGLE_BYTES) return [tooLong(length)];
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [];
    return [this.#lay(bytes)];
  }
}

function tooLong(length: number): Item {
  const facts = { kind: "fault", name: "fault", offset: 0, length } as const;
  const reason = `a single message has at most ${MOST_SINGLE_BYTES} bytes: is it another format?`;
  const detail = `${quantity(length, "byte")} are not decoded: ${reason}`;
  return new Item(facts, plainLayout(facts, "bytes", detail, [{ offset: 0, reason }]));
}

type SingleFormat = Exclude<
  Format,
  "log" | "snapshot" | "capture" | "requests" | "quorum" | "election"
>;

function laySingle(format: SingleFormat, bytes: Uint8Array, options: DecodeOptions): Item {
  const source = { bytes, offset: 0, framed: isFramed(bytes), sender: options.sender };
  switch (format) {
    case "epoch":
      return layEpoch(bytes);
    case "record":
      return layRecord(bytes, options.recordType);
    case "request":
      return layRequest(source);
    case "response": {
      const { opCode } = options;
      return layResponse(source, opCode === undefined ? undefined : { opCode, paths: [] });
    }
    case "event":
      return layEvent(source);
    case "connectRequest":
      return layConnectRequest(source);
    case "connectResponse":
      return layConnectResponse(source);
    case "packet":
      return layPacket({ ...source, framed: false });
    case "hello":
      return layHello({ ...source, framed: false });
    case "notification":
      return layNotification(source);
    case "txn":
      return laySingleTxn(bytes);
  }
}

function layRecord(bytes: Uint8Array, type: AnyRecordType | undefined): Item {
  if (type === undefined) throw new TypeError("The format `record` needs the option recordType.");
  const trace = new FieldTrace(bytes, 0);
  const record = trace.record(type, "");
  const facts = { kind: "record", name: type.descriptor.name } as const;
  return messageItem({ bytes, offset: 0 }, facts, trace, {
    paths: record === undefined ? [] : pathsOf(record),
    detail: record === undefined ? "" : describeRecord(record),
    json: { body: record?.toJSON() ?? null },
  });
}

function laySingleTxn(bytes: Uint8Array): Item {
  const trace = new FieldTrace(bytes, 0);
  const { header, ...content } = layTxn(trace);
  const facts = {
    kind: "txn",
    name: header === undefined ? "txn" : opName(header.type),
    opCode: header?.type,
    xid: header?.cxid,
    zxid: header?.zxid,
    sessionId: header?.clientId,
  } as const;
  const timeMs = header === undefined ? undefined : Number(header.time);
  return messageItem({ bytes, offset: 0, timeMs }, facts, trace, content);
}

/** Whether the first four bytes are the length of the others, as on a connection. */
function isFramed(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0) === bytes.length - 4;
}

/** As many as snappy's magic number has. */
const MAGIC_BYTES = 8;

/** More than any message. */
const MOST_SINGLE_BYTES: number = 64 << 20;
