/** ZooKeeper's configuration files: zoo.cfg, the dynamic file and myid, read as texts. */
export {
  ConfigurationError,
  formatPosition,
  type ConfigurationNote,
  type ConfigurationProblem,
} from "./configuration-error.js";
export type { ConfigurationKey, KeyUnit, KeyValue } from "./key-row.js";
export { configurationKeys } from "./keys.js";
export type {
  AuthenticationSettings,
  ClientLimitSettings,
  ClientSettings,
  ConnectionThrottleSettings,
  DigestAlgorithm,
  LargeRequestSettings,
  SaslSettings,
} from "./client-settings.js";
export { parseSaslUsers } from "./jaas.js";
export type {
  AdminTlsSettings,
  AuthScheme,
  SecureClientSettings,
  ServingSettings,
  ElectionSettings,
  KeyPassword,
  KeyStoreSettings,
  PeerSettings,
  QuorumTlsSettings,
  RequestSettings,
  StorageSettings,
  TlsProtocol,
  ZnodeSettings,
} from "./peer-settings.js";
export type { AdminSettings, AuditSettings, MetricsSettings } from "./operator-settings.js";
export { type NamedText, type Position, positionsIn } from "./positions.js";
export {
  parseProperties,
  type Properties,
  type PropertyEntry,
  type PropertyProblem,
} from "./properties.js";
export {
  filesNamedIn,
  parseZooCfg,
  type NamedFiles,
  type ZooCfg,
  type ZooCfgOptions,
} from "./zoo-cfg.js";
