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
import { DataTree } from "@jute-ts/data-tree";
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
export interface ConfiguredPeer {
  readonly peer: Peer<DataTree>;
  /** Where commands are answered: the port, or undefined when there is none. */
  readonly clientPort: number | undefined;
  /** Starts the peer; until then nothing is open but the client port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a peer of a configuration. Listen to its events, then start it. */
export async function configurePeer({
  settings,
  text,
  path,
}: LoadedConfiguration): Promise<ConfiguredPeer> {
  makeDirectories(settings);
  const tree = new DataTree();
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

function peerConfiguration(settings: PeerSettings): PeerConfiguration {
  const { election, storage, tls, listensOnAllAddresses } = settings;
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
    helloTimeoutMs: Math.min(MAX_HELLO_MS, election.helloTimeoutMs),
    bindRetries: election.bindRetries,
    maxPacketBytes: settings.maxPacketBytes,
    commitLogCount: settings.commitLogCount,
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
  const { host, port, commands } = client;
  return new AdminCommands({
    host,
    port,
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
    .filter((line) => line !== "" && !/^[#!]/u.test(line) && !/password/iu.test(line))
    .map((line): readonly [string, string] => {
      const at = line.search(/[=:]/u);
      return at === -1 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
  return [["configFile", basename(dirname(path)) + "/" + basename(path)], ...lines];
}

/** Java allows a hello as long as syncLimit; an honest server sends it with its first packet. */
const MAX_HELLO_MS = 1000;
