/** Whole messages, as Java's client, server and log write them (test/java/vectors/PacketVectors.java), in both directions. */
import { readFileSync } from "node:fs";
import type { JsonObject, JsonValue, JuteRecord } from "@jute-ts/runtime";
import { describe, expect, test } from "vitest";
import {
  decodeConnectRequest,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeConnectResponse,
} from "./connect.js";
import { OpCode, type OpCodeName } from "./op-code.js";
import { ConnectRequest, ConnectResponse } from "./records.js";
import {
  decodeRequest,
  decodeRequestHeader,
  encodeRequest,
  type RequestContent,
  type RequestOpCode,
} from "./request.js";
import {
  decodeEvent,
  decodeReplyHeader,
  decodeResponse,
  encodeErrorResponse,
  encodeEvent,
  encodeResponse,
  type ResponseContent,
  type ResponseOpCode,
} from "./response.js";
import { decodeTxn, encodeTxn, packMultiTxn, type TxnMessage, unpackMultiTxn } from "./txn.js";

interface Line {
  readonly packet: string;
  readonly op: OpCodeName;
  readonly header: JsonObject;
  readonly hex: string;
  readonly value: JsonObject;
  readonly request: JsonObject | null;
  readonly response: JsonObject | null;
  readonly event: JsonObject;
  readonly operations: readonly { type: number; request: JsonObject }[];
  readonly results: readonly { type: number; result: JsonObject | null }[];
  readonly txn: JsonObject | null;
  readonly digest: JsonObject | null;
}

const lines = readFileSync(new URL("../../../test/vectors/packets.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);

function linesOf(packet: string): Line[] {
  const found = lines.filter((line) => line.packet === packet);
  if (found.length === 0) throw new Error(`no line for ${packet}`);
  return found;
}

const java = { framed: true, strings: "java" } as const;

describe("connecting", () => {
  test("the client's first message is Java's, with and without readOnly", () => {
    for (const { value, hex } of linesOf("connect request")) {
      const message = decodeConnectRequest(unframe(hex));
      expect(message.toJSON()).toEqual(value);
      expect("readOnly" in value).toBe(message.readOnly !== undefined);
      expect(toHex(encodeConnectRequest(ConnectRequest.fromJSON(value), java))).toBe(hex);
    }
    expect(linesOf("connect request")).toHaveLength(3);
  });

  test("the server's first message is Java's, with and without readOnly", () => {
    for (const { value, hex } of linesOf("connect response")) {
      expect(decodeConnectResponse(unframe(hex)).toJSON()).toEqual(value);
      expect(toHex(encodeConnectResponse(ConnectResponse.fromJSON(value), java))).toBe(hex);
    }
    expect(linesOf("connect response")).toHaveLength(3);
  });
});

describe("requests", () => {
  test.each(linesOf("request"))("$op is what the Java client sends", (line) => {
    const { op, header, request, hex } = line;
    const message = decodeRequest(unframe(hex));
    expect({ xid: message.xid, type: message.type }).toEqual(header);
    expect(message.type).toBe(OpCode[op]);
    expect(json(message.body)).toEqual(request);
    expect(decodeRequestHeader(unframe(hex)).toJSON()).toEqual(header);
    const { type, xid } = message;
    expect(
      toHex(encodeRequest(type, xid, ...([message.body, java] as RequestContent<RequestOpCode>))),
    ).toBe(hex);
  });

  test("a plain object encodes like a record", () => {
    const [line] = linesOf("request").filter(({ op }) => op === "delete");
    const { path, version } = line?.request as { path: string; version: number };
    expect(toHex(encodeRequest(OpCode.delete, 1, { path, version }, java))).toBe(line?.hex);
  });

  test("all op codes of requests occur", () => {
    const seen = new Set([...linesOf("request"), ...linesOf("multi request")].map(({ op }) => op));
    const missing = Object.keys(OpCode).filter((op) => !seen.has(op as OpCodeName));
    // The first two are no requests. Servers send the other two to themselves, and 3.8.0 as raw bytes.
    expect(missing).toEqual(["notification", "deleteContainer", "createSession", "error"]);
  });
});

describe("responses", () => {
  test.each(linesOf("response"))("$op is what the Java server sends", (line) => {
    const { op, header, response, hex } = line;
    const type = OpCode[op] as ResponseOpCode;
    const bytes = unframe(hex);
    const message = decodeResponse(type, bytes);
    const { xid, zxid, err } = message;
    expect({ xid, zxid: String(zxid), err }).toEqual(header);
    expect(json(message.body)).toEqual(response);
    expect(decodeReplyHeader(bytes).toJSON()).toEqual(header);
    if (message.ok) {
      const content = [message.body, java] as ResponseContent<ResponseOpCode>;
      expect(toHex(encodeResponse(type, { xid, zxid }, ...content))).toBe(hex);
    } else if (op !== "sasl") {
      expect(toHex(encodeErrorResponse({ xid, zxid }, err, java))).toBe(hex);
    }
  });

  test("an event is what the Java server sends", () => {
    for (const { header, event, hex } of linesOf("event")) {
      const message = decodeEvent(unframe(hex));
      expect(String(message.zxid)).toBe(header["zxid"]);
      expect(message.event.toJSON()).toEqual(event);
      expect(toHex(encodeEvent(message.event, message.zxid, java))).toBe(hex);
    }
  });
});

describe("multis", () => {
  test.each(linesOf("multi request"))("a $op request is what the Java client sends", (line) => {
    const { op, header, operations, hex } = line;
    const message = decodeRequest(unframe(hex));
    expect({ xid: message.xid, type: message.type }).toEqual(header);
    if (message.type === OpCode.multi) {
      expect(op).toBe("multi");
      expect(toHex(encodeRequest(message.type, message.xid, message.body, java))).toBe(hex);
    } else if (message.type === OpCode.multiRead) {
      expect(op).toBe("multiRead");
      expect(toHex(encodeRequest(message.type, message.xid, message.body, java))).toBe(hex);
    } else {
      expect.unreachable();
    }
    expect(message.body.map(({ type, body }) => ({ type, request: body.toJSON() }))).toEqual(
      operations,
    );
  });

  test.each(linesOf("multi response"))("a $op response is what the Java server sends", (line) => {
    const { op, results, hex } = line;
    const type = op === "multi" ? OpCode.multi : OpCode.multiRead;
    const message = decodeResponse(type, unframe(hex));
    if (message.body === null) expect.unreachable();
    // Java's client throws for a multi with a part that failed, and not for a multiRead.
    const failed = message.body.find((part) => !part.ok && part.err !== 0);
    expect(message.ok).toBe(op !== "multi" || failed === undefined);
    expect(
      message.body.map((part) => ({
        type: part.type,
        result: part.ok ? json(part.body) : { err: part.err },
      })),
    ).toEqual(results);
    const { xid, zxid, body } = message;
    const content = [body, java] as ResponseContent<typeof type>;
    expect(toHex(encodeResponse(type, { xid, zxid }, ...content))).toBe(hex);
  });
});

describe("txns", () => {
  test.each(linesOf("txn"))("$op is what Java logs, and reads back", (line) => {
    const { op, header, txn, digest, hex } = line;
    const message = decodeTxn(fromHex(hex));
    expect(message.type).toBe(OpCode[op]);
    expect(message.header.toJSON()).toEqual(header);
    expect(json(message.body)).toEqual(txn);
    expect(json(message.digest)).toEqual(digest);
    const isOldCreate = txn?.["parentCVersion"] === -1;
    if (!isOldCreate) expect(toHex(encode(message))).toBe(hex);
  });

  test("a MultiTxn comes apart into the changes that Java put in, and goes together again", () => {
    const multis = linesOf("txn").filter(({ op }) => op === "multi");
    expect(multis.length).toBeGreaterThan(1);
    for (const { hex } of multis) {
      const message = decodeTxn(fromHex(hex));
      if (message.type !== OpCode.multi) expect.unreachable();
      const multi = message.body;
      const changes = unpackMultiTxn(multi);
      expect(changes.map(({ type }) => type)).toEqual(multi.txns?.map(({ type }) => type));
      expect(packMultiTxn(changes, { strings: "java" }).equals(multi)).toBe(true);
    }
  });
});

/** Narrowing by a union's own discriminant does not reach a second argument, so one cast stands for all op codes. */
function encode(message: TxnMessage): Uint8Array {
  const { type, header, body, digest } = message as TxnMessage<typeof OpCode.create>;
  return encodeTxn(type, header, body, digest, { strings: "java" });
}

function json(body: JuteRecord | readonly unknown[] | null): JsonValue {
  if (body === null) return null;
  if (!("toJSON" in body)) throw new Error("a list is no record");
  return body.toJSON();
}

function unframe(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  expect(new DataView(bytes.buffer).getInt32(0)).toBe(bytes.length - 4);
  return bytes.subarray(4);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
