/** The differences that are meant, each with its line in DIVERGENCE.md or the release of Apache's server that has made it go. */
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import type { Outcome } from "./conversation.js";
import type { RandomRequest } from "./random-requests.js";

/** Why the outcomes may differ; undefined if nothing explains it. */
export function explain(request: RandomRequest, own: Outcome, apache: Outcome): string | undefined {
  return EXPLANATIONS.find(([, applies]) => applies(request, own, apache))?.[0];
}

type Rule = readonly [
  explanation: string,
  applies: (request: RandomRequest, own: Outcome, apache: Outcome) => boolean,
];

const EXPLANATIONS: readonly Rule[] = [
  [
    "exists is refused without READ (ZOOKEEPER-2590, since 3.8.4)",
    ({ type }, own, apache) =>
      type === OpCode.exists && own.err === ErrorCode.NOAUTH && apache.err === ErrorCode.OK,
  ],
  [
    "events are for those who may read (ZOOKEEPER-4799, since 3.8.4)",
    (_, own, apache) => own.answer === apache.answer && own.events.length < apache.events.length,
  ],
  [
    "getAllChildrenNumber of the empty path counts the root twice",
    ({ type, payload }, own, apache) =>
      type === OpCode.getAllChildrenNumber && own.err === apache.err && isEmptyPath(payload),
  ],
  [
    "checkWatches and removeWatches of 3.8 fail for a path without a slash",
    ({ type }, own, apache) =>
      (type === OpCode.checkWatches || type === OpCode.removeWatches) &&
      own.err === ErrorCode.NOWATCHER &&
      apache.err === ErrorCode.MARSHALLINGERROR,
  ],
  [
    "Java writes characters beyond the basic plane as pairs of surrogates (docs/wire-format.md)",
    ({ payload }, own, apache) =>
      own.err === apache.err &&
      own.events.length === apache.events.length &&
      Buffer.from(payload).includes("\u{1f600}"),
  ],
  [
    "getEphemerals takes control characters around its prefix for part of it",
    ({ type, isMalformed }, own, apache) =>
      type === OpCode.getEphemerals && isMalformed && own.err === apache.err,
  ],
  [
    "a count of elements below -1 is refused (docs/wire-format.md)",
    ({ type, isMalformed }, own) =>
      isMalformed && WITH_LISTS.has(type) && own.err === ErrorCode.MARSHALLINGERROR,
  ],
  [
    "an id of an access control list that is null is a wrong id",
    ({ isMalformed }, own, apache) =>
      isMalformed && own.err === ErrorCode.INVALIDACL && apache.err === ErrorCode.MARSHALLINGERROR,
  ],
  [
    "flags of a create that do not suit its op are refused",
    ({ type, isMalformed }, own) =>
      isMalformed && CREATES.has(type) && own.err === ErrorCode.BADARGUMENTS,
  ],
];

/** After xid and op code there is a length of 0. */
function isEmptyPath(payload: Uint8Array): boolean {
  return payload.length >= 12 && new DataView(payload.buffer, payload.byteOffset).getInt32(8) === 0;
}

const CREATES: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
]);

/** Ops whose requests have lists. */
const WITH_LISTS: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.setACL,
]);
