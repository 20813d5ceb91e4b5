/** Requests that this server answers by itself: reads of its tree, and what concerns the connection alone. */
import {
  ClientInfo,
  ErrorCode,
  OpCode,
  type RequestMessage,
  WhoAmIResponse,
} from "@jute-ts/zookeeper";
import type { AuthId } from "./auth-id.js";
import type { ClientConnection } from "./client-connection.js";
import type { ClientContext } from "./client-context.js";
import { isRead, read, type ReadMessage, type ReadOutcome, readOpCodes } from "./reads.js";
import { answerWatchRequest, type WatchOpCode, watchRead } from "./watch-requests.js";

export type LocalMessage =
  ReadMessage | RequestMessage<WatchOpCode> | RequestMessage<typeof OpCode.whoAmI>;

/** Carries out a request at its turn. `ids`: those that the client had when it asked. */
export function answerLocally(
  context: ClientContext,
  connection: ClientConnection,
  message: LocalMessage,
  ids: readonly AuthId[],
): ReadOutcome {
  if (message.type === OpCode.whoAmI) return whoAmI(ids);
  if (!isRead(message)) return answerWatchRequest(context, connection, message);
  const { maxCongestedBytes, maxRequestBytes } = context.options;
  const { tree, childLists, measurements } = context;
  const reader = { sessionId: connection.sessionId, ids, measurements };
  const outcome = read(tree, childLists, message, reader, maxCongestedBytes + maxRequestBytes);
  if (watchRead(context, connection, message, outcome.err)) return outcome;
  return { err: ErrorCode.THROTTLEDOP };
}

/** Whether a request is one of those. */
export function isLocal(message: RequestMessage): message is LocalMessage {
  return isLocalOpCode(message.type);
}

export function isLocalOpCode(opCode: number): boolean {
  return readOpCodes.has(opCode) || OTHERS.has(opCode);
}

function whoAmI(ids: readonly AuthId[]): ReadOutcome {
  const clientInfo = ids.map(
    ({ scheme: authScheme, id }) => new ClientInfo({ authScheme, user: userOf(authScheme, id) }),
  );
  return { err: 0, record: new WhoAmIResponse({ clientInfo }) };
}

/** What may be shown of an id: not the hash of a password. As in Java, a superuser has no name as such. */
function userOf(scheme: string, id: string): string {
  if (scheme === "super") return "";
  if (scheme !== "digest") return id;
  const colon = id.indexOf(":");
  return colon === -1 ? id : id.slice(0, colon);
}

const OTHERS: ReadonlySet<number> = new Set<WatchOpCode | typeof OpCode.whoAmI>([
  OpCode.setWatches,
  OpCode.setWatches2,
  OpCode.addWatch,
  OpCode.checkWatches,
  OpCode.removeWatches,
  OpCode.whoAmI,
]);
