/** Ensembles whose servers serve clients: the real peers, and beside each the real client side. */
import { ClientService, type ClientServiceOptions } from "@jute-ts/server/clients";
import { DataTree } from "@jute-ts/data-tree";
import { SERVER_USER } from "./checkers/audited-changes.js";
import { X509_SUPER_USER } from "../model/listed-users.js";
import {
  ENSEMBLE_NAMES,
  type LoginSettings,
  SASL_PASSWORDS,
  SASL_SUPER_USERS,
  SUPER_DIGEST,
  SUPER_PASSWORD,
} from "../world/login-settings.js";
import type { PeerKit } from "../world/peer-kit.js";
import { quorumKit } from "../world/quorum-kit.js";
import type { Random } from "../world/random.js";
import type { ConnectionTokens } from "../world/settings.js";

export const clientPortKit: PeerKit = {
  ...quorumKit,
  newClientService(
    { sid, ensemble, tickTimeMs },
    state,
    random,
    { clientLimits, clientPorts },
    parts,
  ) {
    if (!(state instanceof DataTree)) throw new TypeError("only trees can be served");
    return new ClientService(
      {
        sid,
        minSessionTimeoutMs: MIN_TICKS * tickTimeMs,
        maxSessionTimeoutMs: MAX_TICKS * tickTimeMs,
        localSessions: clientPorts.localSessions,
        upgradesLocalSessions: parts.rules.upgradesLocalSessions,
        checksAclsEagerly: parts.rules.checksEagerly,
        readOnlyAfterMs: parts.rules.readOnlyAfterMs,
        // A leader that serves nobody needs others that do.
        leaderServes: ensemble.members.size === 1 || random.chance(0.8),
        maxOutstandingRequests: Math.min(
          random.pick([1, 3, 1000]),
          parts.rules.maxOutstandingRequests,
        ),
        maxRequestBytes: random.pick([4096, 0xf_ffff]),
        sessionlessTimeoutMs: SESSIONLESS_TICKS * tickTimeMs,
        maxCongestedBytes: Math.min(
          random.pick([LEAST_CONGESTED_BYTES, 16 * 1024 * 1024]),
          parts.rules.maxCongestedBytes,
        ),
        maxWatchSize: parts.rules.maxWatchSize,
        throttledRequests: clientLimits.throttledRequests,
        connectionThrottle: throttleOf(clientLimits.connections, random),
        maxUnsentBytes: clientLimits.unsentBytes,
        largeRequests: clientLimits.largeRequests,
        childLists: parts.rules.childLists,
        measurements: parts.measurements,
        authentication: authenticationOf(clientPorts.logins, random),
        audit: { onEvent: parts.onAudited, serverUser: SERVER_USER },
      },
      state,
    );
  },
};

/** The least that may wait for a client that does not read, where a server's rules say nothing else. */
export const LEAST_CONGESTED_BYTES = 2048;

/** With chances of the server's own. */
function throttleOf(
  connections: ConnectionTokens | undefined,
  random: Random,
): ClientServiceOptions["connectionThrottle"] {
  if (connections === undefined) return undefined;
  const { blue, ...others } = connections;
  return { ...others, blue: blue && { ...blue, random: () => random.fraction() } };
}

/** As a server's configuration says it. */
function authenticationOf(
  logins: LoginSettings | undefined,
  random: Random,
): ClientServiceOptions["authentication"] {
  if (logins === undefined) return undefined;
  const { sasl, x509, ensemble, requiredSchemes, allowsFailedSasl } = logins;
  const { mostIds, mostIdCharacters } = logins;
  const users = {
    users: SASL_PASSWORDS,
    superPassword: SUPER_PASSWORD,
    superUsers: SASL_SUPER_USERS,
    newNonce: () => `${random.uint32().toString(36)}${random.uint32().toString(36)}`,
  };
  return {
    digest: { superDigest: SUPER_DIGEST },
    x509,
    x509SuperUser: X509_SUPER_USER,
    ensemble: ensemble ? { names: new Set(ENSEMBLE_NAMES) } : undefined,
    sasl: sasl ? users : undefined,
    requiredSchemes,
    allowsFailedSasl,
    mostIds,
    mostIdCharacters,
  };
}

/** How long a connection may have no session, in ticks. */
export const SESSIONLESS_TICKS = 5;

/** The shortest and the longest session, in ticks. */
export const MIN_TICKS = 4;
export const MAX_TICKS = 10;
