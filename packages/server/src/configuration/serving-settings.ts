/** The keys that decide how a server serves its own clients. */
import { readAuthentication } from "./authentication-settings.js";
import { readClientLimits } from "./client-limits.js";
import type { KeyValues } from "./key-values.js";
import type { ServingSettings } from "./peer-settings.js";

/** `voters`: how many servers vote, undefined where that is not known because of other mistakes. `schemes`: those that lists may name. */
export function readServingSettings(
  values: KeyValues,
  voters: number | undefined,
  tickTimeMs: number,
  schemes: ReadonlySet<string>,
): ServingSettings {
  const backlog = values.integerOrDefault("clientPortListenBacklog");
  const outstanding = values.integerOrDefault("globalOutstandingLimit");
  return {
    leaderServes: values.text("leaderServes") !== "no",
    checksAclsEagerly: values.boolean("enableEagerACLCheck"),
    upgradesLocalSessions: values.boolean("localSessionsUpgradingEnabled"),
    // As Java: long enough for an election that succeeds.
    readOnlyAfterMs: values.boolean("readonlymode.enabled")
      ? Math.max(2000, tickTimeMs)
      : undefined,
    maxRequestBytes: values.integerOrDefault("jute.maxbuffer"),
    // The ensemble's limit, shared out among those that a leader hears from.
    maxOutstandingRequests: Math.max(1, Math.floor(outstanding / shares(voters))),
    listenBacklog: backlog > 0 ? backlog : undefined,
    keepsConnectionsAlive: values.boolean("clientTcpKeepAlive"),
    maxConnectionsPerAddress: values.integerOrDefault("maxClientCnxns"),
    authentication: readAuthentication(values, schemes),
    limits: readClientLimits(values),
  };
}

function shares(voters: number | undefined): number {
  return voters !== undefined && voters > 2 ? voters - 1 : 1;
}
