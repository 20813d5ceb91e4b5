/**
 * Which writes a learner may forward. Some requests that Apache's 3.8 does not check stop
 * a leader of it, or keep it from ever committing again, so they are answered here.
 */
import { type BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import {
  createModeTraits,
  decodeRequest,
  ErrorCode,
  type MultiOperation,
  OpCode,
  type RequestMessage,
  UnknownOpCodeError,
} from "@jute-ts/zookeeper";

/** The error code to answer instead of forwarding; undefined for a request that any leader can take. The frame is left where it was. */
export function whyNotForwarded(
  frame: BinaryInputArchive,
  allowsTtls: boolean,
): ErrorCode | undefined {
  const { position, end } = frame;
  try {
    return objectionTo(decodeRequest(frame), allowsTtls);
  } catch (error) {
    if (error instanceof JuteDecodeError || error instanceof UnknownOpCodeError) {
      return ErrorCode.MARSHALLINGERROR;
    }
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
    if (message.type !== OpCode.create && message.type !== OpCode.create2) return false;
    return createsEphemeral(message);
  } catch (error) {
    // Whoever carries it out will say what is wrong with it.
    if (error instanceof JuteDecodeError || error instanceof UnknownOpCodeError) return false;
    throw error;
  } finally {
    frame.position = position;
  }
}

function createsEphemeral({ body }: Pick<MultiOperation, "body">): boolean {
  return "flags" in body && createModeTraits(body.flags)?.ephemeral === true;
}

function objectionTo(message: RequestMessage, allowsTtls: boolean): ErrorCode | undefined {
  switch (message.type) {
    case OpCode.multi:
      for (const part of message.body) {
        const objection = objectionToPart(part, allowsTtls);
        if (objection !== undefined) return objection;
      }
      return undefined;
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
    case OpCode.delete:
    case OpCode.setData:
      return objectionToChange(message, allowsTtls);
    case OpCode.setACL:
      return message.body.path === null ? ErrorCode.MARSHALLINGERROR : undefined;
    default:
      return undefined;
  }
}

/** In a multi, flags that mean nothing make the whole request one that cannot be read. */
function objectionToPart(part: MultiOperation, allowsTtls: boolean): ErrorCode | undefined {
  if ("flags" in part.body && createModeTraits(part.body.flags) === undefined) {
    return ErrorCode.MARSHALLINGERROR;
  }
  return objectionToChange(part, allowsTtls);
}

function objectionToChange(
  { type, body }: MultiOperation,
  allowsTtls: boolean,
): ErrorCode | undefined {
  if (body.path === null) return ErrorCode.MARSHALLINGERROR;
  if (!("flags" in body)) return undefined;
  const traits = createModeTraits(body.flags);
  if (traits === undefined) return ErrorCode.BADARGUMENTS;
  if (traits.ttl && !allowsTtls) return ErrorCode.UNIMPLEMENTED;
  if (traits.ttl !== (type === OpCode.createTTL)) return ErrorCode.BADARGUMENTS;
  if (traits.container !== (type === OpCode.createContainer)) return ErrorCode.BADARGUMENTS;
  return undefined;
}
