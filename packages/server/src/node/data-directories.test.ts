/**
 * What an operator does to zoo.cfg and to the files, on a server with acknowledged
 * writes: either it starts with all of them, or it says why not and what to do.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateMode, CreateRequest, OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PeerReport } from "./network-report.js";
import { type ConfiguredPeer, configurePeer, loadConfiguration } from "./server.js";
import { describeReport, reportLevel } from "../admin/report-text.js";

let root = "";
let running: ConfiguredPeer | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "jute-ts-directories-"));
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(root, { recursive: true });
});

const at = (...names: string[]): string => join(root, ...names);
const version2 = (directory: string): string => at(directory, "version-2");
const reports: PeerReport[] = [];

/** Starts the server that these lines describe. Rejects with the reason when it refuses. */
async function start(...lines: readonly string[]): Promise<ConfiguredPeer> {
  const [quorumPort, electionPort] = [await freePort(), await freePort()];
  const server = `server.1=127.0.0.1:${quorumPort}:${electionPort}`;
  const path = at("zoo.cfg");
  writeFileSync(path, ["tickTime=200", "initLimit=10", "syncLimit=5", server, ...lines].join("\n"));
  const configured = await configurePeer(loadConfiguration(path));
  running = configured;
  reports.length = 0;
  configured.peer.on("report", (report) => reports.push(report));
  await configured.start();
  return configured;
}

async function stop(): Promise<void> {
  await running?.stop();
  running = undefined;
}

/** Starts, creates 20 znodes and stops. */
async function serve(...lines: readonly string[]): Promise<void> {
  mkdirSync(at("data"), { recursive: true });
  writeFileSync(at("data", "myid"), "1");
  const { peer } = await start(...lines);
  await peer.waitUntilServing();
  for (let index = 0; index < 20; index++) {
    const request = {
      path: `/n${index}`,
      data: null,
      acl: [...OPEN_ACL_UNSAFE],
      flags: CreateMode.PERSISTENT,
    };
    await peer.proposeRaw({ opCode: OpCode.create, body: CreateRequest.encode(request) });
  }
  await stop();
}

/** How many of the znodes a server serves that is started so. */
async function served(...lines: readonly string[]): Promise<number> {
  const { peer } = await start(...lines);
  await peer.waitUntilServing();
  const count = peer.state.getChildren("/")?.filter((name) => name.startsWith("n")).length;
  await stop();
  return count ?? 0;
}

async function refusal(...lines: readonly string[]): Promise<string> {
  const failure = await start(...lines).then(
    () => "it started",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  await stop();
  return failure;
}

const dataDir = (name: string): string => `dataDir=${at(name)}`;
const dataLogDir = (name: string): string => `dataLogDir=${at(name)}`;

describe("a data directory", () => {
  it("that is split is refused until the logs are moved, and then serves everything", async () => {
    await serve(dataDir("data"));
    expect(await refusal(dataDir("data"), dataLogDir("logs"))).toContain("dataDir holds logs");
    for (const name of readdirSync(version2("data"))) {
      if (name.startsWith("log."))
        renameSync(join(version2("data"), name), join(version2("logs"), name));
    }
    expect(await served(dataDir("data"), dataLogDir("logs"))).toBe(20);
  });

  it("that is joined, or loses the directory of its logs, is refused until that is back", async () => {
    await serve(dataDir("data"), dataLogDir("logs"));
    expect(await refusal(dataDir("data"))).toMatch(/log\.[0-9a-f]+ is missing/);
    renameSync(at("logs"), at("unmounted"));
    expect(await refusal(dataDir("data"), dataLogDir("logs"))).toContain("Is its disk mounted?");
    expect(await served(dataDir("data"), dataLogDir("unmounted"))).toBe(20);
  });

  it("that is exchanged is refused, and serves everything when it is exchanged back", async () => {
    await serve(dataDir("data"), dataLogDir("logs"));
    writeFileSync(at("logs", "myid"), "1");
    expect(await refusal(dataDir("logs"), dataLogDir("data"))).toContain("exchanged");
    expect(await served(dataDir("data"), dataLogDir("logs"))).toBe(20);
  });

  it("serves everything under whatever spelling, or through links", async () => {
    await serve(dataDir("data"));
    symlinkSync(at("data"), at("link"));
    expect(await served(dataDir("link"))).toBe(20);
    expect(await served(dataDir("data"), dataLogDir("link"))).toBe(20);
    expect(await served(dataDir("data"), `dataLogDir=${root}/link/../data/`)).toBe(20);
  });

  it("whose files are beside version-2, or whose path ends with it, is refused", async () => {
    await serve(dataDir("data"));
    mkdirSync(at("restored"));
    cpSync(version2("data"), at("restored"), { recursive: true });
    expect(await refusal(dataDir("restored"))).toContain("subdirectory version-2");
    expect(await refusal(`dataDir=${version2("data")}`)).toContain("set it to the directory above");
    expect(await served(dataDir("data"))).toBe(20);
  });

  it("whose snapshots are lost is refused once, trusted once, and healed", async () => {
    await serve(dataDir("data"));
    for (const name of readdirSync(version2("data"))) {
      if (name.startsWith("snapshot.")) rmSync(join(version2("data"), name));
    }
    const text = await refusal(dataDir("data"));
    const key = /\S+=true/.exec(text)?.[0];
    expect(text).toContain("no snapshot");
    expect(await served(dataDir("data"), key ?? "")).toBe(20);
    expect(await served(dataDir("data"))).toBe(20);
  });
});

describe("db.autocreate=false", () => {
  it("keeps an empty directory from voting, with a warning, until the file initialize is there", async () => {
    mkdirSync(at("data"));
    const { peer } = await start(dataDir("data"), "db.autocreate=false");
    await expect(peer.waitUntilServing({ timeoutMs: 1000 })).rejects.toThrow(
      "did not serve within",
    );
    const warnings = reports.filter((report) => reportLevel(report) === "warning");
    expect(warnings.map(describeReport)).toEqual([expect.stringContaining('"initialize"')]);
    await stop();
    writeFileSync(at("data", "initialize"), "");
    expect(await served(dataDir("data"), "db.autocreate=false")).toBe(0);
    expect(existsSync(at("data", "initialize"))).toBe(false);
    expect(await served(dataDir("data"), "db.autocreate=false")).toBe(0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
