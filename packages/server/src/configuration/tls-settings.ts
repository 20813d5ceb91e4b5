/** The keys of TLS: between servers `sslQuorum` and `ssl.quorum.*`, of clients `ssl.*`. Files are named here, not read. */
import { isHostName, isIPv6, shown } from "@jute-ts/quorum/membership";
import { cipherSuiteOf } from "./cipher-suites.js";
import type { KeyValues } from "./key-values.js";
import type {
  AdminTlsSettings,
  KeyPassword,
  QuorumTlsSettings,
  SecureClientSettings,
  TlsProtocol,
} from "./peer-settings.js";

/** Undefined without sslQuorum. Problems and notes go to `values`. */
export function readTlsSettings(values: KeyValues): QuorumTlsSettings | undefined {
  if (!values.boolean(SSL_QUORUM)) {
    if (whatAdminNeeds(values) === undefined) noteUnusedStores(values);
    return undefined;
  }
  const stores = readQuorumStores(values, SSL_QUORUM);
  const trustStoreLocation = readStore(
    values,
    "ssl.quorum.trustStore",
    ["pem"],
    SSL_QUORUM,
  )?.location;
  if (stores === undefined || trustStoreLocation === undefined) return undefined;
  const verifiesServerHosts = values.boolean("ssl.quorum.hostnameVerification");
  return {
    ...stores,
    trustStoreLocation,
    verifiesServerHosts,
    verifiesClientHosts: values.has("ssl.quorum.clientHostnameVerification")
      ? values.boolean("ssl.quorum.clientHostnameVerification")
      : verifiesServerHosts,
  };
}

function readQuorumStores(
  values: KeyValues,
  neededBy: string,
):
  | Pick<QuorumTlsSettings, "keyStore" | "reloads" | "protocols" | "ciphers" | "handshakeTimeoutMs">
  | undefined {
  const keyStore = readStore(values, "ssl.quorum.keyStore", ["pem", "pkcs12"], neededBy);
  const { protocols, ciphers } = readSpoken(values, "ssl.quorum");
  if (keyStore === undefined) return undefined;
  return {
    keyStore: { ...keyStore, password: readPassword(values, "ssl.quorum.keyStore") },
    reloads: values.boolean("sslQuorumReloadCertFiles"),
    protocols,
    ciphers,
    handshakeTimeoutMs: values.integerOrDefault("ssl.quorum.handshakeDetectionTimeoutMillis"),
  };
}

/** TLS of the admin server, with the stores of the ensemble's. Undefined where nothing asks for it. */
export function readAdminTls(values: KeyValues): AdminTlsSettings | undefined {
  const neededBy = whatAdminNeeds(values);
  const needsClientAuth = values.boolean("admin.needClientAuth");
  if (neededBy === undefined) {
    if (needsClientAuth) {
      const line = values.lineOf("admin.needClientAuth");
      values.refuse(
        line,
        "admin.needClientAuth needs admin.forceHttps=true: without TLS, nobody shows a certificate.",
      );
    }
    return undefined;
  }
  const stores = readQuorumStores(values, neededBy);
  const trustStore = needsClientAuth
    ? readStore(values, "ssl.quorum.trustStore", ["pem"], "admin.needClientAuth")
    : undefined;
  if (stores === undefined) return undefined;
  const unified = neededBy === "admin.portUnification";
  if (unified && needsClientAuth) {
    values.note(
      "advice",
      values.lineOf("admin.needClientAuth"),
      "admin.needClientAuth holds inside TLS only, and admin.portUnification lets plain HTTP in without a certificate. Write admin.forceHttps=true to keep it out.",
    );
  }
  return {
    ...stores,
    trustStoreLocation: trustStore?.location,
    unified,
    needsClientAuth,
  };
}

/** The key that asks for TLS of the admin server; the stricter one of two. */
function whatAdminNeeds(values: KeyValues): string | undefined {
  if (!values.boolean("admin.enableServer")) return undefined;
  return ["admin.forceHttps", "admin.portUnification"].find((key) => values.boolean(key));
}

/**
 * TLS of clients: `secureClientPort`, `client.portUnification` and `ssl.*`. Undefined where
 * neither port takes it.
 */
export function readSecureClient(values: KeyValues): SecureClientSettings | undefined {
  const address = readSecureAddress(values);
  const unified = values.boolean("client.portUnification");
  if (address === undefined && !unified) return undefined;
  const neededBy = address === undefined ? "client.portUnification" : SECURE_PORT;
  const clientAuth = readClientAuth(values);
  const keyStore = readStore(values, "ssl.keyStore", ["pem", "pkcs12"], neededBy);
  // Without certificates that are trusted, nobody's could be looked at.
  const trustStore =
    clientAuth === "none" && !values.has("ssl.trustStore.location")
      ? undefined
      : readStore(values, "ssl.trustStore", ["pem"], neededBy);
  const { protocols, ciphers } = readSpoken(values, "ssl");
  const handshakes = values.integerOrDefault("netty.server.outstandingHandshake.limit");
  if (keyStore === undefined) return undefined;
  return {
    address,
    unified,
    keyStore: { ...keyStore, password: readPassword(values, "ssl.keyStore") },
    trustStoreLocation: trustStore?.location,
    reloads: values.boolean("client.certReload"),
    clientAuth,
    protocols,
    ciphers,
    verifiesClientAddresses: values.boolean("ssl.clientHostnameVerification"),
    maxHandshakes: handshakes > 0 ? handshakes : Infinity,
    handshakeTimeoutMs: values.integerOrDefault("ssl.handshakeDetectionTimeoutMillis"),
  };
}

/** 0 is no port, as in Java. */
function readSecureAddress(
  values: KeyValues,
): { readonly host: string; readonly port: number } | undefined {
  const key = "secureClientPortAddress";
  const given = values.text(key);
  const port = values.integer(SECURE_PORT) ?? 0;
  if (!values.has(SECURE_PORT) && given !== undefined) {
    const message = `${key} needs ${SECURE_PORT}. Add it or remove the address.`;
    values.refuse(values.lineOf(key), message);
  }
  if (port === 0) return undefined;
  const host = given === undefined ? ANY_HOST : given.replace(/^\[(.*)\]$/, "$1");
  if (!isHostName(host) && !isIPv6(host)) {
    values.refuse(
      values.lineOf(key),
      `${key} is "${shown(host)}", which can be no name and no address. Write a host name or an address.`,
    );
  }
  return { host, port };
}

function readClientAuth(values: KeyValues): SecureClientSettings["clientAuth"] {
  const key = "ssl.clientAuth";
  const text = (values.text(key) ?? "need").toLowerCase();
  if (text === "need" || text === "want" || text === "none") return text;
  const message = `${key} is "${shown(text)}". Write need, want or none.`;
  values.refuse(values.lineOf(key), message);
  return "need";
}

function noteUnusedStores(values: KeyValues): void {
  const key = STORES.find((store) => values.has(store));
  if (key === undefined) return;
  values.note(
    "advice",
    values.lineOf(key),
    `${key} has no effect without sslQuorum=true: the ports of the ensemble are open to everybody.`,
  );
}

type StoreFormat = "pem" | "pkcs12";

function readStore(
  values: KeyValues,
  prefix: string,
  allowed: readonly StoreFormat[],
  neededBy: string,
): { readonly location: string; readonly format: StoreFormat } | undefined {
  const location = values.text(`${prefix}.location`);
  if (location === undefined || location === "") {
    values.refuse(
      values.lineOf(neededBy),
      `${neededBy} needs ${prefix}.location. Name a PEM file, or ${neededBy === SSL_QUORUM ? "write sslQuorum=false" : `remove ${neededBy}`}.`,
    );
    return undefined;
  }
  const type = values.text(`${prefix}.type`);
  const format = type === undefined || type === "" ? formatOfFile(location) : formatOfType(type);
  if (format !== undefined && allowed.includes(format)) return { location, format };
  const line = values.lineOf(type === undefined ? `${prefix}.location` : `${prefix}.type`);
  const forms = allowed.includes("pkcs12") ? "PEM or PKCS12" : "PEM";
  values.refuse(
    line,
    `${prefix} is not of a type that can be read. Convert the file to ${forms}, and let its name end in .pem or set ${prefix}.type.`,
  );
  return undefined;
}

function formatOfFile(location: string): StoreFormat | undefined {
  const name = location.toLowerCase();
  if (name.endsWith(".pem")) return "pem";
  return name.endsWith(".p12") ? "pkcs12" : undefined;
}

function formatOfType(type: string): StoreFormat | undefined {
  const name = type.toLowerCase();
  return name === "pem" || name === "pkcs12" ? name : undefined;
}

function readPassword(values: KeyValues, prefix: string): KeyPassword {
  const location = values.text(`${prefix}.passwordPath`) ?? "";
  if (location !== "") return { kind: "file", location };
  const text = values.text(`${prefix}.password`) ?? "";
  return text === "" ? { kind: "none" } : { kind: "text", text };
}

function readProtocols(values: KeyValues, key: string): readonly TlsProtocol[] {
  const names = (values.text(key) ?? PROTOCOLS.join(",")).split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !PROTOCOLS.some((protocol) => protocol === name));
  if (unknown.length > 0) {
    values.refuse(
      values.lineOf(key),
      `${key} has "${shown(unknown.join(", "))}". Only ${PROTOCOLS.join(" and ")} are spoken.`,
    );
  }
  return PROTOCOLS.filter((protocol) => names.includes(protocol));
}

/** Protocols and cipher suites. A protocol for which there is no suite is not spoken. */
function readSpoken(
  values: KeyValues,
  prefix: string,
): { readonly protocols: readonly TlsProtocol[]; readonly ciphers: string | undefined } {
  const key = `${prefix}.ciphersuites`;
  const enabled = readProtocols(values, `${prefix}.enabledProtocols`);
  const ciphers = readCiphers(values, key);
  if (ciphers === undefined) return { protocols: enabled, ciphers };
  const areOfNewest = ciphers.split(":").map((suite) => suite.startsWith("TLS_"));
  const protocols = enabled.filter((protocol) => areOfNewest.includes(protocol === "TLSv1.3"));
  if (protocols.length === 0 && enabled.length > 0) {
    values.refuse(
      values.lineOf(key),
      `${key} has no suite of ${enabled.join(" or ")}. Add one, or change ${prefix}.enabledProtocols.`,
    );
  }
  return { protocols, ciphers };
}

/** OpenSSL's names, as Node takes them; undefined without a line. */
function readCiphers(values: KeyValues, key: string): string | undefined {
  const text = values.text(key) ?? "";
  if (text === "") return undefined;
  const names = text.split(",").map((name) => name.trim());
  const suites = names.map(cipherSuiteOf);
  const unknown = names.filter((_, index) => suites[index] === undefined);
  if (unknown.length > 0) {
    values.refuse(
      values.lineOf(key),
      `${key} has "${shown(unknown.join(", "))}", which is not spoken here. Write Java's names of suites with AES or ChaCha20, such as TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384.`,
    );
  }
  return suites.join(":");
}

const PROTOCOLS: readonly TlsProtocol[] = ["TLSv1.2", "TLSv1.3"];

const STORES = ["ssl.quorum.keyStore.location", "ssl.quorum.trustStore.location"];
const SSL_QUORUM = "sslQuorum";
const SECURE_PORT = "secureClientPort";
const ANY_HOST = "0.0.0.0";
