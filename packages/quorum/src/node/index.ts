/** Peers and ensembles on real sockets and disks. */
export {
  type Committed,
  Peer,
  type PeerConfiguration,
  type PeerEvents,
  RequestError,
  startPeer,
} from "./peer.js";
export { Ensemble, type EnsembleOptions, startEnsemble } from "./ensemble.js";
export {
  ProcessEnsemble,
  type ProcessEnsembleOptions,
  type ServerProcess,
  startProcessEnsemble,
} from "./process-ensemble.js";
export {
  configurePeer,
  type ConfiguredPeer,
  loadConfiguration,
  type LoadedConfiguration,
} from "./configured-peer.js";
export { type Metric, PeerMetrics } from "./peer-metrics.js";
export { describeReport, type ReportLevel, reportLevel, reportToJson } from "./report-text.js";
export { plainTransport, type Transport } from "./transport.js";
export { type TlsIdentity, type TlsOptions, TlsTransport } from "./tls-transport.js";
export { AdminCommands, type AdminCommandsOptions } from "./admin-commands.js";
