/**
 * Who a server's clients are: the ids that their connections have from the start,
 * what auth packets and SASL add to them, and who must have some before anything
 * else is answered. An id is only ever added, up to a number of them and of their characters in all.
 *
 * Nothing here is random or knows the time: nonces come from outside.
 */
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import type { AuthId } from "../auth-id.js";
import { type DigestAlgorithm, digestId } from "./digest-scheme.js";
import { DigestMd5Server } from "./digest-md5.js";
import { textOf } from "./text.js";

export interface AuthenticationOptions {
  /** The scheme digest; null where `DigestAuthenticationProvider.enabled` is false. Default `{}`. */
  readonly digest?: DigestOptions | null | undefined;
  /** Whether the scheme x509 is known, by a port for TLS or by an authProvider. Default false. */
  readonly x509?: boolean | undefined;
  /** `X509AuthenticationProvider.superUser`: the subject whose certificate makes a superuser. */
  readonly x509SuperUser?: string | undefined;
  /** The scheme ensemble, where an authProvider adds it. Absent: unknown. */
  readonly ensemble?: EnsembleAuthOptions | undefined;
  /** Login by SASL DIGEST-MD5. Absent: no SASL is configured. */
  readonly sasl?: SaslOptions | undefined;
  /**
   * `enforce.auth.schemes`, or sasl with `sessionRequireClientSASLAuth`: a connection
   * without an id of one of these gets nothing answered but auth and sasl. Absent or
   * empty: nobody must have any.
   */
  readonly requiredSchemes?: ReadonlySet<string> | undefined;
  /** `allowSaslFailedClients`: whether a connection outlives a login that failed, without the id. Default false. */
  readonly allowsFailedSasl?: boolean | undefined;
  /** How many ids one connection may have. 1,000. */
  readonly mostIds?: number | undefined;
  /** How many characters all of them may have together. 262,144. */
  readonly mostIdCharacters?: number | undefined;
}

export interface DigestOptions {
  /** `DigestAuthenticationProvider.digestAlg`. Default SHA1. */
  readonly algorithm?: DigestAlgorithm | undefined;
  /** `DigestAuthenticationProvider.superDigest`: the id that makes a superuser. */
  readonly superDigest?: string | undefined;
}

export interface EnsembleAuthOptions {
  /** `ensembleAuthName`, split at its commas. Absent: every name is right. */
  readonly names?: ReadonlySet<string> | undefined;
}

export interface SaslOptions {
  /** Passwords by user: the `user_` entries of a JAAS file. */
  readonly users: ReadonlyMap<string, string>;
  /** `SASLAuthenticationProvider.superPassword`: the password of the user `super`, instead of that in `users`. */
  readonly superPassword?: string | undefined;
  /** `superUser` and `superUser.*`: users who are superusers. */
  readonly superUsers?: ReadonlySet<string> | undefined;
  /** Gives a text that nobody can guess and that was never given before, such as 30 random bytes in base64. */
  readonly newNonce: () => string;
}

/** What the transport knows of a client. */
export interface ClientOrigin {
  /** Without port and zone. */
  readonly address: string;
  /** The subject of a certificate that was verified, as RFC 2253 writes it. */
  readonly certificateSubject?: string | undefined;
}

/** What an auth packet leads to. */
export type AuthAnswer =
  /** A reply with this error code, which is 0 for success. */
  | { readonly kind: "reply"; readonly err: ErrorCode; readonly closes: boolean }
  /** The connection is closed without a reply: the client has come to another ensemble than it meant. */
  | { readonly kind: "close" };

/** What a sasl request leads to: a reply with an error code and, without one, a token, which may be null. */
export interface SaslAnswer {
  readonly err: ErrorCode;
  readonly token: Uint8Array | null;
  readonly closes: boolean;
  /** Why a login failed: for a log, never for the client. */
  readonly failure?: string | undefined;
}

/** Who is there on one connection. */
export class ClientAuthentication {
  readonly #options: AuthenticationOptions;
  readonly #origin: ClientOrigin;
  #ids: readonly AuthId[];
  #login: DigestMd5Server | undefined;

  /** `options`: the rules of the server, the same for all of its connections. */
  constructor(options: AuthenticationOptions, origin: ClientOrigin) {
    this.#options = options;
    this.#origin = origin;
    this.#ids = [{ scheme: "ip", id: origin.address }, ...this.certificateIds()];
  }

  /** The address first. Replaced, never changed: a request keeps the ids that it was made with. */
  get ids(): readonly AuthId[] {
    return this.#ids;
  }

  /** Takes an auth packet. */
  authenticate(scheme: string | null, data: Uint8Array | null): AuthAnswer {
    const outcome = this.idsFor(scheme, data);
    if (outcome === "elsewhere") return { kind: "close" };
    if (outcome === undefined) return { kind: "reply", err: ErrorCode.AUTHFAILED, closes: true };
    if (!this.add(outcome)) return { kind: "reply", err: ErrorCode.AUTHFAILED, closes: true };
    return { kind: "reply", err: ErrorCode.OK, closes: false };
  }

  /** Takes a sasl request. The token is borrowed until this returns. */
  takeToken(token: Uint8Array | null): SaslAnswer {
    const { sasl } = this.#options;
    // As Java answers without SASL. Its clients take that for a login that needs nothing more.
    if (sasl === undefined) return { err: ErrorCode.OK, token: null, closes: false };
    if (token === null) return this.failedLogin("there is no token");
    this.#login ??= new DigestMd5Server(sasl.newNonce(), (user) => passwordOf(user, sasl));
    const step = this.#login.answer(token);
    if (step.kind === "failed") return this.failedLogin(step.reason);
    if (step.kind === "done" && !this.add(saslIds(step.user, sasl))) {
      return this.failedLogin("the connection has too many ids");
    }
    return { err: ErrorCode.OK, token: step.token, closes: false };
  }

  /** Whether a request of this kind may be looked at. If not, the answer is SESSIONCLOSEDREQUIRESASLAUTH, and the connection is closed. */
  isSufficientFor(opCode: number): boolean {
    const { requiredSchemes } = this.#options;
    if (requiredSchemes === undefined || requiredSchemes.size === 0) return true;
    if (opCode === OpCode.auth || opCode === OpCode.sasl) return true;
    return this.#ids.some(({ scheme }) => requiredSchemes.has(scheme));
  }

  private failedLogin(failure: string): SaslAnswer {
    const isRequired = this.#options.requiredSchemes?.has("sasl") === true;
    if (isRequired) {
      const err = ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH;
      return { err, token: null, closes: true, failure };
    }
    if (this.#options.allowsFailedSasl === true) {
      return { err: ErrorCode.OK, token: null, closes: false, failure };
    }
    return { err: ErrorCode.AUTHFAILED, token: null, closes: true, failure };
  }

  /** The ids that an auth packet proves; undefined if it is refused. */
  private idsFor(
    scheme: string | null,
    data: Uint8Array | null,
  ): readonly AuthId[] | "elsewhere" | undefined {
    switch (scheme) {
      case "digest":
        return data === null ? undefined : this.digestIds(data);
      case "ip":
        return [{ scheme, id: this.#origin.address }];
      case "x509": {
        const ids = this.certificateIds();
        return ids.length === 0 ? undefined : ids;
      }
      case "ensemble":
        return this.ensembleIds(data);
      default:
        // world and super prove nothing, auth stands for others, and sasl has a request of its own.
        return undefined;
    }
  }

  private digestIds(credentials: Uint8Array): readonly AuthId[] | undefined {
    const { digest = {} } = this.#options;
    if (digest === null) return undefined;
    const id = digestId(credentials, digest.algorithm ?? "SHA1");
    const own = { scheme: "digest", id };
    return id === digest.superDigest ? [SUPER, own] : [own];
  }

  private certificateIds(): readonly AuthId[] {
    const { certificateSubject: id } = this.#origin;
    if (id === undefined || this.#options.x509 !== true) return [];
    const own = { scheme: "x509", id };
    return id === this.#options.x509SuperUser ? [{ scheme: "super", id }, own] : [own];
  }

  /** No ids: who names the right ensemble is nobody for that. */
  private ensembleIds(data: Uint8Array | null): readonly AuthId[] | "elsewhere" | undefined {
    const { ensemble } = this.#options;
    if (ensemble === undefined) return undefined;
    if (ensemble.names === undefined || data === null || data.length === 0) return [];
    return ensemble.names.has(textOf(data)) ? [] : "elsewhere";
  }

  /** False, and none is added, if there would be too many: each goes with every change to the leader. */
  private add(ids: readonly AuthId[]): boolean {
    const added = ids.filter(({ scheme, id }) => !this.has(scheme, id));
    if (added.length === 0) return true;
    const all = [...this.#ids, ...added];
    const characters = all.reduce((sum, { id }) => sum + id.length, 0);
    const { mostIds = MOST_IDS, mostIdCharacters = MOST_CHARACTERS } = this.#options;
    if (all.length > mostIds || characters > mostIdCharacters) return false;
    this.#ids = all;
    return true;
  }

  private has(scheme: string, id: string): boolean {
    return this.#ids.some((own) => own.scheme === scheme && own.id === id);
  }
}

function passwordOf(user: string, { users, superPassword }: SaslOptions): string | undefined {
  if (user === "super" && superPassword !== undefined) return superPassword;
  return users.get(user);
}

function saslIds(user: string, { superUsers }: SaslOptions): readonly AuthId[] {
  const own = { scheme: "sasl", id: user };
  return superUsers?.has(user) === true ? [own, SUPER] : [own];
}

/** What one connection may have, all its ids together. */
const MOST_IDS = 1000;
const MOST_CHARACTERS = 256 * 1024;

const SUPER: AuthId = { scheme: "super", id: "" };
