/**
 * A peer as its zoo.cfg describes it: reads the files, opens the ports, starts
 * the peer and what answers ZooKeeper's commands beside it.
 */
import { resolve } from "node:path";
import {
  type AdminTlsSettings,
  ConfigurationError,
  type ConfigurationNote,
  type ConfigurationProblem,
  filesNamedIn,
  type NamedText,
  parseZooCfg,
  type PeerSettings,
  type Position,
  positionsIn,
  type QuorumTlsSettings,
} from "../configuration/index.js";
import { DataTree, type DataTreeOptions } from "@jute-ts/data-tree";
import type { PeerOptions, ReplicatedState } from "@jute-ts/quorum";
import { StandaloneVerifier } from "@jute-ts/quorum/membership";
import type { Sid, Zxid } from "@jute-ts/zookeeper";
import { ClientService } from "../clients/index.js";
import { Certificates } from "./certificates.js";
import { clientServiceOptions } from "./client-options.js";
import { ClientPort } from "./client-port.js";
import { AuditLog } from "../admin/audit-log.js";
import type { HttpTls } from "../admin/http-port.js";
import { countWritten } from "../clients/namespace-figures.js";
import { noClients } from "../admin/no-clients.js";
import { Operators } from "../admin/operators.js";
import type { RestoreOffer } from "../admin/restore-command.js";
import { ServerMetrics } from "../admin/server-metrics.js";
import type { FourLetterAnswers } from "../admin/server-view.js";
import { prepareDirectories, readConfigurationText, readNamedText } from "./configured-files.js";
import type { MemoryStorage } from "./memory-storage.js";
import type { Lookup } from "./name-lookup.js";
import type { ListenError } from "./open-ports.js";
import { liveMetrics, Peer, type PeerConfiguration } from "./peer.js";
import { type CheckedSnapshot, keptSuffix, replaceData, type Restored } from "./restoring.js";
import { explainStartFailure, type FailureContext, refusedData } from "./start-failure.js";
import { TlsTransport } from "./tls-transport.js";
import { plainTransport, type Transport } from "./transport.js";

/** What a configuration file says. */
export interface LoadedConfiguration {
  readonly path: string;
  readonly text: string;
  readonly settings: PeerSettings;
  readonly notes: readonly ConfigurationNote[];
  /** Where a key stands, here or in the dynamic file. */
  readonly positionOf: (key: string) => Position;
}

/** Reads zoo.cfg and the files that it names. Throws ConfigurationError for whatever is wrong with them. */
export function loadConfiguration(path: string): LoadedConfiguration {
  const text = readConfigurationText(path);
  const files: NamedText[] = [{ fileName: path, text }];
  const { dataDir, dynamicConfigFile } = filesNamedIn(text);
  const problems: ConfigurationProblem[] = [];
  const read = (file: string, key: string): NamedText | undefined => {
    const found = readNamedText(file, positionsIn(files)(key), key);
    if (found === undefined) return undefined;
    if ("text" in found) return { fileName: file, text: found.text };
    problems.push(found.problem);
    // What the file would say is not known, so nothing may be made of its absence.
    return { fileName: file, text: "" };
  };
  const dynamic =
    dynamicConfigFile === undefined
      ? undefined
      : read(resolve(dynamicConfigFile), "dynamicConfigFile");
  const myid = dataDir === undefined ? undefined : read(resolve(dataDir, "myid"), "dataDir");
  if (problems.length > 0) throw new ConfigurationError(problems);
  if (dynamic !== undefined) files.push(dynamic);
  const { settings, notes } = parseZooCfg(text, { fileName: path, dynamic, myid: myid?.text });
  return { path, text, settings, notes, positionOf: positionsIn(files) };
}

/** The same from a text that lies in no file; `path` is its name in messages. */
export function configurationOfText(text: string, path: string, myid: string): LoadedConfiguration {
  const { settings, notes } = parseZooCfg(text, { fileName: path, myid });
  return { path, text, settings, notes, positionOf: positionsIn([{ fileName: path, text }]) };
}

/** A peer, and the commands on its client port. */
export interface ConfiguredPeer<S extends ReplicatedState = DataTree> {
  readonly peer: Peer<S>;
  /** Where clients are served and commands answered: the port, or undefined when there is none. */
  readonly clientPort: number | undefined;
  /** The port for TLS alone, or undefined when there is none. */
  readonly secureClientPort: number | undefined;
  /** Where the admin server answers; undefined when there is none, or its port is taken. */
  readonly adminPort: number | undefined;
  /** Where Prometheus scrapes; undefined when there is no such port, or it is taken. */
  readonly metricsPort: number | undefined;
  /**
   * Starts the peer; until then nothing is open but the client port. Rejects with
   * ConfigurationError or StartError; what was opened is closed by `stop`.
   */
  start(): Promise<void>;
  /** The outcome of the admin server's `restore`, once that has begun to take this server down. */
  readonly restoring: Promise<RestoreOutcome> | undefined;
  /** Resolves when nothing is left open. */
  stop(): Promise<void>;
  /** The same without a goodbye, as `Peer.kill`. */
  kill(): Promise<void>;
  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What became of the data; a server that is made and started anew has them. */
export type RestoreOutcome =
  | { readonly kind: "restored"; readonly zxid: Zxid; readonly restored: Restored }
  /** They are what they were. */
  | { readonly kind: "failed"; readonly error: unknown };

/** What a program may decide beside the configuration. */
export interface ConfiguredPeerOptions<S extends ReplicatedState> {
  /** What is replicated. The options are those that the configuration gives to ZooKeeper's tree. */
  readonly newState: (sid: Sid, tree: DataTreeOptions) => S;
  /** Finds the addresses of the hosts of the ensemble. Default: the system's way. */
  readonly lookup?: Lookup | undefined;
  /** Options of the protocol, in place of what the configuration says. */
  readonly peer?: Partial<Omit<PeerOptions, "sid" | "ensemble">> | undefined;
  /** Keeps what would be in the directories of the configuration, which are left alone. Not durable. */
  readonly memory?: MemoryStorage | undefined;
  /** Offers the admin server's `restore`, by which a server that stands alone stops to be made anew. Default: it does not. */
  readonly restoreOffer?: RestoreOffer | undefined;
  /** What stands between the server and the others, around what the configuration says. */
  readonly transport?: ((configured: Transport) => Transport) | undefined;
}

/**
 * Makes a peer of a configuration. Listen to its events, then start it. Rejects
 * with ConfigurationError or StartError, which say what is to blame.
 */
export async function configurePeer(loaded: LoadedConfiguration): Promise<ConfiguredPeer>;
export async function configurePeer<S extends ReplicatedState>(
  loaded: LoadedConfiguration,
  options: ConfiguredPeerOptions<S>,
): Promise<ConfiguredPeer<S>>;
export async function configurePeer(
  loaded: LoadedConfiguration,
  {
    newState,
    lookup,
    peer: overrides,
    memory,
    restoreOffer,
    transport,
  }: ConfiguredPeerOptions<ReplicatedState> = {
    newState: (_sid, tree) => new DataTree(tree),
  },
): Promise<ConfiguredPeer<ReplicatedState>> {
  const { settings } = loaded;
  const audit = auditLog(loaded, (): Peer => peer);
  const certificates = new Certificates(loaded.positionOf, (report) => {
    peer.emit("report", report);
  });
  let peer: Peer;
  let restoring: Promise<RestoreOutcome> | undefined;
  try {
    if (memory === undefined) prepareDirectories(settings, loaded.positionOf);
    const configuration = peerConfiguration(loaded, certificates);
    const measurements = new ServerMetrics();
    const state = newState(settings.sid, {
      ...treeOptions(settings),
      onWrite: (path, bytes) => {
        countWritten(measurements, path, bytes);
      },
    });
    const clientOptions = clientServiceOptions(settings, loaded.positionOf);
    const service =
      state instanceof DataTree
        ? new ClientService({ ...clientOptions, measurements, audit }, state)
        : undefined;
    const operators = new Operators({
      settings,
      configuration: loaded.text,
      state,
      peer: (): Peer => peer,
      metrics: () => liveMetrics(peer),
      clients: service?.view ?? noClients,
      clientPort: (): number | undefined => port?.port,
      handshakes: (): number => port?.handshakes ?? 0,
      adminTls: settings.adminTls && adminTls(settings.adminTls, certificates),
      authentication: clientOptions.authentication ?? {},
      restores: {
        offer: settings.isStandalone && memory === undefined ? restoreOffer : undefined,
        replace: async (snapshot, answered) => {
          const outcome = replaced(settings, snapshot, async () => {
            await Promise.all([port?.close(), peer.stop()]);
          });
          restoring = outcome.then(async (known) => {
            await answered;
            return known;
          });
          const known = await outcome;
          if (known.kind === "failed") throw known.error;
        },
      },
    });
    const port = clientPort(settings, {
      certificates,
      peer: (): Peer => peer,
      words: operators.words,
      service,
      measurements,
    });
    peer = new Peer(
      {
        ...configuration,
        ...overrides,
        lookup,
        memory,
        transport:
          transport?.(configuration.transport ?? plainTransport) ?? configuration.transport,
        storage: { ...configuration.storage, ...overrides?.storage },
        clients: port,
        measurements,
      },
      state,
    );
    await port?.listen();
    const stop = async (): Promise<void> => {
      audit?.stopping();
      certificates.close();
      await Promise.all([operators.close(), port?.close(), peer.stop()]);
      audit?.close();
    };
    const kill = async (): Promise<void> => {
      certificates.close();
      // Closing the port would send what waits.
      await Promise.all([operators.close(), peer.kill()]);
      audit?.close();
    };
    return {
      peer,
      clientPort: port?.port,
      secureClientPort: port?.securePort,
      get adminPort() {
        return operators.adminPort;
      },
      get metricsPort() {
        return operators.metricsPort;
      },
      get restoring() {
        return restoring;
      },
      start: async () => {
        await operators.open();
        certificates.watch();
        try {
          await startPeer(peer, loaded);
        } catch (error) {
          audit?.started("failure");
          throw error;
        }
        audit?.started("success");
      },
      stop,
      kill,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    audit?.close();
    throw explainStartFailure(error, loaded);
  }
}

/** Puts a snapshot in the place of a server's data once it is taken down. Does not reject. */
async function replaced(
  settings: PeerSettings,
  snapshot: CheckedSnapshot,
  takeDown: () => Promise<void>,
): Promise<RestoreOutcome> {
  try {
    await takeDown();
    const restored = replaceData(settings, snapshot, keptSuffix());
    return { kind: "restored", zxid: snapshot.zxid, restored };
  } catch (error) {
    return { kind: "failed", error };
  }
}

async function startPeer(peer: Peer, context: FailureContext): Promise<void> {
  try {
    await peer.start();
  } catch (error) {
    const { stopReason } = peer;
    if (stopReason !== undefined && stopReason.kind !== "asked") {
      throw refusedData(stopReason.text, context);
    }
    throw explainStartFailure(error, context);
  }
}

/** How the tree must be, so that requests and txns are treated as the settings say. */
function treeOptions({ requests, znodes }: PeerSettings): DataTreeOptions {
  return {
    extendedTypes: znodes.extendedTypes,
    emulates353Ttls: znodes.emulates353Ttls,
    maxNeverUsedMs: znodes.maxNeverUsedMs,
    digests: requests.digests,
    closeSessionTxns: requests.listsClosedEphemerals,
    enforcesQuotas: requests.enforcesQuotas,
    localSessions: requests.localSessions,
    access: {
      skipChecks: requests.skipsAcls,
      schemes: requests.authSchemes,
      anySaslUser: requests.anySaslUser,
      x509SuperUser: requests.x509SuperUser,
    },
  };
}

export function peerConfiguration(
  { settings }: LoadedConfiguration,
  certificates: Certificates,
): PeerConfiguration {
  const { election, storage, requests, znodes, tls, listensOnAllAddresses } = settings;
  return {
    sid: settings.sid,
    ensemble: settings.isStandalone ? new StandaloneVerifier(settings.sid) : settings.ensemble,
    dataDir: settings.dataDir,
    dataLogDir: settings.dataLogDir,
    tickTimeMs: settings.tickTimeMs,
    initLimit: settings.initLimitTicks,
    syncLimit: settings.syncLimitTicks,
    connectToLearnerMasterLimit: settings.connectToLearnerMasterLimitTicks,
    minNotificationIntervalMs: election.minNotificationIntervalMs,
    maxNotificationIntervalMs: election.maxNotificationIntervalMs,
    dialTimeoutMs: election.dialTimeoutMs,
    helloTimeoutMs: election.helloTimeoutMs,
    bindRetries: election.bindRetries,
    maxPacketBytes: settings.maxPacketBytes,
    commitLogCount: settings.commitLogCount,
    minSessionTimeoutMs: settings.minSessionTimeoutMs,
    maxSessionTimeoutMs: settings.maxSessionTimeoutMs,
    localSessions: requests.localSessions,
    overdueIntervalMs: znodes.overdueIntervalMs,
    maxOverduePerMinute: znodes.maxOverduePerMinute,
    storage,
    syncsInPlace: storage.syncsInPlace,
    random: Math.random,
    // Nobody has a better vote.
    ...(settings.isStandalone ? { finalizeWaitMs: 0 } : {}),
    ...(listensOnAllAddresses ? { listenHost: "::" } : {}),
    ...(tls === undefined ? {} : { transport: tlsTransport(tls, settings, certificates) }),
  };
}

function tlsTransport(
  tls: QuorumTlsSettings,
  { ensemble }: PeerSettings,
  certificates: Certificates,
): TlsTransport {
  const { verifiesServerHosts, verifiesClientHosts, protocols, ciphers, handshakeTimeoutMs } = tls;
  return new TlsTransport({
    ...certificates.read(tls, "quorum"),
    members: ensemble.members,
    verifiesServerHosts,
    verifiesClientHosts,
    protocols,
    ciphers,
    handshakeTimeoutMs,
  });
}

/** Clients are served from ZooKeeper's tree; of another state, only the words tell. */
function clientPort(
  { client, secureClient, serving }: PeerSettings,
  {
    certificates,
    peer,
    words,
    service,
    measurements,
  }: {
    readonly certificates: Certificates;
    readonly peer: () => Peer;
    readonly words: FourLetterAnswers;
    readonly service: ClientService | undefined;
    readonly measurements: ServerMetrics;
  },
): ClientPort | undefined {
  if (client === undefined && secureClient?.address === undefined) return undefined;
  const onProblem = (error: ListenError): void => {
    peer().reportPort(error);
  };
  return new ClientPort({
    target: client,
    tls: secureClient && {
      ...certificates.read(secureClient, "client"),
      target: secureClient.address,
      unified: secureClient.unified,
      clientAuth: secureClient.clientAuth,
      protocols: secureClient.protocols,
      ciphers: secureClient.ciphers,
      verifiesClientAddresses: secureClient.verifiesClientAddresses,
      maxHandshakes: secureClient.maxHandshakes,
      handshakeTimeoutMs: secureClient.handshakeTimeoutMs,
    },
    backlog: serving.listenBacklog,
    keepAlive: serving.keepsConnectionsAlive,
    maxConnections: {
      perAddress: serving.maxConnectionsPerAddress,
      total: serving.limits.maxConnections,
    },
    onProblem,
    onRefused: (address, trouble) => {
      measurements.count("connection_rejected");
      peer().reportRefusedClient(address, trouble);
    },
    onHandshakeFailure: () => {
      measurements.count("unsuccessful_handshake");
    },
    onHandshakeRefused: () => {
      measurements.count("tls_handshake_exceeded");
    },
    words,
    service,
  });
}

function adminTls(tls: AdminTlsSettings, certificates: Certificates): HttpTls {
  const { protocols, ciphers, handshakeTimeoutMs, unified, needsClientAuth } = tls;
  return {
    ...certificates.read(tls, "admin"),
    clientAuth: needsClientAuth ? "need" : "none",
    protocols,
    ciphers,
    handshakeTimeoutMs,
    unified,
  };
}

function auditLog(
  { settings, positionOf }: LoadedConfiguration,
  peer: () => Peer,
): AuditLog | undefined {
  if (settings.audit === undefined) return undefined;
  return new AuditLog({
    settings: settings.audit,
    positionOf,
    onEvent: (event) => {
      peer().emit("audited", event);
    },
    onReport: (report) => {
      peer().emit("report", report);
    },
  });
}
