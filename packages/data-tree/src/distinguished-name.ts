/**
 * Ids of the x509 scheme: the subject of a certificate, such as
 * `CN=client,OU=test,O=example`. Java stores no list with an id of which it cannot
 * make an X500Principal, so neither does a leader here.
 */

/** Whether Java takes this for a distinguished name. The empty name is one. */
export function isDistinguishedName(text: string): boolean {
  if (text === "") return true;
  for (let at = 0; ; at++) {
    ATTRIBUTE.lastIndex = at;
    const [attribute, type = "", value = ""] = ATTRIBUTE.exec(text) ?? [];
    if (attribute === undefined || !isType(type) || !isValue(value)) return false;
    at += attribute.length;
    if (at === text.length) return true;
    // Between attributes stands one separator; after the last there is none.
    if (!SEPARATORS.includes(text.charAt(at))) return false;
  }
}

function isType(text: string): boolean {
  const name = text.trim().toUpperCase();
  return TYPES.has(name) || isObjectIdentifier(name.replace(/^OID\./, ""));
}

/** Numbers with dots between. The first is 0, 1 or 2, and below 2 the second is at most 39. */
function isObjectIdentifier(text: string): boolean {
  if (!/^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/.test(text)) return false;
  const [first = 0, second = 0] = text.split(".").map(Number);
  return first < 2 ? second < 40 : first === 2;
}

/** What the pattern has not decided: a value in hexadecimal must be the encoding of something. */
function isValue(value: string): boolean {
  if (!value.startsWith("#")) return true;
  const bytes = Uint8Array.from(value.slice(1).match(/../g) ?? [], (pair) => parseInt(pair, 16));
  return isDerValue(bytes);
}

/** One value in DER: a tag, a length in its shortest form, and as many bytes. */
function isDerValue([, length, ...rest]: Uint8Array): boolean {
  if (length === undefined) return false;
  if (length < 0x80) return rest.length === length;
  const count = length - 0x80;
  if (count === 0 || count > 4 || rest.length < count) return false;
  const long = rest.slice(0, count).reduce((sum, byte) => sum * 256 + byte, 0);
  return rest[0] !== 0 && long >= 0x80 && rest.length - count === long;
}

/**
 * A type, `=`, and a value: hexadecimal, quoted, or plain, where a backslash makes
 * a special character an ordinary one or stands before two hexadecimal digits.
 * The alternatives begin differently, so nothing is tried twice.
 */
const ATTRIBUTE =
  /([^=,;+"]*)=[ \n]*(#(?:[\da-fA-F]{2})+|"(?:[^\\"]|\\[,=\n+<>#;\\"]|\\[\da-fA-F]{2})*"[ \n]*|(?![#" \n])(?:[^\\,+<>;"]|\\[,=\n+<>#;\\" ]|\\[\da-fA-F]{2})+|)/y;

const SEPARATORS = ",;+";

/** The names of types that Java knows. */
const TYPES: ReadonlySet<string> = new Set([
  "CN",
  "C",
  "L",
  "S",
  "ST",
  "O",
  "OU",
  "T",
  "IP",
  "STREET",
  "DC",
  "DNQUALIFIER",
  "DNQ",
  "SURNAME",
  "GIVENNAME",
  "INITIALS",
  "GENERATION",
  "EMAIL",
  "EMAILADDRESS",
  "UID",
  "SERIALNUMBER",
]);
