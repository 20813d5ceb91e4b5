/**
 * The keys that decide what a leader makes of requests, whichever server a client
 * is connected to: the same that a Java leader's request processors look at.
 */
import { shown } from "@jute-ts/quorum/membership";
import type { KeyValues } from "./key-values.js";
import type { AuthScheme, RequestSettings } from "./peer-settings.js";

/** Problems and notes go to `values`. */
export function readRequestSettings(values: KeyValues): RequestSettings {
  return {
    skipsAcls: values.text("skipACL") === "yes",
    authSchemes: readAuthSchemes(values),
    anySaslUser: values.text("letAnySaslUserDoX"),
    x509SuperUser: values.text("X509AuthenticationProvider.superUser"),
    enforcesQuotas: values.boolean("enforceQuota"),
    localSessions: values.boolean("localSessionsEnabled"),
    digests: values.boolean("digest.enabled"),
    listsClosedEphemerals: values.boolean("closeSessionTxn.enabled"),
  };
}

/** A Java server knows ip by itself, digest unless that is disabled, and x509 with a port for TLS. */
function readAuthSchemes(values: KeyValues): ReadonlySet<AuthScheme> {
  const schemes = new Set<AuthScheme>(["ip"]);
  if (values.boolean("DigestAuthenticationProvider.enabled")) schemes.add("digest");
  for (const key of values.keysOf("authProvider.*")) {
    const name = values.text(key) ?? "";
    const scheme = PROVIDERS.get(name);
    if (scheme === undefined) {
      values.refuse(
        values.lineOf(key),
        `${shown(key)} names "${shown(name)}", and a leader here cannot judge ACLs as that class does. Remove the line, or write one of ${[...PROVIDERS.keys()].join(", ")}.`,
      );
    } else if (scheme !== "none") schemes.add(scheme);
  }
  if (hasSecurePort(values)) addSecureScheme(values, schemes);
  return schemes;
}

/** Whether clients may come inside TLS. */
export function hasSecurePort(values: KeyValues): boolean {
  return (values.integer("secureClientPort") ?? 0) > 0 || values.boolean("client.portUnification");
}

function addSecureScheme(values: KeyValues, schemes: Set<AuthScheme>): void {
  const key = "ssl.authProvider";
  const name = values.text(key) ?? "x509";
  if (name === "x509") schemes.add("x509");
  else if (!values.has(`authProvider.${name}`)) {
    values.refuse(
      values.lineOf(key),
      `${key} is "${shown(name)}", of which there is no authProvider.${shown(name)}. Add that line, or remove this one.`,
    );
  }
}

const PACKAGE = "org.apache.zookeeper.server.auth";

/** The classes that come with ZooKeeper, as far as they can be stood in for. The ensemble's name is no id for ACLs. */
const PROVIDERS: ReadonlyMap<string, AuthScheme | "none"> = new Map([
  [`${PACKAGE}.SASLAuthenticationProvider`, "sasl"],
  [`${PACKAGE}.X509AuthenticationProvider`, "x509"],
  [`${PACKAGE}.DigestAuthenticationProvider`, "digest"],
  [`${PACKAGE}.IPAuthenticationProvider`, "ip"],
  [`${PACKAGE}.EnsembleAuthenticationProvider`, "none"],
]);
