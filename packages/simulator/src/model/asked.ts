/** What a client asked for, read from the bytes of its request. */
import { decodeRequest, type RequestMessage } from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";

/** The request; undefined when its bytes are none. */
export function readRequest({ cxid, opCode, body }: ChangeRequest): RequestMessage | undefined {
  // The body travels without a header; a decoder wants one.
  const message = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(message.buffer);
  view.setInt32(0, cxid);
  view.setInt32(4, opCode);
  message.set(body, HEADER_BYTES);
  try {
    return decodeRequest(message);
  } catch {
    return undefined;
  }
}

/** A RequestHeader: xid and type. */
const HEADER_BYTES = 8;
