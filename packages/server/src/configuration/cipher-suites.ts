/** Cipher suites: Java's names of them, which zoo.cfg has, and OpenSSL's, by which Node chooses. */

const OF_TLS_1_3: ReadonlySet<string> = new Set([
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
]);

const OF_TLS_1_2 =
  /^TLS_(?<keys>(?:ECDHE|DHE)_(?:RSA|ECDSA)|RSA)_WITH_(?:AES_(?<bits>128|256)_(?<mode>GCM|CBC)_(?<hash>SHA(?:256|384)?)|CHACHA20_POLY1305_SHA256)$/u;

/** OpenSSL's name of a suite that Java calls so; undefined for what Node does not speak. */
export function cipherSuiteOf(javaName: string): string | undefined {
  if (OF_TLS_1_3.has(javaName)) return javaName;
  const { keys, bits, mode, hash } = OF_TLS_1_2.exec(javaName)?.groups ?? {};
  if (keys === undefined || keys === "DHE_ECDSA") return undefined;
  if (hash === undefined) {
    return keys === "RSA" ? undefined : `${keys.replace("_", "-")}-CHACHA20-POLY1305`;
  }
  if (!hasHash(keys, `${bits ?? ""}_${mode ?? ""}`, hash)) return undefined;
  const cipher = mode === "GCM" ? `AES${bits ?? ""}-GCM-${hash}` : `AES${bits ?? ""}-${hash}`;
  return keys === "RSA" ? cipher : `${keys.replace("_", "-")}-${cipher}`;
}

/** GCM has one hash for each length of the key. CBC has SHA, or one that depends on how keys are agreed on. */
function hasHash(keys: string, cipher: string, hash: string): boolean {
  switch (cipher) {
    case "128_GCM":
      return hash === "SHA256";
    case "256_GCM":
      return hash === "SHA384";
    case "256_CBC":
      return hash === "SHA" || hash === (keys.startsWith("ECDHE") ? "SHA384" : "SHA256");
    default:
      return hash === "SHA" || hash === "SHA256";
  }
}
