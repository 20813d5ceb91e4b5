import { CreateMode, ErrorCode, makeZxid, OpCode, OPEN_ACL_UNSAFE } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { FakeRun } from "../../checkers/fake-run.js";
import { request } from "../frame-operations.js";
import { ForwardedRequests } from "./forwarded-requests.js";

const OPERATION = 9;
/** The txn of the operation, and one of somebody else. */
const [OWN, OTHER] = [makeZxid(1, 7), makeZxid(1, 6)];

const { message } = request(OpCode.createTTL, {
  path: "/a",
  data: null,
  acl: [...OPEN_ACL_UNSAFE],
  flags: CreateMode.PERSISTENT,
  ttl: 5n,
});

/** Server 1 leads and server 2 follows; one of them answers a request to which there may be an objection. */
function answer(
  sid: bigint,
  zxid: bigint,
  objection: number = ErrorCode.BADARGUMENTS,
  err: number = ErrorCode.BADARGUMENTS,
): void {
  const requests = {
    isLost: false,
    operationOf: (each: bigint) => (each === OWN ? OPERATION : undefined),
  };
  const run = new FakeRun([new ForwardedRequests(requests)]);
  run.lead(1n, 1);
  run.follow(2n, 1n, 1);
  run.observe({ kind: "connection", sid, connection: 1, address: "a", change: "answered" });
  const asked = { xid: 3, message, ids: [], operation: OPERATION, objection };
  const event = {
    kind: "answered",
    request: asked,
    xid: 3,
    zxid,
    err,
    response: undefined,
  } as const;
  const happening = { client: "client-1", connection: 1, sessionId: 5n, event };
  run.observe({ kind: "frame", sid, happening });
}

it("accepts a txn of a leader, none of a follower, and either where nothing is wrong by itself", () => {
  answer(1n, OWN);
  answer(2n, OTHER);
  answer(2n, OWN, ErrorCode.EPHEMERALONLOCALSESSION);
  answer(1n, OTHER, ErrorCode.EPHEMERALONLOCALSESSION);
});

it("accepts that a leader refuses eagerly what its client may not do", () => {
  answer(1n, 0n, ErrorCode.BADARGUMENTS, ErrorCode.NOAUTH);
});

it("refuses a follower that forwards, and a leader that does not", () => {
  expect(() => {
    answer(2n, OWN);
  }).toThrow("a follower has forwarded what is wrong anywhere");
  expect(() => {
    answer(1n, OTHER);
  }).toThrow("asked a leader for what is wrong");
});
