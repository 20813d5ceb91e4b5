/** With `--output json`, everything that a running server prints is an object of named fields. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpCode } from "@jute-ts/zookeeper";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { node } from "../../test/client-of.js";
import { RawClient } from "../../test/raw-client.js";
import { SpawnedCommand } from "../../test/spawned-command.js";
import { findFreePorts } from "../ensemble/free-ports.js";

let command: SpawnedCommand;
let directory: string;

beforeAll(async () => {
  command = await SpawnedCommand.bundle();
  directory = mkdtempSync(join(tmpdir(), "jute-ts-json-log-"));
});

afterAll(() => {
  command.remove();
  rmSync(directory, { recursive: true, force: true });
});

type Line = Readonly<Record<string, unknown>>;

/** Runs a server with a client port until a client has changed something, and returns all that it printed. */
async function linesOf(args: readonly string[], port: number): Promise<readonly Line[]> {
  const child = command.spawn(args);
  const lines: Line[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) throw new Error("the command has no output");
    createInterface({ input: stream }).on("line", (text) => lines.push(JSON.parse(text) as Line));
  }
  const closed = new Promise((resolve) => child.once("close", resolve));
  try {
    await expect
      .poll(() => lines.some(({ text }) => /^serves, from|connect clients/u.test(String(text))), {
        timeout: 20_000,
      })
      .toBe(true);
    await using client = new RawClient(port);
    await client.open();
    await client.ask(OpCode.create, node("/a"));
    await expect.poll(() => lines.some(({ audit }) => audit !== undefined)).toBe(true);
  } finally {
    child.kill("SIGTERM");
    await closed;
  }
  for (const line of lines) {
    expect(new Date(String(line["time"])).toISOString()).toBe(line["time"]);
    expect(line["level"]).toMatch(/^(detail|info|warning|error)$/u);
    expect(line["text"]).toEqual(expect.any(String));
  }
  return lines;
}

describe("the log as JSON", () => {
  it("of a server of a zoo.cfg has its remarks, ports, reports and audited changes", async () => {
    const [port = 0] = await findFreePorts(1);
    const path = join(directory, "zoo.cfg");
    const settings = [
      `dataDir=${join(directory, "data")}`,
      "tickTime=500",
      "initLimit=10",
      "syncLimit=5",
      `clientPort=${port}`,
      "clientPortAddress=127.0.0.1",
      "audit.enable=true",
      "admin.enableServer=true",
      "admin.serverAddress=127.0.0.1",
      "admin.serverPort=0",
      "no.such.key=1",
    ];
    writeFileSync(path, `${settings.join("\n")}\n`);
    const lines = await linesOf(["start", path, "--verbose", "--output", "json"], port);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "warning", file: path, line: settings.length }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ server: "1", clientPort: port }));
    expect(lines).toContainEqual(
      expect.objectContaining({ adminPort: expect.any(Number) as number }),
    );
    const recovered = lines.find(
      ({ report }) => (report as Line | undefined)?.["kind"] === "recovered",
    );
    expect(recovered).toMatchObject({ server: "1", report: { lastZxid: "0x0", txns: 0 } });
    expect(lines).toContainEqual(
      expect.objectContaining({
        audit: expect.objectContaining({ operation: "create", znode: "/a" }) as Line,
      }),
    );
    // A server that stands alone says nothing of elections to those who ask for no details.
    const told = lines.filter(({ level }) => level !== "detail").map(({ text }) => String(text));
    expect(told.filter((text) => /elect|epoch|look|lead/iu.test(text))).toEqual([]);
    expect(told).toContainEqual(expect.stringMatching(/^recovered up to 0x0 from no snapshot/u));
    expect(lines.map(({ audit }) => (audit as Line | undefined)?.["operation"])).toEqual(
      expect.arrayContaining(["serverStart", "create", "serverStop"]),
    );
  });

  it("of servers without a zoo.cfg has the same", async () => {
    const [port = 0] = await findFreePorts(1);
    const args = ["standalone", "--memory", "--client-port", String(port), "--output", "json"];
    const lines = await linesOf([...args, "--set", "audit.enable=true"], port);
    expect(lines).toContainEqual(expect.objectContaining({ connectString: `127.0.0.1:${port}` }));
  });
});
