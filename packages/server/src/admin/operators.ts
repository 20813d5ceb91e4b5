/**
 * Everything that a server shows to operators, put together: the view of it, and
 * what answers questions about it.
 */
import { join } from "node:path";
import { DataTree } from "@jute-ts/data-tree";
import type { PeerStatus, ReplicatedState } from "@jute-ts/quorum";
import type { AdminSettings, MetricsSettings, PeerSettings } from "../configuration/index.js";
import type { ListenError } from "../node/open-ports.js";
import { installed, version } from "../node/version.js";
import { AdminServer } from "./admin-server.js";
import { figuresOf } from "./figures.js";
import type { AuthenticationOptions } from "../clients/authentication/index.js";
import type { HttpPort, HttpTls } from "./http-port.js";
import type { RestoreCommandOptions } from "./restore-command.js";
import { metricsServer } from "./metrics-server.js";
import { FourLetterWords } from "./four-letter-words.js";
import type { PeerMetrics } from "./peer-metrics.js";
import { peerView } from "./peer-view.js";
import type {
  ClientsView,
  FourLetterAnswers,
  LearnerView,
  ServerView,
  SettingsView,
  TreeView,
} from "./server-view.js";
import { newTraceMask } from "./trace-mask.js";

export interface OperatorsOptions {
  readonly settings: PeerSettings;
  /** The text that they were read from. */
  readonly configuration: string;
  readonly state: ReplicatedState;
  /** Asked when something is shown, and not before. */
  readonly peer: () => ObservedPeer;
  /** Its figures, which go on being counted. */
  readonly metrics: () => PeerMetrics;
  readonly clients: ClientsView;
  /** The port that is open; undefined while none is. */
  readonly clientPort: () => number | undefined;
  /** How many TLS handshakes of clients are under way. */
  readonly handshakes: () => number;
  /** TLS of the admin server. */
  readonly adminTls: HttpTls | undefined;
  /** How those who ask for a snapshot, or bring one, prove who they are. */
  readonly authentication: AuthenticationOptions;
  /** How the server is restored while it runs. */
  readonly restores: Pick<RestoreCommandOptions, "offer" | "replace">;
}

/** What is asked of a peer. */
export interface ObservedPeer {
  status(): PeerStatus;
  learners(): readonly LearnerView[];
  resetObserverStatistics(): void;
  sessionExpiries(): ReadonlyMap<bigint, number>;
  reportPort(error: ListenError): void;
}

export class Operators {
  readonly words: FourLetterAnswers;
  readonly #options: OperatorsOptions;
  readonly #tree: TreeView;
  readonly #traceMask = newTraceMask();
  readonly #admin: AdminServer | undefined;
  #metrics: HttpPort | undefined;

  constructor(options: OperatorsOptions) {
    const { settings, state, metrics } = options;
    this.#options = options;
    this.#tree = treeView(state);
    const commands = settings.client?.commands ?? new Set();
    this.words = new FourLetterWords({
      allowed: commands === "all" ? new Set(["*"]) : commands,
      readOnlyMode: settings.serving.readOnlyAfterMs !== undefined,
      view: () => this.view(),
      metrics,
      traceMask: this.#traceMask,
    });
    this.#admin = settings.admin && this.#adminServer(settings.admin);
  }

  /** Opens the ports that are configured. One that is taken is reported, and tried again. */
  async open(): Promise<void> {
    const { metrics } = this.#options.settings;
    this.#metrics = metrics && (await this.#metricsServer(metrics));
    await Promise.all([this.#admin?.open(), this.#metrics?.open()]);
  }

  /** Resolves when no port is open. */
  async close(): Promise<void> {
    await Promise.all([this.#admin?.close(), this.#metrics?.close()]);
  }

  /** Where the admin server answers; undefined where none does. */
  get adminPort(): number | undefined {
    return this.#admin?.port;
  }

  /** Where Prometheus scrapes; undefined where it cannot. */
  get metricsPort(): number | undefined {
    return this.#metrics?.port;
  }

  #adminServer(admin: AdminSettings): AdminServer {
    const { settings, configuration, peer, metrics, state } = this.#options;
    const { adminTls, authentication, restores } = this.#options;
    return new AdminServer({
      settings: admin,
      state,
      tls: adminTls,
      snapshots: { storage: settings.storage, authentication },
      restores: { ...restores, settings, authentication },
      context: () => ({
        view: this.view(),
        metrics: metrics(),
        traceMask: this.#traceMask,
        properties: settings.properties,
        configuration,
      }),
      onProblem: (error) => {
        peer().reportPort(error);
      },
    });
  }

  async #metricsServer(settings: MetricsSettings): Promise<HttpPort> {
    const { peer, metrics } = this.#options;
    return await metricsServer({
      settings,
      figures: () => {
        const figures = metrics();
        return figuresOf(this.view(), figures.server, figures.list());
      },
      onProblem: (error) => {
        peer().reportPort(error);
      },
    });
  }

  /** The server at this moment. */
  view(): ServerView {
    const { settings, peer, metrics, clients, clientPort, handshakes } = this.#options;
    return peerView({
      version: VERSION,
      standalone: settings.isStandalone,
      status: () => peer().status(),
      metrics,
      learners: () => peer().learners(),
      resetObserverStatistics: () => {
        peer().resetObserverStatistics();
      },
      sessionExpiries: () => peer().sessionExpiries(),
      clients,
      handshakes: handshakes(),
      tree: this.#tree,
      settings: settingsView(settings, clientPort()),
    });
  }
}

function settingsView(settings: PeerSettings, clientPort: number | undefined): SettingsView {
  const { client, secureClient, serving, ensemble } = settings;
  return {
    clientPort: clientPort ?? client?.port ?? -1,
    secureClientPort: secureClient?.address?.port ?? -1,
    dataDir: join(settings.dataDir, VERSION_2),
    dataLogDir: join(settings.dataLogDir, VERSION_2),
    tickTimeMs: settings.tickTimeMs,
    maxClientConnections: serving.maxConnectionsPerAddress,
    minSessionTimeoutMs: settings.minSessionTimeoutMs,
    maxSessionTimeoutMs: settings.maxSessionTimeoutMs,
    clientPortListenBacklog: serving.listenBacklog ?? -1,
    sid: settings.sid,
    quorum: settings.isStandalone
      ? undefined
      : {
          initLimitTicks: settings.initLimitTicks,
          syncLimitTicks: settings.syncLimitTicks,
          ensemble,
        },
  };
}

/** Another state than ZooKeeper's tree is not known from inside. */
function treeView(state: ReplicatedState): TreeView {
  if (!(state instanceof DataTree)) return NO_TREE;
  return {
    // Java counts the root twice, under both of its names; so do those who compare.
    get nodeCount() {
      return state.nodeCount + 1;
    },
    get approximateDataSize() {
      return state.approximateDataSize + 1;
    },
    get ephemeralCount() {
      return state.ephemeralCount;
    },
    ephemerals: () => state.ephemerals(),
    digests: () => state.digests,
  };
}

const NO_TREE: TreeView = {
  nodeCount: 0,
  approximateDataSize: 0,
  ephemeralCount: 0,
  ephemerals: () => [],
  digests: () => [],
};

/**
 * Tools read numbers from its beginning, up to the first comma, and expect the answers of
 * that release of ZooKeeper; the rest says who answers.
 */
const VERSION = `3.8.0-jute-ts-${version}, built on ${installed}`;
const VERSION_2 = "version-2";
