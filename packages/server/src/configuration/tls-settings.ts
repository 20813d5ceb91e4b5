/** The keys of TLS between servers, `sslQuorum` and `ssl.quorum.*`. Files are named here, not read. */
import { shown } from "@jute-ts/quorum/membership";
import type { KeyValues } from "./key-values.js";
import type { KeyPassword, QuorumTlsSettings, TlsProtocol } from "./peer-settings.js";

/** Undefined without sslQuorum. Problems and notes go to `values`. */
export function readTlsSettings(values: KeyValues): QuorumTlsSettings | undefined {
  if (!values.boolean("sslQuorum")) {
    noteUnusedStores(values);
    return undefined;
  }
  const keyStore = readStore(values, "ssl.quorum.keyStore", ["pem", "pkcs12"]);
  const trustStore = readStore(values, "ssl.quorum.trustStore", ["pem"]);
  const protocols = readProtocols(values);
  if (keyStore === undefined || trustStore === undefined) return undefined;
  const verifiesServerHosts = values.boolean("ssl.quorum.hostnameVerification");
  return {
    keyStore: { ...keyStore, password: readPassword(values) },
    trustStoreLocation: trustStore.location,
    verifiesServerHosts,
    verifiesClientHosts: values.has("ssl.quorum.clientHostnameVerification")
      ? values.boolean("ssl.quorum.clientHostnameVerification")
      : verifiesServerHosts,
    protocols,
    handshakeTimeoutMs: values.integerOrDefault("ssl.quorum.handshakeDetectionTimeoutMillis"),
  };
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
): { readonly location: string; readonly format: StoreFormat } | undefined {
  const location = values.text(`${prefix}.location`);
  if (location === undefined || location === "") {
    values.refuse(
      values.lineOf("sslQuorum"),
      `sslQuorum needs ${prefix}.location. Name a PEM file, or write sslQuorum=false.`,
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

function readPassword(values: KeyValues): KeyPassword {
  const location = values.text("ssl.quorum.keyStore.passwordPath") ?? "";
  if (location !== "") return { kind: "file", location };
  const text = values.text("ssl.quorum.keyStore.password") ?? "";
  return text === "" ? { kind: "none" } : { kind: "text", text };
}

function readProtocols(values: KeyValues): readonly TlsProtocol[] {
  const key = "ssl.quorum.enabledProtocols";
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

const PROTOCOLS: readonly TlsProtocol[] = ["TLSv1.2", "TLSv1.3"];

const STORES = ["ssl.quorum.keyStore.location", "ssl.quorum.trustStore.location"];
