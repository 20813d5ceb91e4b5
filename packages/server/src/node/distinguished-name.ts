/**
 * The subject of a certificate as text (RFC 2253), to the letter as Java writes it: ACLs
 * have it as the id of a client.
 */

/**
 * Returns the most specific part first: `CN=alice,O=Example`. `certificate` is DER with object identifiers
 * of 4096 bytes at most, as in Java; throws RangeError for any other bytes, which OpenSSL may have verified nevertheless.
 */
export function distinguishedName(certificate: Uint8Array): string {
  const [signed] = childrenOf(valueAt(certificate, 0));
  const fields = childrenOf(required(signed));
  // The version, which comes first, may be left out.
  const first = fields[0]?.tag === VERSION ? 1 : 0;
  const subject = required(fields[first + SUBJECT]);
  return childrenOf(subject)
    .reverse()
    .map((part) => childrenOf(part).map(attribute).join("+"))
    .join(",");
}

interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag and length included. */
  readonly whole: Uint8Array;
}

/** `CN=alice`. Types without a keyword in RFC 2253 are named by number, with their value in hexadecimal. */
function attribute(value: DerValue): string {
  const [type, content] = childrenOf(value);
  const number = objectIdentifier(required(type).content);
  const keyword = KEYWORDS.get(number);
  const shown = required(content);
  const text = keyword === undefined ? undefined : textOf(shown);
  if (text === undefined) return `${keyword ?? number}=#${hexOf(shown.whole)}`;
  return `${keyword ?? number}=${escaped(text)}`;
}

/** Undefined where the value is no text, or none of a kind that Java reads. */
function textOf({ tag, content }: DerValue): string | undefined {
  const encoding = ENCODINGS.get(tag);
  if (encoding !== undefined) return Buffer.from(content).toString(encoding);
  if (tag !== BMP_STRING) return undefined;
  return content.length % 2 === 0 ? Buffer.from(content).swap16().toString("utf16le") : undefined;
}

function escaped(text: string): string {
  const special = text.replaceAll(/[,=+<>#;"\\]/gu, "\\$&").replaceAll("\0", "\\00");
  let from = 0;
  while (isBlank(special[from])) from++;
  let to = special.length;
  while (to > from && isBlank(special[to - 1])) to--;
  const outside = (edge: string): string => edge.replaceAll(/[ \r]/gu, "\\$&");
  return outside(special.slice(0, from)) + special.slice(from, to) + outside(special.slice(to));
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\r";
}

/** Throws RangeError where it is longer than Java takes: the time goes with the square of the length. */
function objectIdentifier(content: Uint8Array): string {
  const { length } = content;
  if (length > MOST_ID_BYTES) throw new RangeError(`an object identifier of ${length} bytes`);
  const numbers: bigint[] = [];
  let number = 0n;
  for (const byte of content) {
    number = (number << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0n;
  }
  const [head = 0n, ...rest] = numbers;
  const first = head < 80n ? head / 40n : 2n;
  return [first, head - 40n * first, ...rest].join(".");
}

function childrenOf({ content }: DerValue): DerValue[] {
  const children: DerValue[] = [];
  for (let at = 0; at < content.length; at += children.at(-1)?.whole.length ?? 0) {
    children.push(valueAt(content, at));
  }
  return children;
}

function valueAt(bytes: Uint8Array, at: number): DerValue {
  const tag = byteAt(bytes, at);
  let length = byteAt(bytes, at + 1);
  let begin = at + 2;
  // OpenSSL lets it pass, and it would end elsewhere than it seems to.
  if (length === INDEFINITE) throw new RangeError(`no DER: a length is missing at ${at + 1}`);
  if (length > INDEFINITE) {
    const count = length - INDEFINITE;
    length = 0;
    for (let read = 0; read < count; read++) length = length * 256 + byteAt(bytes, begin++);
  }
  const end = begin + length;
  if (end > bytes.length) throw new RangeError(`no DER: ${length} bytes at ${begin}`);
  return { tag, content: bytes.subarray(begin, end), whole: bytes.subarray(at, end) };
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError(`no DER: it ends at ${at}`);
  return byte;
}

function required(value: DerValue | undefined): DerValue {
  if (value === undefined) throw new RangeError("no certificate");
  return value;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const MOST_ID_BYTES = 4096;
/** The length of values that end with a mark, which BER has and DER has not. */
const INDEFINITE = 0x80;
const VERSION = 0xa0;
/** After the version: serial number, algorithm, issuer, validity. */
const SUBJECT = 4;
const BMP_STRING = 0x1e;
const ENCODINGS: ReadonlyMap<number, "utf8" | "latin1"> = new Map([
  [0x0c, "utf8"],
  // PrintableString, T61String, IA5String, GeneralString.
  [0x13, "latin1"],
  [0x14, "latin1"],
  [0x16, "latin1"],
  [0x1b, "latin1"],
]);
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["0.9.2342.19200300.100.1.1", "UID"],
]);
