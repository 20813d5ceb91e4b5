import { OpCode } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { type PendingRequest, RequestQueue } from "./request-queue.js";

function write(xid: number, type: number): PendingRequest {
  return { kind: "write", xid, type, takenMs: 0, outcome: undefined };
}

it("counts what the client has asked for, not what its server asks in its name", () => {
  const queue = new RequestQueue();
  const counts = (): number[] => [queue.length, queue.askedLength, queue.askedCount];
  queue.add(write(0, OpCode.createSession));
  queue.add(write(1, OpCode.create));
  expect(counts()).toEqual([2, 1, 1]);
  queue.shift();
  expect(counts()).toEqual([1, 1, 1]);
  queue.add(write(2, OpCode.setData));
  queue.shift();
  expect(counts()).toEqual([1, 1, 2]);
  queue.shift();
  expect(counts()).toEqual([0, 0, 2]);
});
