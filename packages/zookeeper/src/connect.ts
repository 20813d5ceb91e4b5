/**
 * The first message of each side. It has no header: being first is what tells
 * it from the others. `readOnly` stands at its end and is optional, since
 * clients and servers before 3.4 neither send nor expect it; a server answers in
 * the form in which it was asked.
 */
import type { AnyRecordType, JuteRecord, ReadOptions } from "@jute-ts/runtime";
import {
  explainFrame,
  finishMessage,
  finishReading,
  type MessageSource,
  type MessageWriteOptions,
  recordFrom,
  startMessage,
  startReading,
} from "./message-archives.js";
import {
  ConnectRequest,
  type ConnectRequestInit,
  ConnectResponse,
  type ConnectResponseInit,
} from "./records.js";

/** Encodes a client's first message. Throws JuteEncodeError for a value that the record does not allow. */
export function encodeConnectRequest(
  init: ConnectRequestInit,
  options?: MessageWriteOptions,
): Uint8Array {
  const request = recordFrom(ConnectRequest, init);
  const output = startMessage(options);
  output.writeRecord(request);
  return finishMessage(output, options);
}

/** Decodes a client's first message, without its frame. Throws JuteDecodeError. */
export function decodeConnectRequest(source: MessageSource, options?: ReadOptions): ConnectRequest {
  return readFirst(source, ConnectRequest, options);
}

/** Encodes a server's first message. Leave `readOnly` out for a client that did. */
export function encodeConnectResponse(
  init: ConnectResponseInit,
  options?: MessageWriteOptions,
): Uint8Array {
  const response = recordFrom(ConnectResponse, init);
  const output = startMessage(options);
  output.writeRecord(response);
  return finishMessage(output, options);
}

/** Decodes a server's first message, without its frame. Throws JuteDecodeError. */
export function decodeConnectResponse(
  source: MessageSource,
  options?: ReadOptions,
): ConnectResponse {
  return readFirst(source, ConnectResponse, options);
}

function readFirst<T extends JuteRecord>(
  source: MessageSource,
  type: AnyRecordType<T>,
  options: ReadOptions | undefined,
): T {
  try {
    const input = startReading(source, options);
    const record = input.readRecord(type);
    finishReading(source, input);
    return record;
  } catch (error) {
    throw explainFrame(error, source);
  }
}
