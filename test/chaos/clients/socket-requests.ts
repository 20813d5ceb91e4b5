/** The load's requests and their answers as our own client sends and reads them. */
import type { BinaryInputArchive } from "@jute-ts/runtime";
import {
  decodeReplyHeader,
  decodeResponse,
  encodeRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
  type ResponseMessage,
  type ResponseOpCode,
  type Stat,
} from "@jute-ts/zookeeper";
import type { Done, Found, Outcome, Request } from "./history.js";

/** A frame. */
export function encodedRequest(request: Request, xid: number): Uint8Array {
  const framed = { framed: true };
  switch (request.op) {
    case "create": {
      const { path, flags } = request;
      const body = { path, data: bytesOf(request.value), acl: OPEN_ACL_UNSAFE, flags };
      return encodeRequest(OpCode.create2, xid, body, framed);
    }
    case "set": {
      const { path, version } = request;
      const body = { path, data: bytesOf(request.value), version };
      return encodeRequest(OpCode.setData, xid, body, framed);
    }
    case "delete":
      return encodeRequest(OpCode.delete, xid, { path: request.path, version: -1 }, framed);
    case "sync":
      return encodeRequest(OpCode.sync, xid, { path: "/" }, framed);
    case "get":
    case "exists":
    case "children": {
      const body = { path: request.path, watch: request.watches };
      return encodeRequest(READS[request.op], xid, body, framed);
    }
  }
}

export function readAnswer({ op }: Request, frame: BinaryInputArchive): Outcome {
  switch (op) {
    case "create":
      return outcomeOf(decodeResponse(OpCode.create2, frame), ({ path, stat }) => ({
        path,
        found: foundOf(stat),
      }));
    case "set":
      return outcomeOf(decodeResponse(OpCode.setData, frame), withStat);
    case "get":
      return outcomeOf(decodeResponse(OpCode.getData, frame), ({ data, stat }) => ({
        found: { ...foundOf(stat), value: textOf(data) },
      }));
    case "exists":
      return outcomeOf(decodeResponse(OpCode.exists, frame), withStat);
    case "children":
      return outcomeOf(decodeResponse(OpCode.getChildren2, frame), withStat);
    case "delete":
    case "sync":
      return readHeader(frame);
  }
}

/** What became of a request whose answer has nothing more to say. */
export function readHeader(frame: BinaryInputArchive): Outcome {
  const { err, zxid } = decodeReplyHeader(frame);
  return err === 0 ? { kind: "ok", zxid } : { kind: "refused", err, zxid };
}

function outcomeOf<C extends ResponseOpCode>(
  response: ResponseMessage<C>,
  tell: (body: Extract<ResponseMessage<C>, { ok: true }>["body"]) => Omit<Done, "kind">,
): Outcome {
  const { zxid } = response;
  if (!response.ok) return { kind: "refused", err: response.err, zxid };
  return { kind: "ok", zxid, ...tell(response.body) };
}

function withStat({ stat }: { readonly stat: Stat }): Omit<Done, "kind"> {
  return { found: foundOf(stat) };
}

function foundOf({ version, czxid, mzxid, pzxid }: Stat): Found {
  return { version, czxid, mzxid, pzxid };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(data: Uint8Array | null): string {
  return data === null ? "" : new TextDecoder().decode(data);
}

const READS = {
  get: OpCode.getData,
  exists: OpCode.exists,
  children: OpCode.getChildren2,
} as const;
