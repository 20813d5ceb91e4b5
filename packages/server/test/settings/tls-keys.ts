/** The keys of TLS between servers, each with its effect on who may talk to a running server. */
import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { closedAfter, newPlace, type Place, serving, start } from "./configured-server.js";
import type { Effects } from "./effects.js";

export const tlsEffects: Effects = {
  sslQuorum: async () => {
    const { place } = await serving(TLS);
    expect(await encrypts(place)).toBe(true);
    expect(await encrypts((await serving([...TLS, "sslQuorum=false"])).place)).toBe(false);
  },
  "ssl.quorum.keyStore.location": async () => {
    const { place } = await serving(TLS);
    expect(await encrypts(place, { server: "server1" })).toBe(true);
    const location = `ssl.quorum.keyStore.location=${certificate("server3")}`;
    const other = await serving([...TLS, location]);
    expect(await encrypts(other.place, { server: "server3" })).toBe(true);
  },
  "ssl.quorum.keyStore.password": async () => {
    const { place, location } = await withEncryptedKey();
    const lines = [...TLS, `ssl.quorum.keyStore.location=${location}`];
    await expect(start([...lines, "ssl.quorum.keyStore.password=wrong"], place)).rejects.toThrow();
    const server = await serving([...lines, "ssl.quorum.keyStore.password=secret"], place);
    expect(await encrypts(server.place)).toBe(true);
  },
  "ssl.quorum.keyStore.passwordPath": async () => {
    const { place, location } = await withEncryptedKey();
    const path = join(place.directory, "password");
    writeFileSync(path, "secret\n");
    const server = await serving(
      [
        ...TLS,
        `ssl.quorum.keyStore.location=${location}`,
        `ssl.quorum.keyStore.passwordPath=${path}`,
      ],
      place,
    );
    expect(await encrypts(server.place)).toBe(true);
  },
  "ssl.quorum.keyStore.type": async () => {
    await typeIsNeeded("ssl.quorum.keyStore", "server1");
  },
  "ssl.quorum.trustStore.location": async () => {
    const { place } = await serving(TLS);
    expect(await encrypts(place, { client: "forged" })).toBe(false);
    // One that was signed by an authority is none itself.
    const location = `ssl.quorum.trustStore.location=${certificate("forged")}`;
    const other = await serving([...TLS, location]);
    expect(await encrypts(other.place, { client: "server2" })).toBe(false);
  },
  "ssl.quorum.trustStore.type": async () => {
    await typeIsNeeded("ssl.quorum.trustStore", "authority");
  },
  "ssl.quorum.hostnameVerification": async () => {
    const { place } = await serving(TLS);
    expect(await encrypts(place, { client: "unnamed" })).toBe(false);
    const { place: open } = await serving([...TLS, "ssl.quorum.hostnameVerification=false"]);
    expect(await encrypts(open, { client: "unnamed" })).toBe(true);
  },
  "ssl.quorum.clientHostnameVerification": async () => {
    const { place } = await serving([...TLS, "ssl.quorum.clientHostnameVerification=false"]);
    expect(await encrypts(place, { client: "unnamed" })).toBe(true);
  },
  "ssl.quorum.enabledProtocols": async () => {
    const { place } = await serving(TLS);
    expect(await encrypts(place, { protocol: "TLSv1.2" })).toBe(true);
    const { place: newer } = await serving([...TLS, "ssl.quorum.enabledProtocols=TLSv1.3"]);
    expect(await encrypts(newer, { protocol: "TLSv1.2" })).toBe(false);
    expect(await encrypts(newer, { protocol: "TLSv1.3" })).toBe(true);
  },
  "ssl.quorum.handshakeDetectionTimeoutMillis": async () => {
    const line = "ssl.quorum.handshakeDetectionTimeoutMillis=300";
    const { place } = await serving([...TLS, "quorumCnxnTimeoutMs=9000", line]);
    expect(await closedAfter("127.0.0.1", place.electionPort, 3000)).toBeLessThan(2000);
  },
};

function certificate(name: string): string {
  return fileURLToPath(new URL(`../../../../test/tls/${name}.pem`, import.meta.url));
}

const TLS = [
  "sslQuorum=true",
  `ssl.quorum.keyStore.location=${certificate("server1")}`,
  `ssl.quorum.trustStore.location=${certificate("authority")}`,
];

interface Handshake {
  readonly client?: string;
  /** Whose certificate is expected. */
  readonly server?: string;
  readonly protocol?: "TLSv1.2" | "TLSv1.3";
}

/** Whether a server that shows this certificate gets on with the election port. */
async function encrypts(
  { electionPort }: Place,
  { client = "server1", server = "server1", protocol }: Handshake = {},
): Promise<boolean> {
  const pem = readFileSync(certificate(client));
  const socket = connect({
    host: "127.0.0.1",
    port: electionPort,
    cert: pem,
    key: pem,
    ca: readFileSync(certificate("authority")),
    checkServerIdentity: (_, { subject }) =>
      subject.CN === server ? undefined : new Error(`it is ${String(subject.CN)}`),
    ...(protocol && { minVersion: protocol, maxVersion: protocol }),
  });
  return await new Promise((resolve) => {
    const settle = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    // Whoever is refused learns of it behind the handshake; who is not hears nothing yet.
    socket.once("secureConnect", () => setTimeout(settle(true), 300));
    socket.once("error", settle(false));
    socket.once("close", settle(false));
  });
}

async function withEncryptedKey(): Promise<{ place: Place; location: string }> {
  const place = await newPlace();
  const pem = readFileSync(certificate("server1"), "utf8");
  const key = createPrivateKey(pem).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  });
  const location = join(place.directory, "encrypted.pem");
  writeFileSync(location, `${String(key)}${pem.slice(pem.indexOf("-----BEGIN CERTIFICATE"))}`);
  return { place, location };
}

/** A store whose name does not say what it is. */
async function typeIsNeeded(prefix: string, name: string): Promise<void> {
  const place = await newPlace();
  const location = join(place.directory, "store");
  writeFileSync(location, readFileSync(certificate(name)));
  const lines = [...TLS, `${prefix}.location=${location}`];
  await expect(start(lines, place)).rejects.toThrow(`${prefix} is not of a type`);
  const server = await serving([...lines, `${prefix}.type=PEM`], place);
  expect(await encrypts(server.place)).toBe(true);
}
