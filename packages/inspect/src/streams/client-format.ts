/** What the frames between a client and a server look like, and where one can begin when that is not known. */
import { quantity } from "../quantity.js";
import {
  errorCodeName,
  isMultiOpCode,
  ReplyHeader,
  RequestHeader,
  requestRecordType,
} from "@jute-ts/zookeeper";
import type { ByteQueue } from "../byte-queue.js";
import { layEvent, layRequest } from "../messages/client-messages.js";
import { xidName } from "../meanings.js";
import type { Extent, SearchBudget } from "./stream.js";

/** The longest frame that is believed, in bytes. */
export const DEFAULT_MAX_MESSAGE_BYTES: number = 16 * 1024 * 1024;

const LENGTH_BYTES = 4;

/** The extent of a frame, its length included. */
export function frameExtent(queue: ByteQueue, maxBytes: number, leastBytes: number): Extent {
  if (queue.length < LENGTH_BYTES) return { kind: "more" };
  const length = queue.intAt(0);
  if (length < leastBytes || length > maxBytes) {
    const limits = `${leastBytes} to ${maxBytes}`;
    return {
      kind: "lost",
      reason: `a frame of ${quantity(length, "byte")} is not within ${limits}`,
    };
  }
  return { kind: "bytes", count: LENGTH_BYTES + length };
}

/** Whether a request can begin here: it must be one to its last byte. */
export function plausibleRequest(
  queue: ByteQueue,
  from: number,
  budget: SearchBudget,
): boolean | "more" {
  const length = plausibleLength(queue, from, REQUEST_HEADER_BYTES);
  if (typeof length !== "number") return length;
  const type = queue.intAt(from + 8);
  if (requestRecordType(type) === undefined && !isMultiOpCode(type)) return false;
  const xid = queue.intAt(from + 4);
  if (xid < 0 && xidName(xid) === undefined) return false;
  return whole(queue, from, length, budget, (bytes) => !layRequest(framed(bytes)).hasFaults);
}

/** Whether a response or an event can begin here. `isPending`: whether a request with this xid waits. */
export function plausibleResponse(
  queue: ByteQueue,
  from: number,
  budget: SearchBudget,
  isPending: (xid: number) => boolean,
): boolean | "more" {
  const length = plausibleLength(queue, from, REPLY_HEADER_BYTES);
  if (typeof length !== "number") return length;
  const xid = queue.intAt(from + 4);
  const err = queue.intAt(from + 16);
  if (errorCodeName(err) === undefined || (err !== 0 && length !== REPLY_HEADER_BYTES))
    return false;
  if (xid === NOTIFICATION) {
    return whole(
      queue,
      from,
      length,
      budget,
      (bytes) => layEvent(framed(bytes)).faults.length === 0,
    );
  }
  if (xidName(xid) === undefined && !isPending(xid)) return false;
  // A zxid of a server that has counted to far less than 2^31 epochs.
  return queue.longAt(from + 8) >= -1n && queue.intAt(from + 8) < MANY_EPOCHS;
}

function plausibleLength(queue: ByteQueue, from: number, least: number): number | false | "more" {
  const left = queue.length - from;
  if (left < LENGTH_BYTES) return "more";
  const length = queue.intAt(from);
  if (length < least || length > MOST_FOUND_BYTES) return false;
  return left < LENGTH_BYTES + least ? "more" : length;
}

function whole(
  queue: ByteQueue,
  from: number,
  length: number,
  budget: SearchBudget,
  isMessage: (bytes: Uint8Array) => boolean,
): boolean | "more" {
  if (queue.length - from < LENGTH_BYTES + length) return "more";
  return budget.spend(length) && isMessage(queue.peek(LENGTH_BYTES + length, from));
}

function framed(bytes: Uint8Array): { bytes: Uint8Array; offset: number; framed: true } {
  return { bytes, offset: 0, framed: true };
}

/** A request in which nothing else is known may be this long. */
const MOST_FOUND_BYTES = 1 << 20;
const REQUEST_HEADER_BYTES: number = new RequestHeader().byteLength();
const REPLY_HEADER_BYTES: number = new ReplyHeader().byteLength();
const NOTIFICATION = -1;
const MANY_EPOCHS = 1 << 24;
