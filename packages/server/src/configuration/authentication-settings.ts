/** The keys that say how clients of this server prove who they are, and who must. */
import { shown } from "@jute-ts/quorum/membership";
import { hasSecurePort } from "./request-settings.js";
import type { KeyValues } from "./key-values.js";
import {
  type AuthenticationSettings,
  type DigestAlgorithm,
  digestAlgorithms,
  type SaslSettings,
} from "./client-settings.js";

/** `schemes`: those that lists may name. Problems and notes go to `values`. */
export function readAuthentication(
  values: KeyValues,
  schemes: ReadonlySet<string>,
): AuthenticationSettings {
  const sasl = readSasl(values);
  return {
    digest: schemes.has("digest")
      ? {
          algorithm: readAlgorithm(values),
          superDigest: values.text("DigestAuthenticationProvider.superDigest"),
        }
      : null,
    x509: schemes.has("x509"),
    x509SuperUser: values.text("X509AuthenticationProvider.superUser"),
    ensembleNames: readEnsembleNames(values),
    sasl,
    requiredSchemes: readRequiredSchemes(values, schemes, sasl),
    allowsFailedSasl: values.boolean("allowSaslFailedClients"),
  };
}

function readAlgorithm(values: KeyValues): DigestAlgorithm {
  const name = values.text("DigestAuthenticationProvider.digestAlg");
  // What is none of them is a problem by its row already.
  return digestAlgorithms.find((each) => each === name) ?? "SHA1";
}

/** Undefined where the scheme ensemble is not known; null where every name is right. */
function readEnsembleNames(values: KeyValues): ReadonlySet<string> | null | undefined {
  const isKnown = values
    .keysOf("authProvider.*")
    .some((key) => values.text(key)?.endsWith(".EnsembleAuthenticationProvider") === true);
  if (!isKnown) return undefined;
  const names = values.text("ensembleAuthName");
  return names === undefined ? null : new Set(listOf(names));
}

function readSasl(values: KeyValues): SaslSettings | undefined {
  const jaasFile = values.text("java.security.auth.login.config");
  if (jaasFile === undefined) return undefined;
  const superUsers = ["superUser", ...values.keysOf("superUser.*")].map((key) => values.text(key));
  return {
    jaasFile,
    section: values.text("sasl.serverconfig") ?? "Server",
    requiresSection: values.has("sasl.serverconfig"),
    superPassword: values.text("SASLAuthenticationProvider.superPassword"),
    superUsers: new Set(superUsers.filter((user) => user !== undefined)),
  };
}

/** Who must log in by SASL may not be let in by anything else, so the one key goes before the other. */
function readRequiredSchemes(
  values: KeyValues,
  schemes: ReadonlySet<string>,
  sasl: SaslSettings | undefined,
): ReadonlySet<string> {
  const saslKey = "sessionRequireClientSASLAuth";
  const key = values.boolean(saslKey) ? saslKey : "enforce.auth.enabled";
  if (!values.boolean(key)) return new Set();
  const required = key === saslKey ? ["sasl"] : listOf(values.text(SCHEMES_KEY) ?? "");
  if (required.length === 0) {
    values.refuse(
      values.lineOf(key),
      `${key} is true, and no scheme is named. Add ${SCHEMES_KEY}, such as ${SCHEMES_KEY}=digest.`,
    );
  }
  for (const scheme of required) {
    if (schemes.has(scheme)) continue;
    values.refuse(
      values.lineOf(key === saslKey ? key : SCHEMES_KEY),
      `Clients must authenticate by ${shown(scheme)}, which this server does not know. Add an authProvider for it${hasSecurePort(values) ? "" : ", or secureClientPort for x509"}, or name another scheme.`,
    );
  }
  if (required.includes("sasl") && sasl === undefined) {
    values.note(
      "advice",
      values.lineOf(key),
      "Clients must authenticate by sasl, and no users are known: java.security.auth.login.config is missing.",
    );
  }
  return new Set(required);
}

function listOf(text: string): string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

const SCHEMES_KEY = "enforce.auth.schemes";
