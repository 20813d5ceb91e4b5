import {
  encodeRequest,
  encodeResponse,
  ErrorCode,
  type MultiReadResultInit,
  OpCode,
  Stat,
} from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { SeenReads } from "./seen-reads.js";

const header = { xid: 1, zxid: 5n };
const stat = new Stat({});

/** Six longs and five ints of a stat beside what is said. */
const STAT = 6 * 8 + 5 * 4;

it("counts paths, data and names below the znodes of the root", () => {
  const reads = new SeenReads();
  const asked = { path: "/a/b", watch: false };
  reads.note(
    encodeRequest(OpCode.exists, 1, asked),
    encodeResponse(OpCode.exists, header, { stat }),
  );
  reads.note(
    encodeRequest(OpCode.getData, 1, asked),
    encodeResponse(OpCode.getData, header, { data: new Uint8Array(10), stat }),
  );
  reads.note(
    encodeRequest(OpCode.getChildren2, 1, { path: "/c", watch: false }),
    // Two characters, of which the second has three bytes.
    encodeResponse(OpCode.getChildren2, header, { children: ["x", "\u6c34"], stat }),
  );
  expect([...reads.namespaces]).toEqual([
    ["a", { reads: 2, leastBytes: 2 * (4 + STAT) + 10, mostBytes: 2 * (4 + STAT) + 10 }],
    ["c", { reads: 1, leastBytes: 2 + STAT + 2, mostBytes: 2 + STAT + 4 }],
  ]);
});

it("counts the parts of a multiRead that went well, and nothing of the root itself", () => {
  const reads = new SeenReads();
  const parts = [
    { type: OpCode.getData, body: { path: "/a", watch: false } },
    { type: OpCode.getChildren, body: { path: "/", watch: false } },
    { type: OpCode.getData, body: { path: "/b", watch: false } },
  ] as const;
  const results: MultiReadResultInit[] = [
    { ok: true, type: OpCode.getData, body: { data: null, stat } },
    { ok: true, type: OpCode.getChildren, body: { children: ["a"] } },
    { ok: false, type: OpCode.error, err: ErrorCode.NONODE },
  ];
  reads.note(
    encodeRequest(OpCode.multiRead, 1, parts),
    encodeResponse(OpCode.multiRead, header, results),
  );
  const bytes = 2 + STAT;
  expect([...reads.namespaces]).toEqual([["a", { reads: 1, leastBytes: bytes, mostBytes: bytes }]]);
});

it("knows that an answer which was too long has been read", () => {
  const reads = new SeenReads();
  reads.noteError(OpCode.multiRead, ErrorCode.NONODE);
  expect(reads.isComplete).toBe(true);
  reads.noteError(OpCode.multiRead, ErrorCode.MARSHALLINGERROR);
  expect(reads.isComplete).toBe(false);
  const watching = new SeenReads();
  watching.noteError(OpCode.getData, ErrorCode.NONODE);
  expect(watching.isComplete).toBe(true);
  watching.noteError(OpCode.getData, ErrorCode.THROTTLEDOP);
  expect(watching.isComplete).toBe(false);
});
