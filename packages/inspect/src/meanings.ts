/**
 * What numbers and bytes stand for, by the names of the fields that hold them. One
 * table for all records: ZooKeeper uses a name for one thing, with few exceptions.
 */
import {
  addWatchModeName,
  createModeName,
  errorCodeName,
  eventTypeName,
  formatPerms,
  formatZxid,
  keeperStateName,
  opCodeName,
  packetTypeName,
  watcherTypeName,
  Xid,
} from "@jute-ts/zookeeper";
import type { FieldValue } from "./item.js";
import { quotedText } from "./shown-text.js";

/** What the value of a field of a record stands for; undefined where it speaks for itself. */
export function meaningOfField(
  record: string,
  path: string,
  value: FieldValue,
): string | undefined {
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (value instanceof Uint8Array) return name === "passwd" ? undefined : textOf(value);
  if (typeof value === "bigint") return meaningOfLong(name, value);
  if (typeof value !== "number") return undefined;
  return intMeaningOf(record, name)?.(value);
}

/** What the ints of this field stand for; undefined where each speaks for itself. */
export function intMeaningOf(
  record: string,
  name: string,
): ((value: number) => string | undefined) | undefined {
  return intMeanings[`${record}.${name}`] ?? intMeanings[name];
}

/** Whether the longs of a field with this name stand for something. */
export function hasLongMeaning(name: string): boolean {
  return HEX_LONGS.has(name) || TIMES.has(name);
}

/** A session's id, a zxid or anything else that is shown in hexadecimal. */
export function hexLong(value: bigint): string {
  return formatZxid(value);
}

/** A time in milliseconds since 1970, in UTC; undefined for what is no time. */
export function timeText(timeMs: number | bigint): string | undefined {
  const ms = Number(timeMs);
  if (!(ms > 0 && ms < LAST_TIME_MS)) return undefined;
  return new Date(ms).toISOString();
}

/** Bytes that are text, as text; undefined for others, and for long ones. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > LONGEST_TEXT) return undefined;
  let text = "";
  for (const byte of bytes) {
    if (!isTextByte(byte)) return undefined;
    text += String.fromCharCode(byte);
  }
  return quotedText(text);
}

/** Whether bytes that are text have this one. */
export function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The name of an op code, or the number of one that has none. */
export function opName(code: number): string {
  return opCodeName(code) ?? `op ${code}`;
}

/** The name of a packet's type, or the number of one that has none. */
export function packetName(type: number): string {
  return packetTypeName(type) ?? `packet type ${type}`;
}

/** The name of an error, or the number of one that has none. */
export function errorName(code: number): string {
  return errorCodeName(code) ?? `error ${code}`;
}

/** What an xid that is no running number stands for. */
export function xidName(xid: number): string | undefined {
  return xidNames.get(xid);
}

function meaningOfLong(name: string, value: bigint): string | undefined {
  if (HEX_LONGS.has(name)) return value < 0n && value > -16n ? undefined : hexLong(value);
  return TIMES.has(name) ? timeText(value) : undefined;
}

const xidNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Xid).map(([name, xid]) => [xid, name]),
);

const HEX_LONGS: ReadonlySet<string> = new Set([
  "zxid",
  "czxid",
  "mzxid",
  "pzxid",
  "lastZxidSeen",
  "relativeZxid",
  "sessionId",
  "clientId",
  "ephemeralOwner",
  "configVersion",
  "curConfigId",
  "treeDigest",
]);

const TIMES: ReadonlySet<string> = new Set(["time", "ctime", "mtime"]);

/** By the record and its field, or by the field alone. */
const intMeanings: Readonly<Record<string, (value: number) => string | undefined>> = {
  "RequestHeader.type": opCodeName,
  "MultiHeader.type": opCodeName,
  "TxnHeader.type": opCodeName,
  "Txn.type": opCodeName,
  "MultiTxn.type": opCodeName,
  "QuorumPacket.type": packetTypeName,
  "WatcherEvent.type": eventTypeName,
  "WatcherEvent.state": keeperStateName,
  "CheckWatchesRequest.type": watcherTypeName,
  "RemoveWatchesRequest.type": watcherTypeName,
  "AddWatchRequest.mode": addWatchModeName,
  "CreateRequest.flags": createModeName,
  "CreateTTLRequest.flags": createModeName,
  "QuorumAuthPacket.status": (status) =>
    new Map([
      [0, "in progress"],
      [1, "success"],
      [-1, "error"],
    ]).get(status),
  xid: xidName,
  err: errorCodeName,
  perms: formatPerms,
};

/** The last time that a Date can show. */
const LAST_TIME_MS = 8.64e15;

const LONGEST_TEXT = 4096;
