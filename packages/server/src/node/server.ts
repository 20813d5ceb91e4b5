/**
 * A peer as its zoo.cfg describes it: reads the files, opens the ports, starts
 * the peer and what answers ZooKeeper's commands beside it.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import {
  type ConfigurationNote,
  filesNamedIn,
  type KeyPassword,
  parseZooCfg,
  type PeerSettings,
} from "../configuration/index.js";
import { DataTree, type DataTreeOptions } from "@jute-ts/data-tree";
import { AdminCommands } from "../admin/admin-commands.js";
import { Peer, type PeerConfiguration } from "./peer.js";
import { TlsTransport } from "./tls-transport.js";

/** What a configuration file says. */
export interface LoadedConfiguration {
  readonly path: string;
  readonly text: string;
  readonly settings: PeerSettings;
  readonly notes: readonly ConfigurationNote[];
}

/** Reads zoo.cfg and the files that it names. Throws ConfigurationError, or an error of the file system. */
export function loadConfiguration(path: string): LoadedConfiguration {
  const text = readFileSync(path, "utf8");
  const { dataDir, dynamicConfigFile } = filesNamedIn(text);
  const dynamicPath = dynamicConfigFile === undefined ? undefined : resolve(dynamicConfigFile);
  const myidPath = dataDir === undefined ? undefined : resolve(dataDir, "myid");
  const { settings, notes } = parseZooCfg(text, {
    fileName: path,
    dynamic:
      dynamicPath === undefined
        ? undefined
        : { fileName: dynamicPath, text: readFileSync(dynamicPath, "utf8") },
    myid:
      myidPath === undefined || !existsSync(myidPath) ? undefined : readFileSync(myidPath, "utf8"),
  });
  return { path, text, settings, notes };
}

/** A peer, and the commands on its client port. */
export interface ConfiguredPeer<T extends DataTree = DataTree> {
  readonly peer: Peer<T>;
  /** Where commands are answered: the port, or undefined when there is none. */
  readonly clientPort: number | undefined;
  /** Starts the peer; until then nothing is open but the client port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Makes a peer of a configuration. Listen to its events, then start it. With
 * `newTree` the tree may be one that does more, such as watch; it must keep to the
 * options that it is given.
 */
export async function configurePeer<T extends DataTree = DataTree>(
  { settings, text, path }: LoadedConfiguration,
  newTree: (options: DataTreeOptions) => T = (options) => new DataTree(options) as T,
): Promise<ConfiguredPeer<T>> {
  makeDirectories(settings);
  const tree = newTree(treeOptions(settings));
  const peer = new Peer(peerConfiguration(settings), tree);
  const commands = adminCommands(settings, peer, tree, text, path);
  const clientPort = await commands?.listen();
  return {
    peer,
    clientPort,
    start: async () => {
      await peer.start();
    },
    stop: async () => {
      commands?.close();
      await peer.stop();
    },
  };
}

function makeDirectories({ dataDir, dataLogDir, createsDirectories }: PeerSettings): void {
  for (const directory of new Set([dataDir, dataLogDir])) {
    if (existsSync(directory)) continue;
    if (!createsDirectories) {
      throw new Error(`${directory} does not exist, and datadir.autocreate is false: make it`);
    }
    mkdirSync(directory, { recursive: true });
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

function peerConfiguration(settings: PeerSettings): PeerConfiguration {
  const { election, storage, requests, znodes, tls, listensOnAllAddresses } = settings;
  return {
    sid: settings.sid,
    ensemble: settings.ensemble,
    dataDir: settings.dataDir,
    dataLogDir: settings.dataLogDir,
    tickTimeMs: settings.tickTimeMs,
    initLimit: settings.initLimitTicks,
    syncLimit: settings.syncLimitTicks,
    connectToLearnerMasterLimit: settings.connectToLearnerMasterLimitTicks,
    minNotificationIntervalMs: election.minNotificationIntervalMs,
    maxNotificationIntervalMs: election.maxNotificationIntervalMs,
    connectTimeoutMs: election.connectTimeoutMs,
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
    random: Math.random,
    ...(listensOnAllAddresses ? { listenHost: "::" } : {}),
    ...(tls === undefined ? {} : { transport: tlsTransport(settings) }),
  };
}

function tlsTransport({ tls, ensemble }: PeerSettings): TlsTransport {
  if (tls === undefined) throw new Error("sslQuorum is off");
  const { keyStore, trustStoreLocation, verifiesServerHosts, verifiesClientHosts } = tls;
  const passphrase = passwordOf(keyStore.password);
  return new TlsTransport({
    identity:
      keyStore.format === "pem"
        ? { format: "pem", text: readFileSync(keyStore.location, "utf8") }
        : { format: "pkcs12", bytes: readFileSync(keyStore.location) },
    passphrase,
    authorities: readFileSync(trustStoreLocation, "utf8"),
    members: ensemble.members,
    verifiesServerHosts,
    verifiesClientHosts,
    protocols: tls.protocols,
    handshakeTimeoutMs: tls.handshakeTimeoutMs,
  });
}

function passwordOf(password: KeyPassword): string | undefined {
  switch (password.kind) {
    case "none":
      return undefined;
    case "text":
      return password.text;
    case "file":
      return readFileSync(password.location, "utf8").split(/\r?\n/u)[0];
  }
}

function adminCommands(
  { client }: PeerSettings,
  peer: Peer<DataTree>,
  tree: DataTree,
  text: string,
  path: string,
): AdminCommands | undefined {
  if (client === undefined) return undefined;
  const { host, port, commands, maxConnectionsPerAddress } = client;
  return new AdminCommands({
    host,
    port,
    maxConnectionsPerAddress,
    allowed: commands === "all" ? ["*"] : [...commands],
    metrics: () => peer.metrics(),
    nodeCount: () => tree.nodeCount,
    configuration: shownConfiguration(text, path),
    onProblem: (error) => {
      peer.reportClientPort(error);
    },
  });
}

/** What `conf` shows: the file as it is, without its comments and its passwords. */
function shownConfiguration(text: string, path: string): (readonly [string, string])[] {
  const lines = text
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^[#!]/u.test(line) && !/password|superDigest/iu.test(line))
    .map((line): readonly [string, string] => {
      const at = line.search(/[=:]/u);
      return at === -1 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
  return [["configFile", basename(dirname(path)) + "/" + basename(path)], ...lines];
}
