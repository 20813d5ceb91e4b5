/** The keys of what operators see, each with its effect on a running server. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { OpCode } from "@jute-ts/zookeeper";
import { expect } from "vitest";
import { auditText } from "../../src/clients/index.js";
import { PROMETHEUS_PROVIDER } from "../../src/configuration/operator-keys.js";
import { ADMIN, adminEffects } from "./admin-keys.js";
import { node } from "../client-of.js";
import { RawClient } from "../raw-client.js";
import {
  closedAfter,
  type ConfiguredServer,
  listens,
  newPlace,
  serving,
  start,
} from "./configured-server.js";
import { bytes, type Effects, until } from "./effects.js";
import { metricOf } from "../metric-of.js";

const METRICS = [
  `metricsProvider.className=${PROMETHEUS_PROVIDER}`,
  "metricsProvider.httpHost=127.0.0.1",
  "metricsProvider.httpPort=0",
];

export const operatorEffects: Effects = {
  ...adminEffects,
  "admin.enableServer": async () => {
    const server = await serving(ADMIN);
    expect(await server.admin("ruok")).toBe('{\n  "command" : "ruok",\n  "error" : null\n}');
    const without = await serving(["admin.serverPort=0"]);
    expect(without.configured.adminPort).toBeUndefined();
  },
  "admin.serverAddress": async () => {
    const { configured } = await serving([...ADMIN, "admin.serverAddress=127.0.0.2"]);
    expect(await listens("127.0.0.2", configured.adminPort ?? 0)).toBe(true);
    expect(await listens("127.0.0.1", configured.adminPort ?? 0)).toBe(false);
  },
  "admin.serverPort": async () => {
    const { clientPort: taken } = await newPlace();
    const occupant = createServer().listen(taken, "127.0.0.1");
    try {
      const server = await serving([...ADMIN, `admin.serverPort=${taken}`]);
      const isReported = (): boolean =>
        server.reports.some((report) => report.kind === "cannotListen" && report.port === "admin");
      // Clients are served all the same.
      expect(await server.command("ruok")).toBe("imok");
      expect(metricOf(server.peer, "listen_failures")).toBeGreaterThan(0);
      expect(server.configured.adminPort).toBeUndefined();
      await until(isReported);
    } finally {
      occupant.close();
    }
  },
  "admin.commandURL": async () => {
    const { configured } = await serving([...ADMIN, "admin.commandURL=/zk/ops"]);
    const answer = async (path: string): Promise<Response> =>
      await fetch(`http://127.0.0.1:${configured.adminPort ?? 0}${path}`);
    expect((await answer("/zk/ops/ruok")).status).toBe(200);
    expect((await answer("/commands/ruok")).status).toBe(404);
    await expect(start(["admin.commandURL=commands"])).rejects.toThrow("Write a path");
  },
  "admin.idleTimeout": async () => {
    const { configured } = await serving([...ADMIN, "admin.idleTimeout=300"]);
    const socketClosed = closedAfterAnswer(configured.adminPort ?? 0);
    expect(await socketClosed).toBeLessThan(4000);
  },
  "admin.browseTree": async () => {
    const browsing = await serving([...ADMIN, "admin.browseTree=true"]);
    await browsing.create("/open", { data: bytes("<b>text") });
    await browsing.create("/closed", { acl: [["ip", "10.0.0.1"]] });
    const node = async ({ configured }: ConfiguredServer, path: string): Promise<Response> =>
      await fetch(`http://127.0.0.1:${configured.adminPort ?? 0}/tree?path=${path}`);
    expect(await (await node(browsing, "/open")).json()).toMatchObject({ data: "<b>text" });
    expect(await (await node(browsing, "/closed")).text()).toMatch(/does not let you read it/u);
    expect(await (await node(browsing, "/none")).text()).toMatch(/no such znode/u);
    const without = await serving(ADMIN);
    expect((await node(without, "/")).status).toBe(404);
  },
  "metricsProvider.className": async () => {
    const text = await scrape(await serving(METRICS));
    expect(text).toMatch(/^# TYPE znode_count gauge\nznode_count 5$/mu);
    await expect(start(["metricsProvider.className=com.example.Mine"])).rejects.toThrow(
      "Java class",
    );
  },
  "metricsProvider.httpHost": async () => {
    const { configured } = await serving([...METRICS, "metricsProvider.httpHost=127.0.0.2"]);
    expect(await listens("127.0.0.2", configured.metricsPort ?? 0)).toBe(true);
    expect(await listens("127.0.0.1", configured.metricsPort ?? 0)).toBe(false);
  },
  "metricsProvider.httpPort": async () => {
    const { clientPort: port } = await newPlace();
    const server = await serving([...METRICS, `metricsProvider.httpPort=${port}`]);
    expect(server.configured.metricsPort).toBe(port);
    expect(await listens("127.0.0.1", port)).toBe(true);
  },
  "metricsProvider.exportJvmInfo": async () => {
    const name = /^nodejs_version_info/mu;
    expect(await scrape(await serving(METRICS))).toMatch(name);
    const without = await serving([...METRICS, "metricsProvider.exportJvmInfo=false"]);
    expect(await scrape(without)).not.toMatch(name);
  },
  "audit.enable": async () => {
    const events = async (lines: readonly string[]): Promise<readonly string[]> => {
      const server = await serving(lines);
      const texts: string[] = [];
      server.peer.on("audited", (event) => texts.push(auditText(event)));
      await using client = new RawClient(server.place.clientPort);
      const { sessionId } = await client.open();
      await client.ask(OpCode.create, node("/audited"));
      return texts.map((text) => text.replace(sessionId.toString(16), "ID"));
    };
    expect(await events(["audit.enable=true"])).toEqual([
      "session=0xID\tuser=127.0.0.1\tip=127.0.0.1\toperation=create\tznode=/audited\tznode_type=persistent\tresult=success",
    ]);
    expect(await events([])).toEqual([]);
  },
  "audit.file": async () => {
    const { directory } = await newPlace();
    const file = join(directory, "audit.log");
    const server = await serving(["audit.enable=true", `audit.file=${file}`]);
    await server.stop();
    const lines = readFileSync(file, "utf8").split("\n");
    expect(lines[0]).toMatch(/^\S+Z INFO user=\S+\toperation=serverStart\tresult=success$/u);
    expect(lines[1]).toMatch(/^\S+Z INFO user=\S+\toperation=serverStop\tresult=invoked$/u);
    const nowhere = join(directory, "none", "audit.log");
    await expect(start(["audit.enable=true", `audit.file=${nowhere}`])).rejects.toThrow(
      "cannot be written to",
    );
  },
  "audit.impl.class": async () => {
    await expect(start(["audit.impl.class=com.example.Mine"])).rejects.toThrow("Java class");
  },
};

async function scrape({ configured }: ConfiguredServer): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${configured.metricsPort ?? 0}/metrics`);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/u);
  return await response.text();
}

/** How long a connection stays open after the answer to its first request. */
async function closedAfterAnswer(port: number): Promise<number> {
  return await closedAfter(
    "127.0.0.1",
    port,
    5000,
    "GET /commands/ruok HTTP/1.1\r\nHost: a\r\n\r\n",
  );
}
