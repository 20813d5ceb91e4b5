/**
 * The first message of each side. It has no header: being first is what tells
 * it from the others. `readOnly` stands at its end and is optional, since
 * clients and servers before 3.4 neither send nor expect it; a server answers in
 * the form in which it was asked.
 */
import type { ReadOptions } from "@jute-ts/runtime";
import {
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
  const input = startReading(source, options);
  const request = input.readRecord(ConnectRequest);
  finishReading(source, input);
  return request;
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
  const input = startReading(source, options);
  const response = input.readRecord(ConnectResponse);
  finishReading(source, input);
  return response;
}
