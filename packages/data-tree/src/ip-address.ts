/**
 * Addresses of the ip scheme: `10.0.0.0/8` and `2001:db8::/32` in access control
 * lists, without the slash where a client comes from.
 */

/** Whether an access control list may hold this. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** Whether the address lies in the range. */
export function addressMatches(address: string, rangeText: string): boolean {
  const range = parseRange(rangeText);
  const bytes = parseAddress(address);
  if (range === undefined || bytes?.length !== range.bytes.length) return false;
  return bytes.every((byte, index) => {
    const bitsHere = Math.min(Math.max(range.bits - index * 8, 0), 8);
    const mask = (0xff << (8 - bitsHere)) & 0xff;
    return ((byte ^ (range.bytes[index] ?? 0)) & mask) === 0;
  });
}

function parseRange(text: string): { bytes: number[]; bits: number } | undefined {
  const slash = text.indexOf("/");
  const bytes = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const most = bytes.length * 8;
  if (slash === -1) return { bytes, bits: most };
  const bits = parseNumber(text.slice(slash + 1), most);
  return bits === undefined ? undefined : { bytes, bits };
}

/** A number from 0 to `most` in any form that Java takes: `8`, `08` and `+8` are the same. */
function parseNumber(text: string, most: number): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= 0 && value <= most ? value : undefined;
}

function parseAddress(text: string): number[] | undefined {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => parseNumber(part, 255));
  return bytes.includes(undefined) ? undefined : (bytes as number[]);
}

function parseV6(text: string): number[] | undefined {
  const [head = "", tail, ...more] = text.split("::");
  const before = parseSegments(head);
  const after = tail === undefined ? [] : parseSegments(tail);
  if (before === undefined || after === undefined || more.length > 0) return undefined;
  const zeros = V6_BYTES - before.length - after.length;
  // A double colon stands for one segment of zeros at least, and without it none may be missing.
  if (tail === undefined ? zeros !== 0 : zeros < 2) return undefined;
  return [...before, ...new Array<number>(zeros).fill(0), ...after];
}

function parseSegments(text: string): number[] | undefined {
  if (text === "") return [];
  const segments = text.split(":");
  if (!segments.every((segment) => /^[\da-f]{1,4}$/i.test(segment))) return undefined;
  return segments.flatMap((segment) => {
    const value = parseInt(segment, 16);
    return [value >> 8, value & 0xff];
  });
}

const V6_BYTES = 16;
