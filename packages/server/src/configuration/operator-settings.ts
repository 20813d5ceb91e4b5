/** The settings of what operators see: admin server, metrics and audit log. */
import { isHostName, isIPv6, shown } from "@jute-ts/quorum/membership";
import type { KeyValues } from "./key-values.js";
import { DEFAULT_AUDIT_LOGGER, DEFAULT_PROVIDER, PROMETHEUS_PROVIDER } from "./operator-keys.js";
import type { PropertyEntry } from "./properties.js";

/** The admin server. */
export interface AdminSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Begins with a slash and does not end with one. */
  readonly commandUrl: string;
  readonly idleTimeoutMs: number;
  /** Whether the page shows znodes. */
  readonly browsesTree: boolean;
  /** Whether snapshots can be taken over HTTP. */
  readonly takesSnapshots: boolean;
  /** Whether a server that stands alone is restored over HTTP. */
  readonly restores: boolean;
  /** The least time between two snapshots, and between two restores. */
  readonly snapshotIntervalMs: number;
}

/** A port for Prometheus. */
export interface MetricsSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Whether figures of the process are shown too. */
  readonly exportsProcess: boolean;
}

/** The audit log. */
export interface AuditSettings {
  /** The file that lines are appended to, as it was written, perhaps relative; undefined: they are part of the log. */
  readonly file: string | undefined;
}

/** Undefined unless it is switched on. Problems and notes go to `values`. */
export function readAdmin(values: KeyValues): AdminSettings | undefined {
  const commandUrl = values.text("admin.commandURL") ?? "/commands";
  if (!/^(\/[\w.~-]+)+$/u.test(commandUrl)) {
    values.refuse(
      values.lineOf("admin.commandURL"),
      `admin.commandURL is "${shown(commandUrl)}". Write a path, such as /commands.`,
    );
  }
  const settings: AdminSettings = {
    host: readHost(values, "admin.serverAddress"),
    port: values.integerOrDefault("admin.serverPort"),
    commandUrl,
    idleTimeoutMs: values.integerOrDefault("admin.idleTimeout"),
    browsesTree: values.boolean("admin.browseTree"),
    takesSnapshots: values.boolean("admin.snapshot.enabled"),
    restores: values.boolean("admin.restore.enabled"),
    snapshotIntervalMs: values.integerOrDefault("admin.rateLimiterIntervalInMS"),
  };
  if (values.boolean("admin.enableServer")) return settings;
  const meant = ["admin.serverPort", "admin.serverAddress"].find((key) => values.has(key));
  if (meant !== undefined && !values.has("admin.enableServer")) {
    values.note(
      "advice",
      values.lineOf(meant),
      `${meant} has no effect: the admin server is off. Write admin.enableServer=true to have it, or false if that is meant.`,
    );
  }
  return undefined;
}

/** Undefined unless Prometheus is named. */
export function readMetrics(values: KeyValues): MetricsSettings | undefined {
  const key = "metricsProvider.className";
  const provider = values.text(key);
  if (provider !== PROMETHEUS_PROVIDER) {
    if (provider !== DEFAULT_PROVIDER) {
      values.refuse(
        values.lineOf(key),
        `${key} names "${shown(provider ?? "")}", a Java class that cannot run here. Write ${PROMETHEUS_PROVIDER}, or remove the line.`,
      );
    }
    return undefined;
  }
  return {
    host: readHost(values, "metricsProvider.httpHost"),
    port: values.integerOrDefault("metricsProvider.httpPort"),
    exportsProcess: values.boolean("metricsProvider.exportJvmInfo"),
  };
}

/** Undefined unless it is switched on. */
export function readAudit(values: KeyValues): AuditSettings | undefined {
  const key = "audit.impl.class";
  const logger = values.text(key);
  if (logger !== DEFAULT_AUDIT_LOGGER) {
    values.refuse(
      values.lineOf(key),
      `${key} names "${shown(logger ?? "")}", a Java class that cannot run here. Remove the line, and read the lines of audit.file instead.`,
    );
  }
  const file = values.text("audit.file") ?? "";
  if (values.boolean("audit.enable")) return { file: file === "" ? undefined : file };
  if (file !== "" && !values.has("audit.enable")) {
    values.note(
      "advice",
      values.lineOf("audit.file"),
      "audit.file has no effect: nothing is audited. Write audit.enable=true to have it.",
    );
  }
  return undefined;
}

function readHost(values: KeyValues, key: string): string {
  const host = (values.text(key) ?? "").replace(/^\[(.*)\]$/u, "$1");
  if (!isHostName(host) && !isIPv6(host)) {
    values.refuse(
      values.lineOf(key),
      `${key} is "${shown(host)}", which can be no name and no address. Write a host name or an address.`,
    );
  }
  return host;
}

/** The last value of each key that Apache's server passes on as a system property. */
export function systemProperties(entries: readonly PropertyEntry[]): ReadonlyMap<string, string> {
  const passedOn = entries
    .map(({ key, value }): [string, string] => [key.trim(), value.trim()])
    .filter(([key]) => !OWN_KEYS.has(key) && !key.startsWith("metricsProvider."));
  return new Map(passedOn);
}

/** What Apache's server reads from zoo.cfg itself. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  "autopurge.purgeInterval",
  "autopurge.snapRetainCount",
  "clientPort",
  "clientPortAddress",
  "clientPortListenBacklog",
  "connectToLearnerMasterLimit",
  "dataDir",
  "dataLogDir",
  "dynamicConfigFile",
  "electionAlg",
  "initLimit",
  "localSessionsEnabled",
  "localSessionsUpgradingEnabled",
  "maxClientCnxns",
  "maxSessionTimeout",
  "minSessionTimeout",
  "observerMasterPort",
  "peerType",
  "portUnification",
  "quorumListenOnAllIPs",
  "reconfigEnabled",
  "secureClientPort",
  "secureClientPortAddress",
  "sslQuorum",
  "sslQuorumReloadCertFiles",
  "standaloneEnabled",
  "syncEnabled",
  "syncLimit",
  "tickTime",
]);
