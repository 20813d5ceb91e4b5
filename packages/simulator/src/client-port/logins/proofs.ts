/** What a client says to prove who it is, and what must come of each, as Apache's servers do it. */
import { AuthPacket, ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { asciiBytes } from "../../clients/change-requests.js";
import { X509_SUPER_USER } from "../../model/listed-users.js";
import {
  ENSEMBLE_NAMES,
  type LoginSettings,
  SASL_SUPER_USERS,
  SUPER_CREDENTIALS,
  SUPER_DIGEST,
} from "../../world/login-settings.js";
import type { AuthInfo, Proof } from "../frame-event.js";
import { type DrawnRequest, request } from "../frame-operations.js";
import { FRAME_USERS } from "./digest-users.js";

export interface Proving {
  readonly drawn: DrawnRequest;
  readonly proof: Proof;
}

/** Who somebody is who has this certificate. */
export function certificateIds(
  logins: LoginSettings | undefined,
  certificate: string | undefined,
): AuthInfo {
  if (logins?.x509 !== true || certificate === undefined) return [];
  const own = { scheme: "x509", id: certificate };
  return certificate === X509_SUPER_USER ? [{ ...own, scheme: "super" }, own] : [own];
}

/** Who somebody is who has logged in by SASL. */
export function saslIds(user: string): AuthInfo {
  const own = { scheme: "sasl", id: user };
  return SASL_SUPER_USERS.has(user) ? [own, SUPER] : [own];
}

/** Proves to be somebody: `user:password`, of those that are known here. */
export function byDigest(credentials: string): Proving {
  const isSuper = credentials === SUPER_CREDENTIALS;
  const known = FRAME_USERS.find((user) => user.credentials === credentials)?.id ?? "";
  const own = { scheme: "digest", id: isSuper ? SUPER_DIGEST : known };
  return proven("digest", asciiBytes(credentials), isSuper ? [SUPER, own] : [own]);
}

/** Proves to be the user of this id. */
export function byCredentials(credentials: Uint8Array, id: string): Proving {
  return proven("digest", credentials, [{ scheme: "digest", id }]);
}

/** Has the server look at the address again. */
export function byAddress(): Proving {
  return proven("ip", null, []);
}

/** Has the server look at the certificate again, which the connection has or not. */
export function byCertificate(
  logins: LoginSettings | undefined,
  certificate: string | undefined,
): Proving {
  return certificateIds(logins, certificate).length > 0
    ? proven("x509", null, [])
    : refused("x509", null);
}

/** Says which ensemble it means. The connection of somebody who means another one is closed. */
export function byEnsemble(logins: LoginSettings | undefined, name: string): Proving {
  const data = asciiBytes(name);
  if (logins?.ensemble !== true) return refused("ensemble", data);
  const names: readonly string[] = ENSEMBLE_NAMES;
  if (name === "" || names.includes(name)) return proven("ensemble", data, []);
  const proof = { name: "ensemble: elsewhere", err: undefined, ids: [], ends: true };
  return { drawn: authOf("ensemble", data), proof };
}

/** Proves nothing: by a scheme that has a request of its own, stands for others, or is not known; or without data. */
export function byNothing(scheme: string | null): Proving {
  const { drawn, proof } = refused(scheme, scheme === "digest" ? null : asciiBytes("anyone"));
  return { drawn, proof: { ...proof, name: "nothing: refused" } };
}

export const NO_PROOFS: readonly (string | null)[] = [
  ...["digest", "sasl", "world", "auth", "super", "kerberos", ""],
  null,
];

/** What must come of a login by SASL that has failed. */
export function failedLogin(logins: LoginSettings, name: string): Proof {
  const token = { kind: "nothing" } as const;
  if (logins.requiredSchemes.has("sasl"))
    return { name, err: ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH, ids: [], ends: true, token };
  if (logins.allowsFailedSasl) return { name, err: ErrorCode.OK, ids: [], ends: false, token };
  return { name, err: ErrorCode.AUTHFAILED, ids: [], ends: true, token };
}

/** What must come of something that was proven to a server which knows the client by too much already. */
export function tooManyIds(logins: LoginSettings, { token }: Proof): Proof {
  const name = "too many ids: refused";
  if (token !== undefined) return failedLogin(logins, name);
  return { name, err: ErrorCode.AUTHFAILED, ids: [], ends: true };
}

/** Of SASL, as a client sends it. */
export function saslRequest(token: Uint8Array | null): DrawnRequest {
  return request(OpCode.sasl, { token });
}

function proven(scheme: string, data: Uint8Array | null, ids: AuthInfo): Proving {
  const proof = { name: `${scheme}: proven`, err: ErrorCode.OK, ids, ends: false };
  return { drawn: authOf(scheme, data), proof };
}

function refused(scheme: string | null, data: Uint8Array | null): Proving {
  const proof = { name: `${scheme}: refused`, err: ErrorCode.AUTHFAILED, ids: [], ends: true };
  return { drawn: authOf(scheme, data), proof };
}

function authOf(scheme: string | null, auth: Uint8Array | null): DrawnRequest {
  return request(OpCode.auth, new AuthPacket({ type: 0, scheme, auth }));
}

const SUPER = { scheme: "super", id: "" };
