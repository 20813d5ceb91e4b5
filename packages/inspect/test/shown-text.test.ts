/** Texts that a client has chosen, in output for people: whatever is in them, a line stays a line and a terminal is left alone. */
import {
  decodeAll,
  encodeFile,
  type Format,
  type Item,
  itemDump,
  itemJson,
  itemLine,
  plainText,
  Summary,
  tableRow,
  TextSink,
  writeItemJson,
  writeItemLine,
  writeTableRow,
} from "@jute-ts/inspect";
import type { JsonValue } from "@jute-ts/runtime";
import { ACL, encodeRequest, encodeResponse, Id, OpCode } from "@jute-ts/zookeeper";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { connectionPackets } from "../../../test/wireshark/tcp-packets.js";
import { pcapOf } from "./pcap-files.js";

/** Clears the screen, forges a line, moves by a control of Latin-1, turns the direction, ends a line in Unicode's way. */
const HOSTILE = "\u001b[2J\n\r\u0000\u007f\u009b31m\u202e\u2066\u2028\u061c";
const path = `/a${HOSTILE}b`;
const acl = [new ACL({ perms: 31, id: new Id({ scheme: "digest", id: `u:${HOSTILE}` }) })];

/** What the Unicode standard says controls something or ends a line; a line end stands between lines only. */
const isHarmless = (text: string): boolean =>
  [...text].every((character) => character === "\n" || !isControl(character.codePointAt(0) ?? 0));

const isControl = (point: number): boolean =>
  point < 0x20 ||
  (point >= 0x7f && point < 0xa0) ||
  point === 0x061c ||
  (point >= 0x200e && point <= 0x200f) ||
  (point >= 0x2028 && point <= 0x202e) ||
  (point >= 0x2066 && point <= 0x2069);

const recorded = new URL("../../../test/java/persistence/recorded/", import.meta.url);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, recorded)));

/** A file of which every path and ACL has been replaced. */
function hostileFile(name: string, format: Format): Uint8Array {
  const replaced = (value: JsonValue, key: string): JsonValue => {
    if (Array.isArray(value)) {
      return (value as readonly JsonValue[]).map((each) => replaced(each, key));
    }
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, replaced(each, name)]),
      );
    }
    if (typeof value !== "string") return value;
    if (key === "path") return value === "/" || value === "" ? value : `${value}${HOSTILE}`;
    return key === "id" ? `${value}${HOSTILE}` : value;
  };
  const lines = decodeAll(read(name), format).map((item) => replaced(itemJson(item), ""));
  return new Uint8Array(Buffer.concat([...encodeFile(lines)]));
}

const framed = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const traffic = connectionPackets(50_001, 2181, [
  {
    by: "opener",
    bytes: framed(encodeRequest(OpCode.create, 1, { path, data: null, acl, flags: 0 })),
  },
  { by: "acceptor", bytes: framed(encodeResponse(OpCode.create, { xid: 1, zxid: 7n }, { path })) },
  { by: "opener", bytes: framed(encodeRequest(OpCode.getData, 2, { path, watch: false })) },
]);

const sources: readonly (readonly [string, () => readonly Item[]])[] = [
  ["a log", () => decodeAll(hostileFile("logs/log.100000001", "log"), "log")],
  [
    "a snapshot",
    () => decodeAll(hostileFile("one-seal/snapshot.200000002", "snapshot"), "snapshot"),
  ],
  ["a capture", () => decodeAll(pcapOf(traffic), "capture")],
  [
    "a request",
    () => decodeAll(encodeRequest(OpCode.setACL, 1, { path, acl, version: -1 }), "request"),
  ],
];

const written = (write: (item: Item, sink: TextSink) => void, item: Item): string => {
  const sink = new TextSink();
  write(item, sink);
  return Buffer.from(sink.take()).toString();
};

describe.each(sources)("hostile texts in %s", (_name, make) => {
  const items = make();

  test("are there", () => {
    expect(items.some((item) => item.paths.some((each) => each.includes(HOSTILE)))).toBe(true);
  });

  test("are escaped in lines and in rows of a table, each of which is one", () => {
    for (const item of items) {
      const line = itemLine(item);
      expect(line.split("\n")).toHaveLength(1 + item.faults.length);
      expect(isHarmless(line)).toBe(true);
      const row = tableRow(item);
      expect(row).not.toContain("\n");
      expect(isHarmless(row)).toBe(true);
      expect(written(writeItemLine, item)).toBe(line);
      expect(written(writeTableRow, item)).toBe(row);
    }
  });

  test("are escaped in dumps and in a summary", () => {
    const summary = new Summary();
    for (const item of items) {
      expect(isHarmless(itemDump(item))).toBe(true);
      summary.add(item);
    }
    expect(isHarmless(summary.text())).toBe(true);
  });

  test("are what they are in JSON", () => {
    for (const item of items) {
      expect(JSON.parse(written(writeItemJson, item))).toEqual(
        JSON.parse(JSON.stringify(itemJson(item))),
      );
    }
  });
});

test("what is harmless stays as it is", () => {
  for (const text of ["", "digest:süß:7pQ=", "/配置 “x” £5", "a\\b", 'say "so"', "𝕏😀"]) {
    expect(plainText(text)).toBe(text);
  }
  expect(plainText("a\u001b[0m\n\u009b\u2028\u0000")).toBe("a\\u001b[0m\\n\\u009b\\u2028\\u0000");
});
