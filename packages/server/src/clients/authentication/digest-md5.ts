/**
 * The server's side of SASL DIGEST-MD5 (RFC 2831), as the JDK does it for
 * Apache's server: no integrity, no confidentiality, no second login on the same
 * connection. What it accepts and what it refuses is compared with the JDK in
 * test/java/sasl.
 */
import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { parseDirectives } from "./sasl-directives.js";
import { textOf } from "./text.js";

export type SaslStep =
  /** To be sent to the client, whose next token is awaited. */
  | { readonly kind: "challenge"; readonly token: Uint8Array }
  /** To be sent to the client, who is this user. */
  | { readonly kind: "done"; readonly token: Uint8Array; readonly user: string }
  /** For a log, never for the client. */
  | { readonly kind: "failed"; readonly reason: string };

/** The state of one login. Each connection needs its own (ZOOKEEPER-4839). */
export class DigestMd5Server {
  readonly #nonce: string;
  readonly #passwordOf: (user: string) => string | undefined;
  #stage: "first" | "challenged" | "over" = "first";

  /** `nonce`: never used before and not to be guessed, in printable ASCII without quote and backslash. */
  constructor(nonce: string, passwordOf: (user: string) => string | undefined) {
    this.#nonce = nonce;
    this.#passwordOf = passwordOf;
  }

  /** Takes what the client has sent. The first token is empty, or without meaning. */
  answer(token: Uint8Array): SaslStep {
    if (token.length > MAX_TOKEN_BYTES) return this.fail("the token is longer than 4096 bytes");
    switch (this.#stage) {
      case "first":
        this.#stage = "challenged";
        return { kind: "challenge", token: utf8ToBytes(this.challenge()) };
      case "challenged":
        this.#stage = "over";
        return this.judge(token);
      case "over":
        return this.fail("the login is over already");
    }
  }

  private challenge(): string {
    return `realm="${REALM}",nonce="${this.#nonce}",charset=utf-8,algorithm=md5-sess`;
  }

  private fail(reason: string): SaslStep {
    this.#stage = "over";
    return { kind: "failed", reason };
  }

  private judge(token: Uint8Array): SaslStep {
    const directives = parseDirectives(latin1TextOf(token));
    if (directives === undefined) return this.fail("the token is no list of directives");
    const wrong = this.wrongDirective(directives);
    if (wrong !== undefined) return this.fail(`${wrong} is missing or not acceptable`);
    const isUtf8 = directives.has("charset");
    const decode = (key: string): string => {
      const bytes = directives.get(key) ?? "";
      return isUtf8 ? textOf(latin1BytesOf(bytes)) : bytes;
    };
    const user = decode("username");
    const password = this.#passwordOf(user);
    if (password === undefined) return this.fail("there is no such user");
    const secret = md5(
      joined(encoded(user, isUtf8), encoded(decode("realm"), isUtf8), encoded(password, isUtf8)),
    );
    const proof = (method: string): string => this.proof(secret, method, directives);
    if (!isEqual(directives.get("response") ?? "", proof("AUTHENTICATE"))) {
      return this.fail("the password is wrong");
    }
    return { kind: "done", token: utf8ToBytes(`rspauth=${proof("")}`), user };
  }

  /** The first directive that the JDK does not accept; undefined if all are fine. */
  private wrongDirective(directives: ReadonlyMap<string, string>): string | undefined {
    const rules: readonly (readonly [string, (value: string | undefined) => boolean])[] = [
      ["charset", (value) => value === undefined || value === "utf-8"],
      ["realm", (value) => value === REALM],
      ["username", (value) => value !== undefined && value !== ""],
      ["nonce", (value) => value === this.#nonce],
      ["cnonce", (value) => value !== undefined],
      ["maxbuf", (value) => value === undefined || /^[+-]?\d{1,10}$/.test(value)],
      ["qop", (value) => value === undefined || value === "auth"],
      ["digest-uri", (value) => value?.toLowerCase() === DIGEST_URI],
      ["response", (value) => value !== undefined],
    ];
    return rules.find(([key, isFine]) => !isFine(directives.get(key)))?.[0];
  }

  /** RFC 2831, section 2.1.2.1. The count of uses is 1, whatever the client says. */
  private proof(
    secret: Uint8Array,
    method: string,
    directives: ReadonlyMap<string, string>,
  ): string {
    const raw = (key: string): string => directives.get(key) ?? "";
    const authzid = directives.get("authzid");
    const a1 = [this.#nonce, raw("cnonce"), ...(authzid === undefined ? [] : [authzid])];
    const ha1 = hexMd5(concatBytes(secret, latin1BytesOf(`:${a1.join(":")}`)));
    const ha2 = hexMd5(latin1BytesOf(`${method}:${raw("digest-uri")}`));
    const all = [ha1, this.#nonce, "00000001", raw("cnonce"), "auth", ha2];
    return hexMd5(latin1BytesOf(all.join(":")));
  }
}

function hexMd5(bytes: Uint8Array): string {
  return bytesToHex(md5(bytes));
}

/** With charset=utf-8, what fits into ISO 8859-1 is hashed in it nevertheless. */
function encoded(text: string, isUtf8: boolean): Uint8Array {
  return isUtf8 && /[^\0-\u00ff]/.test(text) ? utf8ToBytes(text) : latin1BytesOf(text);
}

function joined(user: Uint8Array, realm: Uint8Array, password: Uint8Array): Uint8Array {
  const colon = latin1BytesOf(":");
  return concatBytes(user, colon, realm, colon, password);
}

function latin1TextOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** As Java does, a question mark for what is not in ISO 8859-1. */
function latin1BytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (each) => (each.charCodeAt(0) > 0xff ? 0x3f : each.charCodeAt(0)));
}

/** In a time that says nothing about where the first difference is. */
function isEqual(said: string, right: string): boolean {
  if (said.length !== right.length) return false;
  let difference = 0;
  for (let at = 0; at < right.length; at++)
    difference |= said.charCodeAt(at) ^ right.charCodeAt(at);
  return difference === 0;
}

const REALM = "zk-sasl-md5";
const DIGEST_URI = `zookeeper/${REALM}`;
const MAX_TOKEN_BYTES = 4096;
