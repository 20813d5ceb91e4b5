/** What a server's client side is made of, by its settings and the files that they name. */
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { ClientServiceOptions } from "../clients/index.js";
import {
  type AuthenticationSettings,
  type ClientLimitSettings,
  ConfigurationError,
  parseSaslUsers,
  type PeerSettings,
  type Position,
  type SaslSettings,
} from "../configuration/index.js";
import { readNamedText } from "./configured-files.js";

/** Reads the JAAS file, if one is named. Throws ConfigurationError. */
export function clientServiceOptions(
  settings: PeerSettings,
  positionOf: (key: string) => Position,
): ClientServiceOptions {
  const { sid, minSessionTimeoutMs, maxSessionTimeoutMs, requests, serving } = settings;
  return {
    sid,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    localSessions: requests.localSessions,
    upgradesLocalSessions: serving.upgradesLocalSessions,
    readOnlyAfterMs: serving.readOnlyAfterMs,
    checksAclsEagerly: serving.checksAclsEagerly,
    leaderServes: serving.leaderServes,
    maxRequestBytes: serving.maxRequestBytes,
    maxOutstandingRequests: serving.maxOutstandingRequests,
    ...limitOptions(serving.limits),
    authentication: authenticationOptions(serving.authentication, positionOf),
  };
}

function limitOptions(
  limits: ClientLimitSettings,
): Pick<
  ClientServiceOptions,
  "sessionlessTimeoutMs" | "throttledRequests" | "connectionThrottle" | "largeRequests"
> {
  const { sessionlessTimeoutMs, maxRequests, connectionThrottle, largeRequests } = limits;
  return {
    sessionlessTimeoutMs,
    throttledRequests: maxRequests === 0 ? undefined : maxRequests,
    connectionThrottle: connectionThrottle && {
      ...connectionThrottle,
      blue: connectionThrottle.blue && { ...connectionThrottle.blue, random: Math.random },
    },
    largeRequests,
  };
}

function authenticationOptions(
  settings: AuthenticationSettings,
  positionOf: (key: string) => Position,
): ClientServiceOptions["authentication"] {
  const { ensembleNames, sasl } = settings;
  return {
    digest: settings.digest,
    x509: settings.x509,
    x509SuperUser: settings.x509SuperUser,
    ensemble: ensembleNames === undefined ? undefined : { names: ensembleNames ?? undefined },
    sasl: sasl && saslOptions(sasl, positionOf),
    requiredSchemes: settings.requiredSchemes,
    allowsFailedSasl: settings.allowsFailedSasl,
  };
}

/** Undefined, and so no SASL, if the file has no section for servers: other programs may need it. */
function saslOptions(
  { jaasFile, section, requiresSection, superPassword, superUsers }: SaslSettings,
  positionOf: (key: string) => Position,
): NonNullable<ClientServiceOptions["authentication"]>["sasl"] {
  const key = "java.security.auth.login.config";
  const path = resolve(jaasFile);
  const read = readNamedText(path, positionOf(key), key);
  if (read === undefined || "problem" in read) {
    const missing = { ...positionOf(key), message: `${key} names ${path}, which does not exist.` };
    throw new ConfigurationError([read?.problem ?? missing]);
  }
  const users = parseSaslUsers(path, read.text, section);
  if (users === undefined && requiresSection) {
    const message = `sasl.serverconfig names the section "${section}", of which there is none in ${path}.`;
    throw new ConfigurationError([{ ...positionOf("sasl.serverconfig"), message }]);
  }
  return users && { users, superPassword, superUsers, newNonce };
}

/** As long as the JDK's. */
function newNonce(): string {
  return randomBytes(30).toString("base64");
}
