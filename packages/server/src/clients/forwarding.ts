/**
 * Which writes a learner may forward. Some requests that Apache's 3.8 does not check stop
 * a leader of it, or all servers, or keep it from ever committing again, so they are answered here.
 */
import { areFatalStats, isFatalLimit } from "@jute-ts/data-tree";
import { type BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import {
  createModeTraits,
  decodeRequest,
  encodeResponse,
  ErrorCode,
  type MultiOperation,
  type MultiResultInit,
  OpCode,
  type RequestMessage,
  UnknownOpCodeError,
} from "@jute-ts/zookeeper";
import type { Decision } from "./request-queue.js";

/** What to answer instead of forwarding; undefined for a request that any leader can take. The frame is left where it was. */
export function whyNotForwarded(
  frame: BinaryInputArchive,
  allowsTtls: boolean,
): Decision | undefined {
  const { position, end } = frame;
  try {
    return refusalOf(decodeRequest(frame), allowsTtls);
  } catch (error) {
    if (error instanceof JuteDecodeError || error instanceof UnknownOpCodeError) return UNREADABLE;
    throw error;
  } finally {
    frame.position = position;
    frame.end = end;
  }
}

/** Whether a write creates an ephemeral, by which others must know its session. `at`: where the request begins in the frame. */
export function needsGlobalSession(frame: BinaryInputArchive, at: number): boolean {
  const { position } = frame;
  frame.position = at;
  try {
    const message = decodeRequest(frame);
    if (message.type === OpCode.multi) return message.body.some(createsEphemeral);
    return createsEphemeral(message);
  } catch (error) {
    // Whoever carries it out will say what is wrong with it.
    if (error instanceof JuteDecodeError || error instanceof UnknownOpCodeError) return false;
    throw error;
  } finally {
    frame.position = position;
  }
}

/** The kinds of create that are meant for it: the others are refused with such a mode. */
function createsEphemeral({ type, body }: Pick<RequestMessage, "type" | "body">): boolean {
  if (type !== OpCode.create && type !== OpCode.create2) return false;
  return body !== null && "flags" in body && createModeTraits(body.flags)?.ephemeral === true;
}

function refusalOf(message: RequestMessage, allowsTtls: boolean): Decision | undefined {
  switch (message.type) {
    case OpCode.multi:
      return refusalOfMulti(message.body, allowsTtls);
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
    case OpCode.delete:
    case OpCode.setData: {
      const err = objectionToChange(message, allowsTtls);
      return err === undefined ? undefined : { err };
    }
    case OpCode.setACL:
      return message.body.path === null ? UNREADABLE : undefined;
    default:
      return undefined;
  }
}

/** A part to which there is an objection fails as it would at a leader of ours, and with it the others. */
function refusalOfMulti(
  parts: readonly MultiOperation[],
  allowsTtls: boolean,
): Decision | undefined {
  if (parts.some(({ body }) => body.path === null)) return UNREADABLE;
  const errors = parts.map((part) => objectionToChange(part, allowsTtls));
  const culprit = errors.findIndex((err) => err !== undefined);
  if (culprit === -1) return undefined;
  const results = errors.map((err, index): MultiResultInit => {
    const shown = index < culprit ? 0 : index > culprit ? ErrorCode.RUNTIMEINCONSISTENCY : err;
    return { ok: false, type: OpCode.error, err: shown ?? 0 };
  });
  const body = encodeResponse(OpCode.multi, NO_HEADER, results).subarray(HEADER_BYTES);
  return { err: ErrorCode.OK, body };
}

function objectionToChange(
  { type, body }: MultiOperation,
  allowsTtls: boolean,
): ErrorCode | undefined {
  const { path } = body;
  if (path === null) return ErrorCode.MARSHALLINGERROR;
  if (!("flags" in body)) {
    const isFatal =
      type === OpCode.setData
        ? areFatalStats(path, body.data)
        : type === OpCode.delete && isFatalLimit(path);
    return isFatal ? ErrorCode.BADARGUMENTS : undefined;
  }
  const traits = createModeTraits(body.flags);
  if (traits === undefined) return ErrorCode.BADARGUMENTS;
  if (traits.ttl && !allowsTtls) return ErrorCode.UNIMPLEMENTED;
  if (traits.ttl !== (type === OpCode.createTTL)) return ErrorCode.BADARGUMENTS;
  if (traits.container !== (type === OpCode.createContainer)) return ErrorCode.BADARGUMENTS;
  // A number behind it makes it another name.
  if (!traits.sequential && isFatalLimit(path)) return ErrorCode.BADARGUMENTS;
  return undefined;
}

const UNREADABLE: Decision = { err: ErrorCode.MARSHALLINGERROR };
const NO_HEADER = { xid: 0, zxid: 0n };
const HEADER_BYTES = 16;
