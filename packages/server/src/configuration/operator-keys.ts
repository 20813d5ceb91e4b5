/** The keys of what operators see: admin server, metrics, audit log. */
import { boolean, type KeyRow, notNegative, port, positive, text } from "./key-row.js";

/** Java's, which shows metrics by `mntr` and the admin server only. */
export const DEFAULT_PROVIDER = "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider";
export const PROMETHEUS_PROVIDER =
  "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";

/** Java's, which hands lines to its logging library. */
export const DEFAULT_AUDIT_LOGGER = "org.apache.zookeeper.audit.Slf4jAuditLogger";

export const usedOperatorKeys: readonly KeyRow[] = [
  [
    "admin.enableServer",
    boolean,
    "false",
    undefined,
    "Whether the admin server answers commands over HTTP. Apache's server has it on until 3.9, for anybody on any network.",
  ],
  ["admin.serverAddress", text, "0.0.0.0", undefined, "The address for the admin server."],
  ["admin.serverPort", port, "8080", "port", "The admin server's port; 0 takes any free port."],
  ["admin.commandURL", text, "/commands", undefined, "The path below which commands are."],
  [
    "admin.idleTimeout",
    positive,
    "30000",
    "ms",
    "How long a connection to the admin server may idle.",
  ],
  [
    "admin.browseTree",
    boolean,
    "false",
    undefined,
    "Whether the page of the admin server shows znodes, to everybody whom their access control lists let read them by address. Apache's server has no such page.",
  ],
  [
    "admin.portUnification",
    boolean,
    "false",
    undefined,
    "Whether the port of the admin server takes TLS as well, with the key store of ssl.quorum.keyStore.",
  ],
  [
    "admin.forceHttps",
    boolean,
    "false",
    undefined,
    "Whether it takes TLS alone; admin.portUnification means nothing then.",
  ],
  [
    "admin.needClientAuth",
    boolean,
    "false",
    undefined,
    "Whether, inside TLS, a certificate must be shown for which ssl.quorum.trustStore vouches.",
  ],
  [
    "admin.snapshot.enabled",
    boolean,
    "true",
    undefined,
    "Whether the command snapshot is answered, to those who have all rights on the root.",
  ],
  [
    "admin.restore.enabled",
    boolean,
    "true",
    undefined,
    "Whether the command restore is answered, where a server stands alone, to those who have all rights on the root.",
  ],
  [
    "admin.rateLimiterIntervalInMS",
    notNegative,
    "300000",
    "ms",
    "The least time between two such snapshots, and between two such restores. Apache's 3.9 takes it for microseconds with snapshots.",
  ],
  [
    "metricsProvider.className",
    text,
    DEFAULT_PROVIDER,
    undefined,
    "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider opens a port for Prometheus; another one than that and the default is refused.",
  ],
  [
    "metricsProvider.httpHost",
    text,
    "0.0.0.0",
    undefined,
    "The address at which Prometheus finds /metrics.",
  ],
  ["metricsProvider.httpPort", port, "7000", "port", "Its port; 0 takes any free port."],
  [
    "metricsProvider.exportJvmInfo",
    boolean,
    "true",
    undefined,
    "Whether figures of the process are shown too: Node's, under the names of prom-client.",
  ],
  [
    "audit.enable",
    boolean,
    "false",
    undefined,
    "Whether each change that clients ask for is logged, with who asked and whether it was made.",
  ],
  [
    "audit.file",
    text,
    undefined,
    undefined,
    "The file that these lines are appended to; without a line they are part of the log. Apache's server has its logging library's configuration for this.",
  ],
  [
    "audit.impl.class",
    text,
    DEFAULT_AUDIT_LOGGER,
    undefined,
    "Another one than the default is refused: a Java class cannot run here.",
  ],
];

export const acceptedOperatorKeys: readonly KeyRow[] = [
  ["metricsProvider.*", text, undefined, undefined, "Belongs to Java's providers of metrics."],
  ["audit.*", text, undefined, undefined, "The audit log has no such setting."],
  ["admin.*", text, undefined, undefined, "The admin server has no such thing."],
];
