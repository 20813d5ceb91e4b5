/** What zoo.cfg says, as values that have been checked: units in the names, defaults filled in. */
import type { Member, QuorumVerifier } from "@jute-ts/quorum/membership";
import type { Sid } from "@jute-ts/zookeeper";
import type { AdminSettings, AuditSettings, MetricsSettings } from "./operator-settings.js";
import type {
  AuthenticationSettings,
  ClientLimitSettings,
  ClientSettings,
} from "./client-settings.js";

export interface PeerSettings {
  readonly sid: Sid;
  readonly ensemble: QuorumVerifier;
  /** Whether there are no other servers, and never will be: no port is opened for them. */
  readonly isStandalone: boolean;
  /** By the server's own line. */
  readonly role: Member["role"];
  /** Holds version-2/ with snapshots and epochs, and myid. As it was written, perhaps relative. */
  readonly dataDir: string;
  /** Holds version-2/ with the txn log. */
  readonly dataLogDir: string;
  readonly dynamicConfigFile: string | undefined;
  /** Whether missing directories are made. */
  readonly createsDirectories: boolean;
  readonly tickTimeMs: number;
  readonly initLimitTicks: number;
  readonly syncLimitTicks: number;
  readonly connectToLearnerMasterLimitTicks: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Whether the two ports of the ensemble are opened on all addresses. */
  readonly listensOnAllAddresses: boolean;
  /** Where clients come to and commands are answered; undefined where nobody does. */
  readonly client: ClientSettings | undefined;
  /** The same inside TLS. */
  readonly secureClient: SecureClientSettings | undefined;
  /** How clients are served, wherever they come to. */
  readonly serving: ServingSettings;
  readonly election: ElectionSettings;
  readonly storage: StorageSettings;
  /** What this server makes of requests while it leads. */
  readonly requests: RequestSettings;
  readonly znodes: ZnodeSettings;
  /** The longest data of a packet, and the longest txn. */
  readonly maxPacketBytes: number;
  /** Committed txns kept in memory for learners that come back. */
  readonly commitLogCount: number;
  readonly tls: QuorumTlsSettings | undefined;
  /** Undefined where there is no admin server. */
  readonly admin: AdminSettings | undefined;
  /** TLS of the admin server; undefined: it speaks none. */
  readonly adminTls: AdminTlsSettings | undefined;
  /** Undefined where there is no port for Prometheus. */
  readonly metrics: MetricsSettings | undefined;
  /** Undefined where nothing is audited. */
  readonly audit: AuditSettings | undefined;
  /** The keys that Apache's server keeps as system properties `zookeeper.KEY`, secrets included. */
  readonly properties: ReadonlyMap<string, string>;
}

export interface ServingSettings {
  /** Whether a leader serves clients. */
  readonly leaderServes: boolean;
  /** Whether changes that a client may not make by the tree as it is here go no further. */
  readonly checksAclsEagerly: boolean;
  /** Whether a session that only this server knows becomes one of the ensemble when it needs to. */
  readonly upgradesLocalSessions: boolean;
  /** How long a leader is looked for before clients that only read are served; undefined: they never are. */
  readonly readOnlyAfterMs: number | undefined;
  /** The longest request of a client. */
  readonly maxRequestBytes: number;
  /** How many requests of this server's clients may wait for their answer while more is read. */
  readonly maxOutstandingRequests: number;
  /** How many connections may wait to be accepted; undefined: as many as the system lets. */
  readonly listenBacklog: number | undefined;
  /** Whether the system looks after connections that are silent. */
  readonly keepsConnectionsAlive: boolean;
  /** Most connections of one address; 0 is no limit. */
  readonly maxConnectionsPerAddress: number;
  readonly authentication: AuthenticationSettings;
  readonly limits: ClientLimitSettings;
}

export interface SecureClientSettings {
  /** A port for TLS alone; undefined: both come to the port of clients. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  /** Whether the port of clients takes TLS as well. */
  readonly unified: boolean;
  readonly keyStore: KeyStoreSettings;
  /** A PEM file with the certificates that are trusted; undefined: no client's is. */
  readonly trustStoreLocation: string | undefined;
  /** Whether the files are read again when they change. */
  readonly reloads: boolean;
  /** Whether clients must show a certificate, may, or are not asked. */
  readonly clientAuth: "need" | "want" | "none";
  readonly protocols: readonly TlsProtocol[];
  /** OpenSSL's names of the cipher suites, with colons between them; undefined: Node's choice. */
  readonly ciphers: string | undefined;
  /** Whether the certificate of a client must name the address that it comes from. */
  readonly verifiesClientAddresses: boolean;
  /** How many handshakes may be under way at once; Infinity: any number. */
  readonly maxHandshakes: number;
  readonly handshakeTimeoutMs: number;
}

export interface RequestSettings {
  /** Whether everybody may do everything. */
  readonly skipsAcls: boolean;
  /** The schemes besides world and auth that ACLs may name. */
  readonly authSchemes: ReadonlySet<AuthScheme>;
  /** The sasl id in ACLs that stands for every SASL user. */
  readonly anySaslUser: string | undefined;
  /** Whom every x509 id in ACLs stands for as well. */
  readonly x509SuperUser: string | undefined;
  /** Whether hard quotas are enforced. */
  readonly enforcesQuotas: boolean;
  /** Whether there may be sessions that only the client's own server knows. */
  readonly localSessions: boolean;
  /** Whether txns carry the tree's digest. */
  readonly digests: boolean;
  /** Whether a closeSession lists the ephemerals that end with it. */
  readonly listsClosedEphemerals: boolean;
}

export type AuthScheme = "digest" | "ip" | "sasl" | "x509";

export interface ZnodeSettings {
  /** Whether znodes may have a time to live. */
  readonly extendedTypes: boolean;
  /** Whether those of 3.5.3 are such too. */
  readonly emulates353Ttls: boolean;
  /** How often a leader looks for containers and TTL znodes that are over. */
  readonly overdueIntervalMs: number;
  readonly maxOverduePerMinute: number;
  /** How long a container may wait for its first child; 0 means without limit. */
  readonly maxNeverUsedMs: number;
}

export interface ElectionSettings {
  readonly dialTimeoutMs: number;
  /** For the first message of a connection. */
  readonly helloTimeoutMs: number;
  /** Infinity: without an end. */
  readonly bindRetries: number;
  readonly minNotificationIntervalMs: number;
  readonly maxNotificationIntervalMs: number;
}

/** A superset of what the core's storage asks for. */
export interface StorageSettings {
  readonly snapCount: number;
  readonly preAllocSizeBytes: number;
  readonly maxBatchTxns: number;
  /** Whether fsyncs of the log may be made on the thread that does everything else. */
  readonly syncsInPlace: boolean;
  /** Undefined: nothing is ever removed. */
  readonly retainSnapshots: number | undefined;
  /** How often what is not retained is removed; undefined: never. */
  readonly purgeIntervalMs: number | undefined;
  readonly digestInSnapshots: boolean;
  readonly lastZxidInSnapshots: boolean;
  readonly autocreate: boolean;
  readonly trustEmptySnapshot: boolean;
}

/** TLS of the admin server. */
export interface AdminTlsSettings {
  readonly keyStore: KeyStoreSettings;
  /** A PEM file with the certificates that are trusted; undefined: clients are not asked for theirs. */
  readonly trustStoreLocation: string | undefined;
  /** Whether the files are read again when they change. */
  readonly reloads: boolean;
  readonly protocols: readonly TlsProtocol[];
  /** OpenSSL's names of the cipher suites, with colons between them; undefined: Node's choice. */
  readonly ciphers: string | undefined;
  readonly handshakeTimeoutMs: number;
  /** Whether the port takes what is not inside TLS as well. */
  readonly unified: boolean;
  /** Whether clients must show a certificate that is trusted. */
  readonly needsClientAuth: boolean;
}

export interface QuorumTlsSettings {
  readonly keyStore: KeyStoreSettings;
  /** A PEM file with the certificates that are trusted. */
  readonly trustStoreLocation: string;
  /** Whether the files are read again when they change. */
  readonly reloads: boolean;
  /** Whether a certificate must name the host that was connected to. */
  readonly verifiesServerHosts: boolean;
  /** Whether a certificate must name the host that connects. */
  readonly verifiesClientHosts: boolean;
  readonly protocols: readonly TlsProtocol[];
  /** OpenSSL's names of the cipher suites, with colons between them; undefined: Node's choice. */
  readonly ciphers: string | undefined;
  readonly handshakeTimeoutMs: number;
}

export interface KeyStoreSettings {
  readonly location: string;
  readonly format: "pem" | "pkcs12";
  readonly password: KeyPassword;
}

export type KeyPassword =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly text: string }
  /** The first line of a file. */
  | { readonly kind: "file"; readonly location: string };

export type TlsProtocol = "TLSv1.2" | "TLSv1.3";
