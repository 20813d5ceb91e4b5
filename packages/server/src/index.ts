/** Peers and ensembles on real sockets and disks. */
export { Peer, type PeerConfiguration, type PeerEvents, startPeer } from "./node/peer.js";
export type { Committed, RawChange, ResultOf } from "./node/requests.js";
export type { WaitOptions } from "./node/waiting.js";
export {
  EnsembleStoppedError,
  isEnsembleStoppedError,
  isPeerStoppedError,
  isRequestError,
  isTimeoutError,
  PeerStoppedError,
  RequestError,
  type RequestErrorCode,
  TimeoutError,
} from "./node/errors.js";
export { Ensemble, type EnsembleOptions, startEnsemble } from "./ensemble/ensemble.js";
export { type EnsembleLayoutOptions, EnsembleOptionsError } from "./ensemble/ensemble-options.js";
export type { ServerLayout } from "./ensemble/ensemble-layout.js";
export type { EnsembleControl } from "./ensemble/ensemble-control.js";
export { type ServerOptions, StandaloneServer, startServer } from "./ensemble/standalone-server.js";
export { MemoryStorage } from "./node/memory-storage.js";
export {
  type ConnectString,
  formatHostAndPort,
  type HostAndPort,
  parseConnectString,
} from "./node/connect-string.js";
export {
  ProcessEnsemble,
  type ProcessEnsembleOptions,
  type ServerProcess,
  startProcessEnsemble,
} from "./ensemble/process-ensemble.js";
export {
  configurePeer,
  type ConfiguredPeer,
  type ConfiguredPeerOptions,
  loadConfiguration,
  type LoadedConfiguration,
} from "./node/server.js";
export { StartError } from "./node/start-failure.js";
export type { Metric } from "./admin/peer-metrics.js";
export {
  describeReport,
  type ReportLevel,
  reportLevel,
  reportToJson,
} from "./admin/report-text.js";
export { type Lookup, systemLookup } from "./node/name-lookup.js";
export {
  type MissingServer,
  type NetworkReport,
  type NetworkTrouble,
  type PeerReport,
  type PortName,
  type Trouble,
  type TroubleKind,
} from "./node/network-report.js";
export type { WatchTimes } from "./node/network-watch.js";
export { ListenError } from "./node/open-ports.js";
export { ConnectError, type FailedAttempt } from "./node/connecting.js";
export {
  type Destination,
  type OpenSocket,
  plainTransport,
  type RefusedSocket,
  type Transport,
} from "./node/transport.js";
export { type TlsIdentity, type TlsOptions, TlsTransport } from "./node/tls-transport.js";
