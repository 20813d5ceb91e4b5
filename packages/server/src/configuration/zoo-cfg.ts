/**
 * From the text of zoo.cfg, with the files that it names, to the settings of a
 * peer. Pure: whoever calls it reads the files. All problems are found in one
 * go, each with its file and line, so that a person repairs a configuration once.
 */
import { isEnsembleKey, shown } from "@jute-ts/quorum/membership";
import { readClient } from "./client-address.js";
import {
  ConfigurationError,
  type ConfigurationNote,
  type ConfigurationProblem,
} from "./configuration-error.js";
import { KeyValues } from "./key-values.js";
import type {
  ElectionSettings,
  PeerSettings,
  StorageSettings,
  ZnodeSettings,
} from "./peer-settings.js";
import { parseProperties, type Properties, type PropertyEntry } from "./properties.js";
import { readAdmin, readAudit, readMetrics, systemProperties } from "./operator-settings.js";
import { readRequestSettings } from "./request-settings.js";
import { readServingSettings } from "./serving-settings.js";
import { readAdminTls, readSecureClient, readTlsSettings } from "./tls-settings.js";
import { isDistributed, readOwnSid, readZooEnsemble } from "./zoo-ensemble.js";

export interface ZooCfgOptions {
  /** The file's name, for messages. */
  readonly fileName: string;
  /** The file that `dynamicConfigFile` names. Its name may end in a version: `zoo.cfg.dynamic.100000000`. */
  readonly dynamic?: { readonly fileName: string; readonly text: string } | undefined;
  /** The contents of `dataDir/myid`; undefined when there is no such file. */
  readonly myid?: string | undefined;
}

export interface ZooCfg {
  readonly settings: PeerSettings;
  /** In the order of the lines. */
  readonly notes: readonly ConfigurationNote[];
}

/** What must be read before the rest can be understood. */
export interface NamedFiles {
  readonly dataDir: string | undefined;
  readonly dynamicConfigFile: string | undefined;
}

/** The files that a zoo.cfg names, so that they can be read for `parseZooCfg`. Never throws. */
export function filesNamedIn(text: string): NamedFiles {
  const values = new Map(read(text).entries.map(({ key, value }) => [key.trim(), value.trim()]));
  return { dataDir: values.get("dataDir"), dynamicConfigFile: values.get("dynamicConfigFile") };
}

/** Reads a configuration. Throws ConfigurationError with everything that is wrong. */
export function parseZooCfg(text: string, options: ZooCfgOptions): ZooCfg {
  const { fileName } = options;
  const properties = read(text);
  const dynamic = properties.entries.some(({ key }) => key.trim() === "dynamicConfigFile");
  const isEnsembleEntry = ({ key }: PropertyEntry): boolean =>
    isEnsembleKey(key.trim()) || (key.trim() === "version" && !dynamic);
  const values = new KeyValues(
    fileName,
    properties.entries.filter((entry) => !isEnsembleEntry(entry)),
  );
  for (const { line, message } of properties.problems) values.refuse(line, message);
  const others: ConfigurationProblem[] = [];
  const ensemble = readZooEnsemble(
    values,
    properties.entries.filter(isEnsembleEntry),
    options,
    others,
  );
  const sid = readOwnSid(values, ensemble, options, others);
  const member = sid === undefined ? undefined : ensemble?.members.get(sid);
  const dataDir = readDirectory(values, "dataDir");
  const dataLogDir = readDirectory(values, "dataLogDir") ?? dataDir;
  if (dataDir === undefined) {
    values.refuse(
      values.lineOf("dataDir"),
      "dataDir is not set. Name the directory for snapshots and myid: dataDir=/var/lib/zookeeper.",
    );
  }
  checkPeerType(values, member?.role);
  const distributed = ensemble === undefined || isDistributed(values, ensemble);
  const tickTimeMs = values.integerOrDefault("tickTime");
  const syncLimitTicks = readLimit(values, "syncLimit", distributed);
  const requests = readRequestSettings(values);
  const common = {
    createsDirectories: values.boolean("datadir.autocreate"),
    dynamicConfigFile: values.text("dynamicConfigFile"),
    tickTimeMs,
    initLimitTicks: readLimit(values, "initLimit", distributed),
    syncLimitTicks,
    connectToLearnerMasterLimitTicks: values.integerOrDefault("connectToLearnerMasterLimit"),
    ...readSessionTimeouts(values, tickTimeMs),
    listensOnAllAddresses: values.boolean("quorumListenOnAllIPs"),
    client: readClient(values, member),
    secureClient: readSecureClient(values),
    serving: readServingSettings(values, ensemble?.voters.size, tickTimeMs, requests.authSchemes),
    election: readElection(values, syncLimitTicks * tickTimeMs),
    storage: readStorage(values),
    requests,
    znodes: readZnodes(values),
    maxPacketBytes: readMaxPacketBytes(values),
    commitLogCount: values.integerAtLeast("commitLogCount", 500),
    tls: readTlsSettings(values),
    admin: readAdmin(values),
    adminTls: readAdminTls(values),
    metrics: readMetrics(values),
    audit: readAudit(values),
    properties: systemProperties(properties.entries),
  };
  const problems = [...inOrder(values.problems), ...inOrder(others)];
  const complete =
    ensemble !== undefined && sid !== undefined && member !== undefined && dataDir !== undefined;
  if (problems.length > 0 || !complete) {
    throw new ConfigurationError(problems, { notes: inOrder(values.notes) });
  }
  const settings: PeerSettings = {
    sid,
    ensemble,
    isStandalone: !distributed,
    role: member.role,
    dataDir,
    dataLogDir: dataLogDir ?? dataDir,
    ...common,
    connectToLearnerMasterLimitTicks:
      common.connectToLearnerMasterLimitTicks || common.initLimitTicks,
  };
  return { settings, notes: inOrder(values.notes) };
}

/** Files saved by some editors begin with a byte order mark, which belongs to no key. */
function read(text: string): Properties {
  return parseProperties(text.startsWith("\uFEFF") ? text.slice(1) : text);
}

function inOrder<T extends ConfigurationProblem>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => a.line - b.line);
}

function readDirectory(values: KeyValues, key: string): string | undefined {
  const path = values.text(key);
  if (path === undefined || path === "") return undefined;
  if (!path.startsWith("/") && !path.startsWith("./") && !/^([A-Za-z]:)?[\\/]/.test(path)) {
    values.note(
      "advice",
      values.lineOf(key),
      `${key}=${shown(path)} depends on where the peer is started. Write ./ before it if that is meant.`,
    );
  }
  return path;
}

/** A limit in ticks, without which no ensemble of several can work. */
function readLimit(
  values: KeyValues,
  key: "initLimit" | "syncLimit",
  distributed: boolean,
): number {
  const limit = values.integer(key);
  if (limit !== undefined && limit > 0) return limit;
  // A value of the wrong kind has been refused already.
  const wasRefused = values.has(key) && limit === undefined;
  if (distributed && !wasRefused) {
    values.refuse(
      values.lineOf(key),
      `${key} is not set. Write a number of ticks: ${key}=${LIMITS[key]}.`,
    );
  }
  return LIMITS[key];
}

function readSessionTimeouts(
  values: KeyValues,
  tickTimeMs: number,
): { readonly minSessionTimeoutMs: number; readonly maxSessionTimeoutMs: number } {
  const given = (key: string, ticks: number): number => {
    const timeout = values.integerOrDefault(key);
    return timeout === -1 ? tickTimeMs * ticks : timeout;
  };
  const minSessionTimeoutMs = given("minSessionTimeout", 2);
  const maxSessionTimeoutMs = given("maxSessionTimeout", 20);
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    const line = values.lineOf("minSessionTimeout") || values.lineOf("maxSessionTimeout");
    values.refuse(
      line,
      `minSessionTimeout is ${minSessionTimeoutMs} ms and maxSessionTimeout ${maxSessionTimeoutMs} ms. The shortest must not be longer than the longest.`,
    );
  }
  return { minSessionTimeoutMs, maxSessionTimeoutMs };
}

function readElection(values: KeyValues, syncLimitMs: number): ElectionSettings {
  const helloTimeoutMs = values.integerOrDefault("quorumCnxnTimeoutMs");
  const bindRetries = values.integerOrDefault("electionPortBindRetry");
  return {
    dialTimeoutMs: values.integerOrDefault("cnxTimeout"),
    // An honest server sends it with its first packet.
    helloTimeoutMs: helloTimeoutMs <= 0 ? Math.min(1000, syncLimitMs) : helloTimeoutMs,
    bindRetries: bindRetries === 0 ? Infinity : bindRetries,
    minNotificationIntervalMs: values.integerOrDefault("fastleader.minNotificationInterval"),
    maxNotificationIntervalMs: values.integerOrDefault("fastleader.maxNotificationInterval"),
  };
}

function readStorage(values: KeyValues): StorageSettings {
  const retained = values.integerAtLeast("autopurge.snapRetainCount", 3);
  const purgeHours = values.integerOrDefault("autopurge.purgeInterval");
  return {
    snapCount: values.integerAtLeast("snapCount", 2),
    preAllocSizeBytes: values.integerOrDefault("preAllocSize") * 1024,
    maxBatchTxns: values.integerAtLeast("maxBatchSize", 1),
    syncsInPlace: values.boolean("fsync.inPlace"),
    retainSnapshots: purgeHours > 0 ? retained : undefined,
    purgeIntervalMs: purgeHours > 0 ? purgeHours * 3_600_000 : undefined,
    digestInSnapshots: values.boolean("digest.enabled"),
    lastZxidInSnapshots: values.boolean("serializeLastProcessedZxid.enabled"),
    autocreate: values.boolean("db.autocreate"),
    trustEmptySnapshot: values.boolean("snapshot.trust.empty"),
  };
}

function readZnodes(values: KeyValues): ZnodeSettings {
  return {
    extendedTypes: values.boolean("extendedTypesEnabled"),
    emulates353Ttls: values.boolean("emulate353TTLNodes"),
    overdueIntervalMs: values.integerOrDefault("znode.container.checkIntervalMs"),
    maxOverduePerMinute: values.integerOrDefault("znode.container.maxPerMinute"),
    maxNeverUsedMs: values.integerOrDefault("znode.container.maxNeverUsedIntervalMs"),
  };
}

function readMaxPacketBytes(values: KeyValues): number {
  const maxBuffer = values.integerOrDefault("jute.maxbuffer");
  const extra = values.has("jute.maxbuffer.extrasize")
    ? values.integerAtLeast("jute.maxbuffer.extrasize", 1024)
    : Math.max(maxBuffer, 1024);
  return Math.min(maxBuffer + extra, 0x7fff_ffff);
}

/** The server's line decides; peerType only shows that somebody meant something else. */
function checkPeerType(values: KeyValues, role: PeerSettings["role"] | undefined): void {
  if (!values.has("peerType")) return;
  const peerType = (values.text("peerType") ?? "").toLowerCase();
  const line = values.lineOf("peerType");
  if (peerType !== "participant" && peerType !== "observer") {
    values.refuse(line, `peerType is "${shown(peerType)}". Write participant or observer.`);
  } else if (role !== undefined && role !== peerType) {
    values.note(
      "advice",
      line,
      `peerType is ${peerType}, but this server's line says ${role}, which counts.`,
    );
  }
}

/** What a server that stands alone has without these lines; they are also what messages propose. */
const LIMITS = { initLimit: 10, syncLimit: 5 } as const;
