/** What clients of the client port do and learn, in words. */
import { errorCodeName, eventTypeName, formatZxid, opCodeName } from "@jute-ts/zookeeper";
import type { FrameEvent, FrameHappening, FrameRequest } from "../client-port/frame-event.js";

export function describeFrame({ connection, sessionId, event }: FrameHappening): string {
  const session = sessionId === 0n ? "" : ` session ${sessionId.toString(16)}`;
  return `connection ${connection}${session} ${describe(event)}`;
}

function describe(event: FrameEvent): string {
  switch (event.kind) {
    case "connecting":
      return event.isThief ? "says hello with a wrong password" : "says hello";
    case "connected":
      return `has session ${event.sessionId.toString(16)} for ${event.timeoutMs} ms`;
    case "expired":
      return "learns that its session is over";
    case "asked":
      return `asks ${describeRequest(event.request)}`;
    case "answered": {
      const asked = event.request === undefined ? "nothing" : describeRequest(event.request);
      const err = errorCodeName(event.err) ?? event.err;
      return `is answered ${err} at ${formatZxid(event.zxid)} to ${asked}`;
    }
    case "event":
      return `is notified: ${eventTypeName(event.type) ?? event.type} ${event.path} at ${formatZxid(event.zxid)}`;
    case "misused":
      return "says what no server may carry out";
    case "closed": {
      const silence = event.silence === undefined ? "" : `, silent: ${event.silence}`;
      return `${event.byClient ? "ends" : "is ended"}${silence}`;
    }
  }
}

function describeRequest({ xid, message, operation, proof, isRefused }: FrameRequest): string {
  const { type, body } = message;
  const path = body !== null && "path" in body ? ` ${body.path ?? "null"}` : "";
  const id = operation === undefined ? "" : ` #${operation}`;
  const how = proof === undefined ? "" : ` (${proof.name})`;
  const unproven = isRefused === true ? ", unproven" : "";
  return `${xid}: ${opCodeName(type) ?? type}${path}${id}${how}${unproven}`;
}
