/** What a server's client side must be told. All times are milliseconds, all sizes bytes. */
import type { Sid } from "@jute-ts/zookeeper";
import type { AuthenticationOptions } from "./authentication/index.js";
import type { AuditOptions } from "./audit/index.js";
import type { ChildListLimits } from "./child-lists.js";
import type { ConnectionThrottleOptions, LargeRequestLimits } from "./limits/index.js";
import type { Measurements } from "../admin/measurements.js";

export interface ClientServiceOptions {
  /** Which member of the ensemble this server is: its sessions have its number on top. */
  readonly sid: Sid;
  /** What the session of a client gets that asks for less, or for more. */
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** `jute.maxbuffer`: the longest frame of a client. 1,048,575. */
  readonly maxRequestBytes?: number | undefined;
  /** `localSessionsEnabled`: whether sessions begin as ones that only this server knows. Equal on all servers. False. */
  readonly localSessions?: boolean | undefined;
  /** `localSessionsUpgradingEnabled`: whether such a session becomes one of the ensemble when it creates an ephemeral. False. */
  readonly upgradesLocalSessions?: boolean | undefined;
  /**
   * How long this server looks for a leader before it serves clients that only read, if it
   * does at all (`readonlymode.enabled`). Undefined: never.
   */
  readonly readOnlyAfterMs?: number | undefined;
  /** `enableEagerACLCheck`: whether changes that a client may not make by the tree as it is here go no further. False. */
  readonly checksAclsEagerly?: boolean | undefined;
  /** `leaderServes`: whether clients are served while this server leads. True. */
  readonly leaderServes?: boolean | undefined;
  /**
   * `globalOutstandingLimit`: how many requests may wait for their answer. Above it, no more is
   * read from connections that wait for an answer. 1,000.
   */
  readonly maxOutstandingRequests?: number | undefined;
  /**
   * `request_throttle_max_requests`: how many requests may wait for their answer before nothing more is
   * taken from any connection. Default: any number.
   */
  readonly throttledRequests?: number | undefined;
  /** After which time a connection without a session is closed. 10,000. */
  readonly sessionlessTimeoutMs?: number | undefined;
  /** What may wait for a client that does not read, watch events included, before its connection is closed. 16 MiB. */
  readonly maxCongestedBytes?: number | undefined;
  /** How much is written for one client before it is sent and more of its requests are answered. 4 MiB. */
  readonly maxUnsentBytes?: number | undefined;
  /**
   * How much one client may watch, in data and in children each, where a watch counts as the
   * characters of its path and 100 more. 2^27.
   */
  readonly maxWatchSize?: number | undefined;
  /** Which lists of children are kept as they are sent. Default: long ones, of 4 MiB together. */
  readonly childLists?: ChildListLimits | undefined;
  /** How clients prove who they are. Default: by their address, and by digest. */
  readonly authentication?: AuthenticationOptions | undefined;
  /** How many clients may connect in a while. Default: any number. */
  readonly connectionThrottle?: ConnectionThrottleOptions | undefined;
  /** How much memory large requests may take together. Default: no request is large. */
  readonly largeRequests?: LargeRequestLimits | undefined;
  /** Takes what is measured. Default: nobody. */
  readonly measurements?: Measurements | undefined;
  /** `audit.enable`: who is told of changes, those that are refused included. Default: nobody. */
  readonly audit?: AuditOptions | undefined;
}

export interface ResolvedClientOptions {
  readonly sid: Sid;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly maxRequestBytes: number;
  readonly localSessions: boolean;
  readonly upgradesLocalSessions: boolean;
  readonly readOnlyAfterMs: number;
  readonly checksAclsEagerly: boolean;
  readonly leaderServes: boolean;
  readonly maxOutstandingRequests: number;
  readonly throttledRequests: number;
  readonly sessionlessTimeoutMs: number;
  readonly maxCongestedBytes: number;
  readonly maxUnsentBytes: number;
  readonly maxWatchSize: number | undefined;
  readonly childLists: ChildListLimits | undefined;
  readonly authentication: AuthenticationOptions;
  readonly connectionThrottle: ConnectionThrottleOptions | undefined;
  readonly largeRequests: LargeRequestLimits | undefined;
  readonly measurements: Measurements;
  readonly audit: AuditOptions | undefined;
}

/** Fills in the defaults, which are ZooKeeper's where it has one. */
export function resolveClientOptions(options: ClientServiceOptions): ResolvedClientOptions {
  return {
    sid: options.sid,
    minSessionTimeoutMs: options.minSessionTimeoutMs,
    maxSessionTimeoutMs: options.maxSessionTimeoutMs,
    maxRequestBytes: options.maxRequestBytes ?? 0xfffff,
    localSessions: options.localSessions ?? false,
    upgradesLocalSessions: options.upgradesLocalSessions ?? false,
    readOnlyAfterMs: options.readOnlyAfterMs ?? Infinity,
    checksAclsEagerly: options.checksAclsEagerly ?? false,
    leaderServes: options.leaderServes ?? true,
    maxOutstandingRequests: options.maxOutstandingRequests ?? 1000,
    throttledRequests: options.throttledRequests ?? Infinity,
    sessionlessTimeoutMs: options.sessionlessTimeoutMs ?? 10_000,
    maxCongestedBytes: options.maxCongestedBytes ?? 16 * 1024 * 1024,
    maxUnsentBytes: options.maxUnsentBytes ?? 4 * 1024 * 1024,
    maxWatchSize: options.maxWatchSize,
    childLists: options.childLists,
    authentication: options.authentication ?? {},
    connectionThrottle: options.connectionThrottle,
    largeRequests: options.largeRequests,
    measurements: options.measurements ?? NO_MEASUREMENTS,
    audit: options.audit,
  };
}

const NO_MEASUREMENTS: Measurements = {
  count: () => undefined,
  record: () => undefined,
  recordOf: () => undefined,
};
