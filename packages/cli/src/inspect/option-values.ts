/** Values of options that are numbers, times or names, with messages that say what is expected. */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { OpCode, type OpCodeName } from "@jute-ts/zookeeper";

/** The op code of this name. */
export function parseOp(value: string): number {
  if (!isOpName(value)) throw new InvalidArgumentError("It must be an op, such as create.");
  return OpCode[value];
}

function isOpName(name: string): name is OpCodeName {
  return Object.hasOwn(OpCode, name);
}

/** The path of a znode, from the root on. */
export function parsePath(value: string): string {
  if (value.startsWith("/")) return value;
  throw new InvalidArgumentError("It must begin with /, as the path of every znode does.");
}

export function parsePort(value: string): number {
  const port = Number(value);
  if (/^\d{1,5}$/.test(value) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError("It must be a port, 1 to 65535.");
}

/** How many threads. */
export function parseThreads(value: string): number {
  const count = Number(value);
  if (/^\d{1,3}$/.test(value) && count > 0) return count;
  throw new InvalidArgumentError("It must be a number of threads, 1 to 999.");
}

/** A session's id as logs of servers show it: hexadecimal, with or without 0x. */
export function parseSession(value: string): bigint {
  const match = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(value);
  if (match?.[1] === undefined) {
    throw new InvalidArgumentError("It must be hexadecimal, such as 0x100000017f0000.");
  }
  return BigInt.asIntN(64, BigInt(`0x${match[1]}`));
}

/** A zxid, hexadecimal with 0x or else decimal. */
export function parseZxid(value: string): bigint {
  if (/^0x[0-9a-f]{1,16}$/i.test(value) || /^\d{1,19}$/.test(value)) {
    return BigInt.asIntN(64, BigInt(value));
  }
  throw new InvalidArgumentError("It must be a zxid, such as 0x100000001.");
}

/** One zxid, or a range of which either end may be left out. */
export function parseZxids(value: string): {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
} {
  const [from = "", to, ...more] = value.split("..");
  if (more.length > 0) throw new InvalidArgumentError("It must be a zxid, or two with .. between.");
  const start = from === "" ? undefined : parseZxid(from);
  if (to === undefined) return { from: parseZxid(value), to: parseZxid(value) };
  const end = to === "" ? undefined : parseZxid(to);
  if (start !== undefined && end !== undefined && end < start) {
    throw new InvalidArgumentError("Its end is before its start.");
  }
  return { from: start, to: end };
}

/** Milliseconds since 1970: as such, or as ISO 8601, which is UTC where it does not say. */
export function parseTime(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  const [, date, clock = "00:00", zone = "Z"] = ISO_TIME.exec(value) ?? [];
  const time = Date.parse(`${date ?? ""}T${clock}${zone}`);
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError("It must be a time, such as 2026-01-31T12:00:00Z.");
  }
  return time;
}

/** A day, with or without a time of it; a space may stand for the T. */
const ISO_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/i;
