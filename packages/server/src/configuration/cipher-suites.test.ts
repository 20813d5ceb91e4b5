import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { cipherSuiteOf } from "./cipher-suites.js";

/** What OpenSSL knows; undefined where it is not installed. */
const text = spawnSync("openssl", ["ciphers", "-stdname", "ALL@SECLEVEL=0"], { encoding: "utf8" })
  .stdout as string | undefined;

describe.skipIf(text === undefined)("cipher suites", () => {
  // Lines such as `TLS_RSA_WITH_AES_128_CBC_SHA - AES128-SHA  SSLv3 ...`.
  const known = new Map(
    Array.from((text ?? "").matchAll(/^(TLS_\S+)\s+-\s+(\S+)/gmu), ([, java = "", open = ""]) => [
      java,
      open,
    ]),
  );

  it("have the names that OpenSSL gives those of the standard", () => {
    const spoken = [...known].filter(([java]) =>
      /^TLS_(?:(?:ECDHE|DHE)_(?:RSA|ECDSA)_WITH_|RSA_WITH_)?(?:AES_\d+_(?:GCM|CBC)|CHACHA20_POLY1305)_SHA\d*$/u.test(
        java,
      ),
    );
    expect(spoken.length).toBeGreaterThan(20);
    for (const [java, open] of spoken) expect(cipherSuiteOf(java), java).toBe(open);
  });

  it("are none that are not known", () => {
    const kinds = ["ECDHE_RSA", "ECDHE_ECDSA", "DHE_RSA", "DHE_ECDSA", "RSA"];
    const hashes = ["SHA", "SHA256", "SHA384"];
    const all = kinds.flatMap((keys) =>
      ["AES_128_GCM", "AES_256_GCM", "AES_128_CBC", "AES_256_CBC", "CHACHA20_POLY1305"].flatMap(
        (cipher) => hashes.map((hash) => `TLS_${keys}_WITH_${cipher}_${hash}`),
      ),
    );
    for (const name of all) {
      expect([name, cipherSuiteOf(name) !== undefined]).toEqual([name, known.has(name)]);
    }
    for (const name of ["", "AES128-SHA", "TLS_AES_128_GCM_SHA256:ALL", "TLS_RSA_WITH_NULL_SHA"]) {
      expect(cipherSuiteOf(name)).toBeUndefined();
    }
  });
});
