/**
 * Requests that a server answers by itself and no library of a client would send: lists and paths
 * that are null, kinds of watches that there are not, bodies that end too early. To each of them
 * servers say MARSHALLINGERROR, as Java's do, and go on.
 */
import {
  AddWatchMode,
  AddWatchRequest,
  CheckWatchesRequest,
  ErrorCode,
  ExistsRequest,
  GetACLRequest,
  GetAllChildrenNumberRequest,
  GetChildren2Request,
  GetChildrenRequest,
  GetDataRequest,
  OpCode,
  RemoveWatchesRequest,
  SetWatches2,
  WatcherType,
} from "@jute-ts/zookeeper";
import type { Random } from "../world/random.js";
import {
  type DrawnFrame,
  type DrawnRequest,
  encodedRequest,
  FAVOURITE,
  request,
} from "./frame-operations.js";
import { drawOddCredentials } from "./logins/odd-credentials.js";

/** Anything of this kind, or credentials that are odd. */
export function drawOddFrame(random: Random): DrawnFrame {
  return random.chance(ODD_CREDENTIALS)
    ? { kind: "proof", proving: drawOddCredentials(random) }
    : drawOdd(random);
}

export function drawOdd(random: Random): DrawnRequest {
  const drawn = random.pick([nullList, nullPath, unknownKind, cut])(random);
  return { ...drawn, objection: ErrorCode.MARSHALLINGERROR };
}

/** One list of watches is null, or a path in it. */
function nullList(random: Random): DrawnRequest {
  const lists = { ...noLists(), dataWatches: [FAVOURITE], childWatches: [FAVOURITE] };
  const list = random.pick([null, [null], [FAVOURITE, null]]);
  const body = SetWatches2.encode({ relativeZxid: 0n, ...lists, [random.pick(LISTS)]: list });
  return encodedRequest(OpCode.setWatches2, body);
}

function nullPath(random: Random): DrawnRequest {
  const [path, watch] = [null, random.chance(0.5)];
  const [type, body] = random.pick([
    [OpCode.exists, ExistsRequest.encode({ path, watch })],
    [OpCode.getData, GetDataRequest.encode({ path, watch })],
    [OpCode.getChildren, GetChildrenRequest.encode({ path, watch })],
    [OpCode.getChildren2, GetChildren2Request.encode({ path, watch })],
    [OpCode.getACL, GetACLRequest.encode({ path })],
    [OpCode.getAllChildrenNumber, GetAllChildrenNumberRequest.encode({ path })],
    [OpCode.addWatch, AddWatchRequest.encode({ path, mode: AddWatchMode.PERSISTENT })],
    [OpCode.checkWatches, CheckWatchesRequest.encode({ path, type: WatcherType.Children })],
    [OpCode.removeWatches, RemoveWatchesRequest.encode({ path, type: WatcherType.Any })],
  ]);
  return encodedRequest(type, body);
}

function unknownKind(random: Random): DrawnRequest {
  const [path, type] = [FAVOURITE, random.pick([-1, 0, 6])];
  return random.pick([
    () => request(OpCode.addWatch, { path, mode: random.pick([-1, 2]) }),
    () => request(OpCode.checkWatches, { path, type }),
    () => request(OpCode.removeWatches, { path, type }),
  ])();
}

/** The last byte does not come. */
function cut(random: Random): DrawnRequest {
  const [path, watch] = [FAVOURITE, true];
  const drawn = random.pick([
    () => request(OpCode.exists, { path, watch }),
    () => request(OpCode.getData, { path, watch }),
    () => request(OpCode.getChildren, { path, watch }),
    () => request(OpCode.getChildren2, { path, watch }),
    () => request(OpCode.getEphemerals, { prefixPath: path }),
    () => request(OpCode.addWatch, { path, mode: AddWatchMode.PERSISTENT }),
    () => request(OpCode.sync, { path }),
    () => request(OpCode.setWatches2, { relativeZxid: 0n, ...noLists() }),
  ])();
  return { ...drawn, body: drawn.body.subarray(0, -1) };
}

function noLists(): Record<(typeof LISTS)[number], string[]> {
  return {
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  };
}

const ODD_CREDENTIALS = 0.2;

const LISTS = [
  ...(["dataWatches", "existWatches", "childWatches"] as const),
  ...(["persistentWatches", "persistentRecursiveWatches"] as const),
] as const;
