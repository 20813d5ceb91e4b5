/**
 * The client's side of SASL DIGEST-MD5, from RFC 2831: what a challenge asks, what answers
 * it, and what the server must say to that. Texts are bytes, one character each, wherever
 * they are on their way.
 */
import { md5 } from "./md5.js";

/** What a server asks, by the names of the directives. */
export type Challenge = ReadonlyMap<string, string>;

/** What a client answers with. */
export interface Login {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: string;
  readonly cnonce: string;
  readonly digestUri: string;
  /** In whose name it wants to act. Undefined: in its own. */
  readonly authzid?: string | undefined;
  /** Whether it says that its texts are in UTF-8. */
  readonly isUtf8: boolean;
  /** How often it has used the nonce, as it is hashed. */
  readonly count: string;
}

/** One directive of an answer: with its value in quotes, or without. */
export interface Directive {
  readonly key: string;
  readonly value: string;
  readonly isQuoted: boolean;
}

/** Undefined for what is no list of directives, or has one twice. */
export function readChallenge(token: Uint8Array): Challenge | undefined {
  const text = String.fromCharCode(...token);
  const challenge = new Map<string, string>();
  const pattern = /([a-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))(?:,|$)/gy;
  for (let end = 0; end < text.length; end = pattern.lastIndex) {
    const [, key, quoted, plain] = pattern.exec(text) ?? [];
    if (key === undefined || challenge.has(key)) return undefined;
    challenge.set(key, quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return challenge;
}

/** The directives of an answer as the RFC lists them, the proof included. */
export function directivesOf(login: Login): readonly Directive[] {
  const { user, realm, nonce, cnonce, digestUri, authzid, isUtf8 } = login;
  const text = (key: string, value: string): Directive => ({ key, value, isQuoted: true });
  const plain = (key: string, value: string): Directive => ({ key, value, isQuoted: false });
  return [
    ...(isUtf8 ? [plain("charset", "utf-8")] : []),
    text("username", onTheWay(user, isUtf8)),
    text("realm", onTheWay(realm, isUtf8)),
    text("nonce", nonce),
    plain("nc", "00000001"),
    text("cnonce", cnonce),
    text("digest-uri", digestUri),
    plain("maxbuf", "65536"),
    plain("response", proofOf(login, "AUTHENTICATE")),
    plain("qop", "auth"),
    ...(authzid === undefined ? [] : [text("authzid", onTheWay(authzid, isUtf8))]),
  ];
}

export function tokenOf(directives: readonly Directive[], separator = ","): string {
  const texts = directives.map(({ key, value, isQuoted }) =>
    isQuoted ? `${key}="${value.replace(/["\\]/g, "\\$&")}"` : `${key}=${value}`,
  );
  return texts.join(separator);
}

/** What a server that knows the password says at the end. */
export function serversProofOf(login: Login): string {
  return `rspauth=${proofOf(login, "")}`;
}

/** Section 2.1.2.1, for `md5-sess` and without integrity. */
export function proofOf(login: Login, method: string): string {
  const { user, password, realm, nonce, cnonce, digestUri, authzid, isUtf8, count } = login;
  const secret = [user, realm, password].map((text) => hashed(text, isUtf8)).join(":");
  const authorized = authzid === undefined ? "" : `:${onTheWay(authzid, isUtf8)}`;
  const a1 = `${latin1Text(md5(latin1Bytes(secret)))}:${nonce}:${cnonce}${authorized}`;
  const a2 = `${method}:${digestUri}`;
  return hexMd5([hexMd5(a1), nonce, count, cnonce, "auth", hexMd5(a2)].join(":"));
}

/** "If they all are in the ISO 8859-1 character set, it must be converted to ISO 8859-1 before hashing." */
function hashed(text: string, isUtf8: boolean): string {
  const isLatin1 = [...text].every((letter) => letter <= "\u00ff");
  return isLatin1 ? text : onTheWay(text, isUtf8);
}

/** The bytes of a text, one character each. */
function onTheWay(text: string, isUtf8: boolean): string {
  if (!isUtf8) return text;
  return encodeURIComponent(text).replace(/%(..)/g, (_escape, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}

export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function latin1Text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function hexMd5(text: string): string {
  return Array.from(md5(latin1Bytes(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
