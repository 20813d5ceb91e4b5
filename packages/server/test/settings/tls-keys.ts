/** The keys of TLS between servers, each with its effect on who may talk to a running server. */
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
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
  sslQuorumReloadCertFiles: async () => {
    const store = await copyOf("server1");
    const lines = [...TLS, `ssl.quorum.keyStore.location=${store}`];
    const admin = ["admin.enableServer=true", "admin.serverPort=0", "admin.forceHttps=true"];
    const server = await serving([...lines, ...admin, "sslQuorumReloadCertFiles=true"]);
    const shown = async (): Promise<string[]> =>
      await Promise.all(
        [server.place.electionPort, server.configured.adminPort ?? 0].map(subjectAt),
      );
    const fixed = await serving(lines);
    expect(await shown()).toEqual(["server1", "server1"]);
    copyFileSync(certificate("server3"), store);
    await expect.poll(shown, { timeout: 9000 }).toEqual(["server3", "server3"]);
    expect(await encrypts(server.place, { server: "server3" })).toBe(true);
    expect(await encrypts(server.place, { server: "server3", client: "forged" })).toBe(false);
    expect(await encrypts(fixed.place, { server: "server1" })).toBe(true);
    const renewed = server.reports.flatMap((report) =>
      report.kind === "certificatesRenewed" ? report.port : [],
    );
    expect(renewed.sort()).toEqual(["admin", "quorum"]);
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
  "ssl.quorum.ciphersuites": async () => {
    const suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    const { place } = await serving([...TLS, `ssl.quorum.ciphersuites=${suite}`]);
    expect(await encrypts(place, { protocol: "TLSv1.3" })).toBe(false);
    expect(await encrypts(place, { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" })).toBe(false);
    expect(await encrypts(place, { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" })).toBe(true);
    const unknown = start([...TLS, "ssl.quorum.ciphersuites=AES128-SHA"]);
    await expect(unknown).rejects.toThrow("AES128-SHA");
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

/** Where a copy of the certificate is, which may be written over. */
async function copyOf(name: string): Promise<string> {
  const path = join((await newPlace()).directory, `${name}.pem`);
  copyFileSync(certificate(name), path);
  return path;
}

/** Whom the certificate names that a port shows; in the newest TLS, it is seen before the client's. */
async function subjectAt(port: number): Promise<string> {
  const pem = readFileSync(certificate("server1"));
  const socket = connect({
    host: "127.0.0.1",
    port,
    cert: pem,
    key: pem,
    rejectUnauthorized: false,
  });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

interface Handshake {
  readonly client?: string;
  /** Whose certificate is expected. */
  readonly server?: string;
  readonly protocol?: "TLSv1.2" | "TLSv1.3";
  /** Those that it speaks. */
  readonly ciphers?: string;
}

/** Whether a server that shows this certificate gets on with the election port. */
async function encrypts(
  { electionPort }: Place,
  { client = "server1", server = "server1", protocol, ciphers }: Handshake = {},
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
    ...(ciphers !== undefined && { ciphers }),
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
