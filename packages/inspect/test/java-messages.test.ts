/** Messages that Apache's classes wrote, with the values that they wrote: test/vectors/packets.jsonl. */
import { readFileSync } from "node:fs";
import { decodeAll, encodeMessage, type Format, itemJson } from "@jute-ts/inspect";
import type { JsonObject, JsonValue } from "@jute-ts/runtime";
import { OpCode, opCodeName, type OpCodeName } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { expectFullCover } from "./coverage.js";

interface Vector {
  readonly packet: string;
  readonly op?: string;
  readonly header?: JsonObject;
  readonly value?: JsonValue;
  readonly request?: JsonValue;
  readonly response?: JsonValue;
  readonly event?: JsonValue;
  readonly operations?: readonly { readonly type: number; readonly request: JsonValue }[];
  readonly txn?: JsonValue;
  readonly digest?: JsonValue;
  readonly hex: string;
}

const vectors = readFileSync(
  new URL("../../../test/vectors/packets.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Vector);

const formats: Readonly<Record<string, Format>> = {
  "connect request": "connectRequest",
  "connect response": "connectResponse",
  request: "request",
  response: "response",
  event: "event",
  "multi request": "request",
  "multi response": "response",
  txn: "txn",
};

describe.each(Object.entries(formats))("Java's %s", (packet, format) => {
  const rows = vectors.filter((vector) => vector.packet === packet);

  it("is decoded to its last byte, with Java's values", () => {
    expect(rows.length).toBeGreaterThan(0);
    for (const vector of rows) {
      const [item] = decode(vector, format);
      if (item === undefined) throw new Error("no item");
      const json = itemJson(item);
      const { header } = vector;
      if (header !== undefined && format !== "txn") {
        expect(json, vector.hex).toMatchObject({
          ...("xid" in header ? { xid: header["xid"] } : {}),
          ...("zxid" in header ? { zxid: hexOf(header["zxid"]) } : {}),
        });
      }
      const value = vector.value ?? vector.request ?? vector.response ?? vector.event;
      if (value !== undefined) expect(json["body"] ?? json["event"], vector.hex).toEqual(value);
      if (vector.operations !== undefined) {
        expect(json["body"]).toEqual(
          vector.operations.map(({ type, request }) => ({ op: opCodeName(type), body: request })),
        );
      }
    }
  });

  it("is encoded again from its JSON to Java's bytes", () => {
    for (const vector of rows) {
      const [item] = decode(vector, format);
      if (item === undefined) throw new Error("no item");
      const json = JSON.parse(JSON.stringify(itemJson(item))) as JsonValue;
      const framed = format !== "txn";
      expect(Buffer.from(encodeMessage(json, { framed, strings: "java" })).toString("hex")).toBe(
        vector.hex,
      );
    }
  });
});

function decode(vector: Vector, format: Format) {
  const bytes = new Uint8Array(Buffer.from(vector.hex, "hex"));
  const opCode = vector.op === undefined ? undefined : OpCode[vector.op as OpCodeName];
  const items = decodeAll(bytes, format, { opCode });
  expectFullCover(items, bytes.length);
  expect(
    items.flatMap(({ faults }) => faults),
    vector.hex,
  ).toEqual([]);
  return items;
}

function hexOf(zxid: unknown): string {
  if (typeof zxid !== "string") throw new TypeError("a long is a decimal text");
  return `0x${BigInt.asUintN(64, BigInt(zxid)).toString(16)}`;
}
