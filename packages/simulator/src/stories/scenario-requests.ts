/** The requests of scenarios in words: `in 7 ephemeral /a`, `multi create /a ; check /b 3`. */
import { CreateMode, type MultiOperationInit, OpCode, SetACLRequest } from "@jute-ts/zookeeper";
import {
  type ChangeBody,
  checkPart,
  closeSessionChange,
  createChange,
  createPart,
  createSessionChange,
  deleteChange,
  deletePart,
  multiChange,
  setChange,
  setPart,
} from "../clients/change-requests.js";

/** A change that a session asks for; session 0 is none. */
export interface ScenarioRequest extends ChangeBody {
  readonly sessionId: bigint;
}

/** Reads `[in SESSION] OPERATION …`. Throws RangeError for words that are no request. */
export function parseRequest(words: readonly string[]): ScenarioRequest {
  const [first, session = "", ...rest] = words;
  if (first !== "in") return { sessionId: 0n, ...parseChange(0n, words) };
  const sessionId = BigInt(session);
  return { sessionId, ...parseChange(sessionId, rest) };
}

function parseChange(sessionId: bigint, words: readonly string[]): ChangeBody {
  const [operation, path = "", value = ""] = words;
  switch (operation) {
    case "open":
      return createSessionChange(sessionId, path === "" ? LONG_TIMEOUT_MS : Number(path));
    case "close":
      return closeSessionChange;
    case "create":
      return createChange(path, value, CreateMode.PERSISTENT);
    case "sequence":
      return createChange(path, value, CreateMode.PERSISTENT_SEQUENTIAL);
    case "ephemeral":
      return createChange(path, value, CreateMode.EPHEMERAL);
    case "set":
      return setChange(path, value, ANY_VERSION);
    case "delete":
      return deleteChange(path, ANY_VERSION);
    case "acl":
      return aclChange(path, value);
    case "multi":
      return multiChange(partsOf(words.slice(1)).map(parsePart));
    default:
      throw new RangeError(`"${words.join(" ")}" is no request`);
  }
}

/** Everyone keeps all permissions, and an address gets them too: so each address makes another list. */
function aclChange(path: string, address: string): ChangeBody {
  const acl = [
    { perms: ALL_PERMISSIONS, id: { scheme: "world", id: "anyone" } },
    { perms: ALL_PERMISSIONS, id: { scheme: "ip", id: address } },
  ];
  const body = SetACLRequest.encode({ path, acl, version: ANY_VERSION });
  return { opCode: OpCode.setACL, body };
}

function partsOf(words: readonly string[]): readonly (readonly string[])[] {
  return words
    .join(" ")
    .split(";")
    .map((part) => part.trim().split(" "));
}

function parsePart(words: readonly string[]): MultiOperationInit {
  const [operation, path = "", value = ""] = words;
  switch (operation) {
    case "create":
      return createPart(path, value, CreateMode.PERSISTENT);
    case "sequence":
      return createPart(path, value, CreateMode.PERSISTENT_SEQUENTIAL);
    case "set":
      return setPart(path, value, ANY_VERSION);
    case "delete":
      return deletePart(path, ANY_VERSION);
    case "check":
      return checkPart(path, Number(value));
    default:
      throw new RangeError(`"${words.join(" ")}" is no part of a multi`);
  }
}

const ANY_VERSION = -1;
const ALL_PERMISSIONS = 31;

/** Longer than any story. */
const LONG_TIMEOUT_MS = 1_000_000;
