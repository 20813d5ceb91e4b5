/** What holds for every message, whatever Java's samples contain: frames, ownership, refusals. */
import {
  BinaryInputArchive,
  FrameReader,
  JuteDecodeError,
  JuteEncodeError,
} from "@jute-ts/runtime";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { OPEN_ACL_UNSAFE } from "./acl.js";
import { decodeConnectRequest, decodeConnectResponse, encodeConnectRequest } from "./connect.js";
import { CreateMode } from "./create-mode.js";
import { ErrorCode } from "./error-code.js";
import type { MultiOperationInit, MultiReadResultInit, MultiResultInit } from "./multi.js";
import { OpCode } from "./op-code.js";
import { decodeForwardedRequest, encodeForwardedRequest, PacketType } from "./packet.js";
import {
  ACL,
  ConnectRequest,
  CreateRequest,
  Id,
  QuorumPacket,
  MultiHeader,
  ReplyHeader,
  RequestHeader,
} from "./records.js";
import { decodeRequest, decodeRequestHeader, encodeRequest } from "./request.js";
import {
  decodeEvent,
  decodeReplyHeader,
  decodeResponse,
  encodeErrorResponse,
  encodeEvent,
  encodeResponse,
  type ResponseOpCode,
} from "./response.js";
import { decodeTxn } from "./txn.js";
import { UnknownOpCodeError } from "./unknown-op-code.js";
import { Xid } from "./xid.js";

const create = {
  path: "/a",
  data: new Uint8Array([1, 2, 3]),
  acl: OPEN_ACL_UNSAFE,
  flags: CreateMode.EPHEMERAL,
};
const reply = { xid: 1, zxid: 5n };

describe("frames", () => {
  test("come through a FrameReader as the messages that were written", () => {
    const stream = Buffer.concat([
      encodeConnectRequest({ timeOut: 30_000 }, { framed: true }),
      encodeRequest(OpCode.create, 1, create, { framed: true }),
      encodeRequest(OpCode.ping, Xid.ping, null, { framed: true }),
    ]);
    const reader = new FrameReader();
    const messages: unknown[] = [];
    for (const byte of stream) {
      reader.push(new Uint8Array([byte]));
      const message = reader.next();
      if (message === undefined) continue;
      messages.push(messages.length === 0 ? decodeConnectRequest(message) : decodeRequest(message));
    }
    expect(messages).toEqual([
      new ConnectRequest({ timeOut: 30_000 }),
      { xid: 1, type: OpCode.create, body: new CreateRequest(create) },
      { xid: -2, type: OpCode.ping, body: null },
    ]);
  });

  test("yield archives whose header can be read first, and whose buffers stay", () => {
    const stream = Buffer.concat([
      encodeResponse(OpCode.getData, reply, { data: create.data }, { framed: true }),
      encodeEvent({ type: 3, state: 3, path: "/a" }, 7n, { framed: true }),
      encodeRequest(OpCode.create, 1, create, { framed: true }),
    ]);
    const reader = new FrameReader();
    reader.push(stream);
    const frame = (): BinaryInputArchive => reader.next() ?? expect.unreachable();
    const first = frame();
    expect(decodeReplyHeader(first).xid).toBe(reply.xid);
    const response = decodeResponse(OpCode.getData, first);
    const second = frame();
    expect(decodeReplyHeader(second).xid).toBe(Xid.notification);
    expect(decodeEvent(second)).toMatchObject({ zxid: 7n, event: { path: "/a" } });
    const third = frame();
    expect(decodeRequestHeader(third)).toMatchObject({ xid: 1, type: OpCode.create });
    expect(decodeRequest(third)).toMatchObject({ type: OpCode.create });
    expect(response.body?.data).toEqual(create.data);
    expect(response.body?.data?.buffer).toBe(stream.buffer);
  });

  test("with too much in them are malformed", () => {
    const archive = new BinaryInputArchive(new Uint8Array([...encodeRequest(OpCode.ping, -2), 0]));
    expect(caught(() => decodeRequest(archive))).toMatchObject({ kind: "trailing" });
  });

  test.each([0, 1, 1000, 4096, 65_530, 70_000, 1_000_000])(
    "have the right length around %i bytes of data, and are the caller's",
    (size) => {
      const data = new Uint8Array(size).fill(7);
      const first = encodeRequest(OpCode.setData, 1, { path: "/a", data }, { framed: true });
      const copy = first.slice();
      const second = encodeRequest(OpCode.setData, 2, { path: "/b", data }, { framed: true });
      expect(Buffer.compare(first, copy)).toBe(0);
      for (const frame of [first, second]) {
        const length = new DataView(frame.buffer, frame.byteOffset).getInt32(0);
        expect(length).toBe(frame.length - 4);
        const request = decodeRequest(frame.subarray(4));
        if (request.type !== OpCode.setData) expect.unreachable();
        expect(Buffer.compare(request.body.data ?? new Uint8Array(), data)).toBe(0);
      }
    },
  );
});

describe("buffers", () => {
  test("of a decoded message point into its bytes, unless told to copy", () => {
    const bytes = encodeRequest(OpCode.create, 1, create);
    const borrowed = decodeRequest(bytes);
    const copied = decodeRequest(bytes, { buffers: "copy" });
    if (borrowed.type !== OpCode.create || copied.type !== OpCode.create) expect.unreachable();
    expect(borrowed.body.data?.buffer).toBe(bytes.buffer);
    expect(copied.body.data?.buffer).not.toBe(bytes.buffer);
    bytes.fill(0xee);
    expect(borrowed.body.data).toEqual(new Uint8Array(3).fill(0xee));
    expect(copied.body.data).toEqual(create.data);
  });
});

describe("op codes without a meaning", () => {
  test("in a request are reported with the xid to answer to", () => {
    const bytes = RequestHeader.encode({ xid: 77, type: 999 });
    expect(caught(() => decodeRequest(bytes))).toMatchObject({
      name: "UnknownOpCodeError",
      code: 999,
      place: "request",
      xid: 77,
      message: "op code 999 has no meaning in a request",
    });
    expect(() => encodeRequest(999 as typeof OpCode.ping, 1, null)).toThrow(UnknownOpCodeError);
  });

  test("in a response are reported", () => {
    const bytes = ReplyHeader.encode(reply);
    expect(() => decodeResponse(999 as ResponseOpCode, bytes)).toThrow(UnknownOpCodeError);
    expect(() => encodeResponse(999 as typeof OpCode.ping, reply)).toThrow(UnknownOpCodeError);
  });

  test("in a multi are reported, and so are reads in a multi and changes in a multiRead", () => {
    const part = (op: number, type: number): Uint8Array =>
      Buffer.concat([
        RequestHeader.encode({ xid: 1, type: op }),
        MultiHeader.encode({ type, done: false, err: -1 }),
      ]);
    for (const [op, type] of [
      [OpCode.multi, 999],
      [OpCode.multi, OpCode.getData],
      [OpCode.multiRead, OpCode.delete],
      [OpCode.multi, OpCode.error],
    ] as const) {
      expect(caught(() => decodeRequest(part(op, type)))).toMatchObject({
        name: "UnknownOpCodeError",
        code: type,
        place: "multi request",
      });
    }
    const wrong = [{ type: OpCode.getData, body: { path: "/" } }] as never;
    expect(() => encodeRequest(OpCode.multi, 1, wrong)).toThrow(
      new UnknownOpCodeError(OpCode.getData, "multi request"),
    );
    expect(() => encodeRequest(OpCode.multi, 1, wrong)).toThrow(
      "op code 4 (getData) has no meaning in a multi request",
    );
  });
});

describe("multis", () => {
  test("carry every kind of change, create2 included, which Java's classes cannot send", () => {
    const operations: MultiOperationInit[] = [
      { type: OpCode.create, body: create },
      { type: OpCode.create2, body: create },
      { type: OpCode.createContainer, body: create },
      { type: OpCode.createTTL, body: { ...create, ttl: 5n } },
      { type: OpCode.delete, body: { path: "/a", version: -1 } },
      { type: OpCode.setData, body: { path: "/a", data: null, version: 3 } },
      { type: OpCode.check, body: { path: "/a", version: 3 } },
    ];
    const bytes = encodeRequest(OpCode.multi, 1, operations);
    const request = decodeRequest(bytes);
    if (request.type !== OpCode.multi) expect.unreachable();
    expect(request.body.map(({ type }) => type)).toEqual(operations.map(({ type }) => type));
    expect(encodeRequest(OpCode.multi, 1, request.body)).toEqual(bytes);
  });

  test("of no operations are a header and the end of the list", () => {
    const bytes = encodeRequest(OpCode.multi, 1, []);
    expect(bytes).toHaveLength(8 + 9);
    expect(decodeRequest(bytes).body).toEqual([]);
  });

  test("that failed say which part was to blame", () => {
    const results: MultiResultInit[] = [
      { ok: false, type: OpCode.error, err: 0 },
      { ok: false, type: OpCode.error, err: ErrorCode.NONODE },
      { ok: false, type: OpCode.error, err: ErrorCode.RUNTIMEINCONSISTENCY },
    ];
    const response = decodeResponse(OpCode.multi, encodeResponse(OpCode.multi, reply, results));
    expect(response).toEqual({ ok: false, ...reply, err: ErrorCode.NONODE, body: results });
  });

  test("fail as a whole when any part failed, by the error of the first to blame", () => {
    const failed = (err: number): MultiResultInit => ({ ok: false, type: OpCode.error, err });
    const undone = failed(0);
    const after = failed(ErrorCode.RUNTIMEINCONSISTENCY);
    const done: MultiResultInit = { ok: true, type: OpCode.delete, body: null };
    const outcome = (...results: MultiResultInit[]): [boolean, number] => {
      const { ok, err } = decodeResponse(
        OpCode.multi,
        encodeResponse(OpCode.multi, reply, results),
      );
      return [ok, err];
    };
    expect(outcome()).toEqual([true, 0]);
    expect(outcome(done, done)).toEqual([true, 0]);
    expect(outcome(failed(ErrorCode.NOAUTH), after)).toEqual([false, ErrorCode.NOAUTH]);
    expect(outcome(undone, undone, failed(ErrorCode.BADVERSION))).toEqual([
      false,
      ErrorCode.BADVERSION,
    ]);
  });

  test("that only read do not fail with one of their parts", () => {
    const results: MultiReadResultInit[] = [
      { ok: false, type: OpCode.error, err: ErrorCode.NONODE },
      { ok: true, type: OpCode.getChildren, body: { children: ["a"] } },
    ];
    const bytes = encodeResponse(OpCode.multiRead, reply, results);
    expect(decodeResponse(OpCode.multiRead, bytes)).toMatchObject({ ok: true, err: 0 });
  });

  test("without an end are malformed", () => {
    const bytes = encodeRequest(OpCode.multi, 1, []);
    expect(caught(() => decodeRequest(bytes.subarray(0, 8)))).toMatchObject({ kind: "truncated" });
  });
});

describe("errors", () => {
  test("in the header of a response make its body irrelevant", () => {
    const header = ReplyHeader.encode({ ...reply, err: ErrorCode.NONODE });
    const bytes = Buffer.concat([header, new Uint8Array([1, 2, 3])]);
    expect(decodeResponse(OpCode.getData, bytes)).toEqual({
      ok: false,
      ...reply,
      err: ErrorCode.NONODE,
      body: null,
    });
  });

  test("must not be called success", () => {
    expect(() => encodeErrorResponse(reply, 0)).toThrow(RangeError);
  });

  test("name the field, when decoding and when encoding", () => {
    const bytes = encodeRequest(OpCode.create, 1, create);
    expect(caught(() => decodeRequest(bytes.subarray(0, 12)))).toMatchObject({
      kind: "truncated",
      offset: 8,
      path: "CreateRequest.path",
    });
    const tooLarge = { ...create, flags: 2 ** 31 };
    expect(caught(() => encodeRequest(OpCode.create, 1, tooLarge))).toBeInstanceOf(JuteEncodeError);
    expect(caught(() => encodeRequest(OpCode.create, 1, tooLarge))).toMatchObject({
      kind: "range",
      path: "CreateRequest.flags",
    });
    // A message that failed half-way leaves nothing behind for the next one.
    expect(encodeRequest(OpCode.create, 1, create)).toEqual(bytes);
  });

  test("name the field of a header, too", () => {
    const wrong = { xid: 1, zxid: 1 } as unknown as typeof reply;
    for (const encode of [
      () => encodeResponse(OpCode.ping, wrong),
      () => encodeResponse(OpCode.multi, wrong, []),
      () => encodeErrorResponse(wrong, -4),
    ]) {
      expect(caught(encode)).toMatchObject({ kind: "type", path: "ReplyHeader.zxid" });
    }
    expect(caught(() => encodeRequest(OpCode.ping, 2 ** 31))).toMatchObject({
      kind: "range",
      path: "RequestHeader.xid",
    });
  });

  test("are raised for what no request may lack, as the types do", () => {
    // As JavaScript calls them.
    const encode = encodeRequest as (type: number, xid: number, body: unknown) => Uint8Array;
    const cases: readonly [number, unknown, string][] = [
      [OpCode.getData, {}, "GetDataRequest.path"],
      [OpCode.getData, { path: null }, "GetDataRequest.path"],
      [OpCode.create, { path: "/a" }, "CreateRequest.acl"],
      [OpCode.create, { path: "/a", acl: [{ perms: 31 }] }, "CreateRequest.acl[0].id.scheme"],
      [OpCode.create, { path: "/a", acl: [undefined] }, "CreateRequest.acl[0].id.scheme"],
      [
        OpCode.setACL,
        { path: "/a", acl: [...OPEN_ACL_UNSAFE, { id: { scheme: "ip" } }] },
        "SetACLRequest.acl[1].id.id",
      ],
      [OpCode.auth, {}, "AuthPacket.scheme"],
      [OpCode.setWatches, { dataWatches: [], existWatches: [] }, "SetWatches.childWatches"],
      [OpCode.deleteContainer, {}, "DeleteTxn.path"],
      [OpCode.multi, [{ type: OpCode.delete, body: {} }], "DeleteRequest.path"],
      [OpCode.multiRead, [{ type: OpCode.getData, body: {} }], "GetDataRequest.path"],
    ];
    for (const [type, body, path] of cases) {
      expect(
        caught(() => encode(type, 1, body)),
        path,
      ).toMatchObject({ kind: "null", path });
      expect(caught(() => encode(type, 1, body))).toBeInstanceOf(JuteEncodeError);
    }
    // A proxy passes on what a broken client has sent.
    const broken = new CreateRequest({ path: null, data: null, acl: null, flags: 0 });
    expect(decodeRequest(encode(OpCode.create, 1, broken)).body).toEqual(broken);
    const nobody = { path: "/a", acl: [new ACL(), { id: new Id() }] };
    expect(decodeRequest(encode(OpCode.create, 1, nobody)).body).toEqual(new CreateRequest(nobody));
  });

  test("are raised for a multi that is no list", () => {
    const encode = encodeRequest as (type: number, xid: number, body: unknown) => Uint8Array;
    const part = { type: OpCode.delete, body: { path: "/a", version: -1 } };
    for (const [body, path] of [
      [part, "operations"],
      [null, "operations"],
      ["delete", "operations"],
      [[part, null], "operations[1]"],
      [[part, 2], "operations[1]"],
    ] as const) {
      const failure = caught(() => encode(OpCode.multi, 1, body));
      expect(failure).toBeInstanceOf(JuteEncodeError);
      expect(failure).toMatchObject({ kind: "type", path });
    }
    const answer = encodeResponse as (type: number, to: unknown, body: unknown) => Uint8Array;
    expect(caught(() => answer(OpCode.multi, reply, {}))).toMatchObject({ path: "results" });
  });

  test("say so when the bytes still have their frame", () => {
    const framed = { framed: true };
    const request = encodeRequest(OpCode.create, 1, create, framed);
    // Its xid is taken for the op code.
    const unknown = encodeRequest(OpCode.create, 9999, create, framed);
    const found = { data: null, stat: {} };
    const first = encodeResponse(OpCode.getData, { xid: 1, zxid: 1n << 32n }, found, framed);
    // The low half of the zxid is taken for the error.
    const later = encodeResponse(OpCode.getData, reply, found, framed);
    const deleted = encodeResponse(OpCode.delete, reply, null, framed);
    const event = encodeEvent({ type: 1, state: 3, path: "/a" }, 1n, framed);
    const connect = encodeConnectRequest({ timeOut: 30_000 }, framed);
    for (const [decode, type] of [
      [() => decodeRequest(request), JuteDecodeError],
      [() => decodeRequest(unknown), UnknownOpCodeError],
      [() => decodeResponse(OpCode.getData, first), JuteDecodeError],
      [() => decodeResponse(OpCode.getData, later), JuteDecodeError],
      [() => decodeResponse(OpCode.delete, deleted), JuteDecodeError],
      [() => decodeEvent(event), RangeError],
      [() => decodeConnectRequest(connect), JuteDecodeError],
    ] as const) {
      expect(caught(decode)).toBeInstanceOf(type);
      expect(String(caught(decode))).toMatch(/begin with their own length.*FrameReader.*4 bytes/u);
    }
    // A number of a request that is the length of what follows it, and a failure with a body, which some servers send.
    const failure = Buffer.concat([
      encodeErrorResponse({ xid: 16, zxid: 5n }, -101),
      Buffer.alloc(4),
    ]);
    expect(decodeResponse(OpCode.getData, failure)).toMatchObject({ ok: false, err: -101 });
    expect(decodeRequest(request.subarray(4)).type).toBe(OpCode.create);
    expect(String(caught(() => decodeRequest(request.subarray(4, -1))))).not.toContain(
      "own length",
    );
  });

  test("are raised for bytes after a message, unless told to ignore them", () => {
    const bytes = new Uint8Array([...encodeRequest(OpCode.ping, -2), 0]);
    expect(caught(() => decodeRequest(bytes))).toMatchObject({ kind: "trailing", offset: 8 });
    expect(decodeRequest(bytes, { trailing: "ignore" }).type).toBe(OpCode.ping);
  });

  test("tell a response from an event", () => {
    expect(() => decodeEvent(encodeResponse(OpCode.ping, { xid: -2, zxid: 0n }))).toThrow(
      new RangeError("not an event but the response to request -2"),
    );
  });

  test("of all truncations and of many changes are JuteDecodeError or UnknownOpCodeError", () => {
    const url = new URL("../../../test/vectors/packets.jsonl", import.meta.url);
    let refused = 0;
    for (const line of readFileSync(url, "utf8").trimEnd().split("\n")) {
      const { packet, op, hex } = JSON.parse(line) as Record<"packet" | "op" | "hex", string>;
      const decode = decoderOf(packet, op);
      const bytes = new Uint8Array(Buffer.from(hex, "hex")).subarray(packet === "txn" ? 0 : 4);
      for (let at = 0; at < bytes.length; at++) {
        refused += expectKnownError(() => decode(bytes.subarray(0, at)));
        for (const value of [0x7f, 0xff]) {
          const changed = bytes.slice();
          changed[at] = value;
          refused += expectKnownError(() => decode(changed));
        }
      }
    }
    expect(refused).toBeGreaterThan(10_000);
  });
});

describe("packets", () => {
  test("carry forwarded requests, whose bodies point into them", () => {
    const body = encodeRequest(OpCode.create, 1, create).subarray(8);
    const data = encodeForwardedRequest({ sessionId: -9n, cxid: 4, type: OpCode.create, body });
    expect(data).toHaveLength(16 + body.length);
    const packet = QuorumPacket.decode(
      QuorumPacket.encode({ type: PacketType.REQUEST, zxid: -1n, data, authinfo: [] }),
    );
    expect(packet.type).toBe(PacketType.REQUEST);
    const forwarded = decodeForwardedRequest(packet.data ?? new Uint8Array());
    expect(forwarded).toEqual({ sessionId: -9n, cxid: 4, type: OpCode.create, body });
    expect(forwarded.body.buffer).toBe(packet.data?.buffer);
    expect(CreateRequest.decode(forwarded.body)).toEqual(new CreateRequest(create));
  });

  test("with less than a forwarded request are malformed", () => {
    expect(() => decodeForwardedRequest(new Uint8Array(15))).toThrow(JuteDecodeError);
  });
});

function decoderOf(packet: string, op: string): (bytes: Uint8Array) => unknown {
  switch (packet) {
    case "connect request":
      return decodeConnectRequest;
    case "connect response":
      return decodeConnectResponse;
    case "request":
    case "multi request":
      return decodeRequest;
    case "response":
    case "multi response":
      return (bytes) => decodeResponse(OpCode[op as "create"], bytes);
    case "event":
      // A changed xid makes a response of it, which is the caller's mistake and not the bytes'.
      return (bytes) => (decodeReplyHeader(bytes).xid === -1 ? decodeEvent(bytes) : undefined);
    case "txn":
      return decodeTxn;
    default:
      throw new Error(packet);
  }
}

/** Returns 1 for a refusal of the expected kind, 0 for a success. */
function expectKnownError(action: () => unknown): 0 | 1 {
  try {
    action();
    return 0;
  } catch (error) {
    if (error instanceof JuteDecodeError || error instanceof UnknownOpCodeError) return 1;
    throw error;
  }
}

function caught(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
