/** Ids of the scheme digest: a user's name, and a hash by which znodes name the user without the password. */
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha224, sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { sha3_224, sha3_256, sha3_384, sha3_512 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { base64 } from "@scure/base";
import { textOf } from "./text.js";

/** `DigestAuthenticationProvider.digestAlg`, by Java's names. */
export type DigestAlgorithm =
  | "MD5"
  | "SHA1"
  | "SHA-1"
  | "SHA-224"
  | "SHA-256"
  | "SHA-384"
  | "SHA-512"
  | "SHA3-224"
  | "SHA3-256"
  | "SHA3-384"
  | "SHA3-512";

const HASHES: Readonly<Record<DigestAlgorithm, (bytes: Uint8Array) => Uint8Array>> = {
  MD5: md5,
  SHA1: sha1,
  "SHA-1": sha1,
  "SHA-224": sha224,
  "SHA-256": sha256,
  "SHA-384": sha384,
  "SHA-512": sha512,
  "SHA3-224": sha3_224,
  "SHA3-256": sha3_256,
  "SHA3-384": sha3_384,
  "SHA3-512": sha3_512,
};

/** All algorithms that there are. */
export const digestAlgorithms: readonly string[] = Object.keys(HASHES);

/** Whether the text is one of `digestAlgorithms`. */
export function isDigestAlgorithm(text: string): text is DigestAlgorithm {
  return Object.hasOwn(HASHES, text);
}

/**
 * The id of whoever knows this `user:password`, in UTF-8: the user, a colon, and the
 * hash of the whole in base64. Bytes that are no UTF-8 count as U+FFFD, as in Java,
 * and without a colon all of it is the user.
 */
export function digestId(credentials: Uint8Array, algorithm: DigestAlgorithm): string {
  const text = textOf(credentials);
  const [user = ""] = text.split(":", 1);
  const hash = base64.encode(HASHES[algorithm](utf8ToBytes(text)));
  return `${user}:${hash}`;
}
