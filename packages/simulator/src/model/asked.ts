/** What a client asked for, read from the bytes of its request. */
import { decodeRequest, type RequestMessage, UnknownOpCodeError } from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";

/** The request; else what is wrong with it: its op, or its bytes. */
export function readRequest({
  cxid,
  opCode,
  body,
}: Pick<ChangeRequest, "cxid" | "opCode" | "body">): RequestMessage | "unknown op" | "malformed" {
  // The body travels without a header; a decoder wants one.
  const message = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(message.buffer);
  view.setInt32(0, cxid);
  view.setInt32(4, opCode);
  message.set(body, HEADER_BYTES);
  try {
    return decodeRequest(message);
  } catch (error) {
    const isOp = error instanceof UnknownOpCodeError && error.place === "request";
    return isOp ? "unknown op" : "malformed";
  }
}

/** A RequestHeader: xid and type. */
const HEADER_BYTES = 8;
