/** The keys of the admin server's TLS and snapshots, each with its effect on who is answered what. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { liveMetrics } from "../../src/node/peer.js";
import { loadConfiguration } from "../../src/node/server.js";
import {
  type ConfiguredServer,
  newPlace,
  serving,
  start,
  writeConfiguration,
} from "./configured-server.js";
import type { Effects } from "./effects.js";

/** An admin server on any free port. */
export const ADMIN = [
  "admin.enableServer=true",
  "admin.serverAddress=127.0.0.1",
  "admin.serverPort=0",
];

export const adminEffects: Effects = {
  "admin.portUnification": async () => {
    const server = await serving([...ADMIN, ...STORES, "admin.portUnification=true"]);
    expect(await ask(server, "http")).toBe(200);
    expect(liveMetrics(server.peer).server.counter("insecure_admin_count")).toBe(1);
    expect(await ask(server, "https")).toBe(200);
    expect(liveMetrics(server.peer).server.counter("insecure_admin_count")).toBe(1);
    expect(await ask(await serving(ADMIN), "https")).toBe("refused");
    await expect(start([...ADMIN, "admin.portUnification=true"])).rejects.toThrow(
      "admin.portUnification needs ssl.quorum.keyStore.location",
    );
  },
  "admin.forceHttps": async () => {
    for (const unified of [true, false]) {
      const key = `admin.portUnification=${unified}`;
      const server = await serving([...ADMIN, ...STORES, "admin.forceHttps=true", key]);
      expect(await ask(server, "http")).toBe(400);
      expect(await ask(server, "https")).toBe(200);
    }
    await takesHttpsAfterMany("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  },
  "admin.needClientAuth": async () => {
    const lines = [...ADMIN, ...STORES, "admin.forceHttps=true", "admin.needClientAuth=true"];
    const server = await serving(lines);
    expect(await ask(server, "https")).toBe("refused");
    expect(await ask(server, "https", identity("server2"))).toBe(200);
    expect(await ask(server, "https", identity("forged"))).toBe("refused");
    await expect(start([...ADMIN, "admin.needClientAuth=true"])).rejects.toThrow(
      "admin.needClientAuth needs admin.forceHttps",
    );
    const both = [...ADMIN, ...STORES, "admin.portUnification=true", "admin.needClientAuth=true"];
    const isAdvice = (note: string): boolean => note.includes("lets plain HTTP in");
    expect((await notesOf(both)).filter(isAdvice)).toHaveLength(1);
    expect((await notesOf(lines)).filter(isAdvice)).toEqual([]);
    const unified = await serving(both);
    expect(await ask(unified, "http")).toBe(200);
    expect(await ask(unified, "https")).toBe("refused");
  },
  "admin.snapshot.enabled": async () => {
    const headers = { authorization: "ip" };
    expect(await ask(await serving(ADMIN), "http", { headers }, "snapshot")).toBe(200);
    const without = await serving([...ADMIN, "admin.snapshot.enabled=false"]);
    expect(await ask(without, "http", { headers }, "snapshot")).toBe(503);
  },
  "admin.restore.enabled": async () => {
    const answerOf = async (line: string): Promise<string> => {
      const { configured } = await serving([...ADMIN, line]);
      const url = `http://127.0.0.1:${configured.adminPort ?? 0}/commands/restore`;
      return await (await fetch(url, { method: "POST" })).text();
    };
    expect(await answerOf("admin.restore.enabled=false")).toContain("enabled is false");
    // What it does where it is answered, test/snapshots.test.ts tells.
    expect(await answerOf("admin.restore.enabled=true")).toContain("stands alone");
  },
  "admin.rateLimiterIntervalInMS": async () => {
    const headers = { authorization: "ip" };
    const twice = async (lines: readonly string[]): Promise<unknown[]> => {
      const server = await serving([...ADMIN, ...lines]);
      const first = await ask(server, "http", { headers }, "snapshot");
      return [first, await ask(server, "http", { headers }, "snapshot")];
    };
    expect(await twice([])).toEqual([200, 429]);
    expect(await twice(["admin.rateLimiterIntervalInMS=0"])).toEqual([200, 200]);
  },
};

const STORES = [
  `ssl.quorum.keyStore.location=${certificate("server1")}`,
  `ssl.quorum.trustStore.location=${certificate("authority")}`,
];

async function notesOf(lines: readonly string[]): Promise<string[]> {
  const { notes } = loadConfiguration(writeConfiguration(await newPlace(), lines));
  return notes.map(({ message }) => message);
}

/** As many connections as the port takes say this and stay: none of them may keep its place. */
async function takesHttpsAfterMany(text: string): Promise<void> {
  const soon = "ssl.quorum.handshakeDetectionTimeoutMillis=300";
  const server = await serving([...ADMIN, ...STORES, "admin.forceHttps=true", soon]);
  const port = server.configured.adminPort ?? 0;
  const sockets = Array.from({ length: 64 }, () =>
    connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => undefined),
  );
  try {
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    for (const socket of sockets) socket.write(text);
    await expect.poll(() => ask(server, "https"), { timeout: 5000 }).toBe(200);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** The status of the answer, or that there is none. */
async function ask(
  { configured }: ConfiguredServer,
  protocol: "http" | "https",
  options: RequestOptions = {},
  command = "ruok",
): Promise<number | "refused"> {
  const send = protocol === "http" ? httpRequest : httpsRequest;
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    const request = send({
      host: "127.0.0.1",
      port: configured.adminPort,
      path: `/commands/${command}`,
      ca: readFileSync(certificate("authority")),
      // The certificates are of names that lead nowhere.
      checkServerIdentity: () => undefined,
      agent: false,
      ...options,
    });
    request.once("response", resolve);
    request.once("error", reject);
    request.end();
  });
  try {
    const { statusCode = 0 } = (await response).resume();
    return statusCode;
  } catch {
    return "refused";
  }
}

function identity(name: string): RequestOptions {
  const pem = readFileSync(certificate(name));
  return { cert: pem, key: pem };
}

function certificate(name: string): string {
  return fileURLToPath(new URL(`../../../../test/tls/${name}.pem`, import.meta.url));
}
