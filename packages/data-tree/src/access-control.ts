/**
 * Who may do what: access control lists against the ids that a client's server
 * has authenticated. A Java server knows the schemes world, auth, digest and ip
 * by itself, and further ones where they are configured; the leader's settings
 * decide, whichever server the client talks to.
 */
import { ACL, ErrorCode, Id } from "@jute-ts/zookeeper";
import { type AclList, aclKey } from "./acl-cache.js";
import { isDistinguishedName } from "./distinguished-name.js";
import { addressMatches, isAddressRange } from "./ip-address.js";
import { RequestRefused, require } from "./request-refused.js";

/** The ids of a client. */
export type AuthInfo = readonly { readonly scheme: string; readonly id: string }[];

/** A scheme besides world and auth that lists may name. */
export type AuthScheme = "digest" | "ip" | "sasl" | "x509";

export interface AccessOptions {
  /** `skipACL`: whether no list keeps anybody out. What cannot be in a list is refused all the same. Default false. */
  readonly skipChecks?: boolean | undefined;
  /** Default digest and ip, which a Java server knows unless digest is disabled. */
  readonly schemes?: ReadonlySet<AuthScheme> | undefined;
  /** `letAnySaslUserDoX`: an id in lists that stands for everybody who came by SASL. */
  readonly anySaslUser?: string | undefined;
  /** `X509AuthenticationProvider.superUser`: who is meant by every x509 id in a list. */
  readonly x509SuperUser?: string | undefined;
}

export class AccessControl {
  readonly #skipsChecks: boolean;
  readonly #schemes: ReadonlySet<string>;
  readonly #anySaslUser: string | undefined;
  readonly #x509SuperUser: string | undefined;

  constructor(options?: AccessOptions) {
    this.#skipsChecks = options?.skipChecks ?? false;
    this.#schemes = options?.schemes ?? OWN_SCHEMES;
    this.#anySaslUser = options?.anySaslUser;
    this.#x509SuperUser = options?.x509SuperUser;
  }

  /** Refuses with NOAUTH what the list does not permit. */
  requirePermission(acl: AclList, permission: number, authInfo: AuthInfo): void {
    require(this.isPermitted(acl, permission, authInfo), ErrorCode.NOAUTH);
  }

  /** Whether the list permits one of these permissions to somebody with these ids. An empty list permits everything, as in Java. */
  isPermitted(acl: AclList, permission: number, authInfo: AuthInfo): boolean {
    if (this.#skipsChecks || acl.length === 0) return true;
    if (authInfo.some(({ scheme }) => scheme === "super")) return true;
    return acl.some(
      (entry) => (entry.perms & permission) !== 0 && this.isMeant(entry.id, authInfo),
    );
  }

  /**
   * The list to store for one that a client sent: without repetitions, and with
   * the client's own ids in the place of `auth`. Refuses with INVALIDACL a list that
   * is empty or has an entry that no znode can have.
   */
  storableAcl(acl: AclList | null, authInfo: AuthInfo): AclList {
    const entries = acl?.length === 1 ? acl : withoutRepetitions(acl ?? []);
    require(entries.length > 0, ErrorCode.INVALIDACL);
    if (entries.every(({ id }) => id.scheme !== "auth" && this.isStorable(id))) return entries;
    return entries.flatMap((entry) => {
      if (entry.id.scheme === "auth") return this.ownEntries(entry.perms, authInfo);
      require(this.isStorable(entry.id), ErrorCode.INVALIDACL);
      return [entry];
    });
  }

  /** Whether `storableAcl` would not refuse the list. */
  isStorableAcl(acl: AclList | null, authInfo: AuthInfo): boolean {
    try {
      this.storableAcl(acl, authInfo);
      return true;
    } catch (error) {
      if (error instanceof RequestRefused) return false;
      throw error;
    }
  }

  private isMeant({ scheme, id }: Id, authInfo: AuthInfo): boolean {
    if (scheme === "world") return id === "anyone";
    if (scheme === null || id === null || !this.#schemes.has(scheme)) return false;
    return authInfo.some((own) => own.scheme === scheme && this.idMatches(scheme, own.id, id));
  }

  private idMatches(scheme: string, own: string, listed: string): boolean {
    switch (scheme) {
      case "digest":
        return own === listed;
      case "ip":
        return addressMatches(own, listed);
      case "sasl":
        return own === listed || own === SASL_SUPER || listed === this.#anySaslUser;
      case "x509":
        return own === listed || own === this.#x509SuperUser;
      default:
        return false;
    }
  }

  /** An address is no proof of who somebody is, so `auth` stands for the other ids alone. */
  private ownEntries(perms: number, authInfo: AuthInfo): ACL[] {
    const proven = authInfo.filter(({ scheme }) => scheme !== "ip" && this.#schemes.has(scheme));
    if (proven.length === 0) throw RequestRefused.of(ErrorCode.INVALIDACL);
    return proven.map(({ scheme, id }) => new ACL({ perms, id: new Id({ scheme, id }) }));
  }

  private isStorable({ scheme, id }: Id): boolean {
    if (scheme === null || id === null) return false;
    if (scheme === "world") return id === "anyone";
    if (!this.#schemes.has(scheme)) return false;
    switch (scheme) {
      case "digest":
        return isDigest(id);
      case "ip":
        return isAddressRange(id);
      case "sasl":
        return isPrincipal(id);
      case "x509":
        return isDistinguishedName(id);
      default:
        return false;
    }
  }
}

/** A user and a hash with a colon between. Java does not count empty parts at the end. */
function isDigest(id: string): boolean {
  return /^[^:]*:[^:]+:*$/.test(id);
}

/** A Kerberos principal: service, perhaps host, and realm; or a name without a realm, which may be anything. */
function isPrincipal(id: string): boolean {
  return !id.includes("@") || /^[^/@]*(\/[^/@]*)?@[^/@]*$/.test(id);
}

function withoutRepetitions(acl: AclList): AclList {
  const byKey = new Map(acl.map((entry) => [aclKey([entry]), entry]));
  return [...byKey.values()];
}

const OWN_SCHEMES: ReadonlySet<string> = new Set<AuthScheme>(["digest", "ip"]);

/** Java takes a SASL user of this name for everybody. */
const SASL_SUPER = "super";
