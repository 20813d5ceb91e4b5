/** Too many clients cost nobody but those who are too many. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { node, openClient } from "../../test/client-of.js";
import { RawClient } from "../../test/raw-client.js";
import { SpawnedCommand } from "../../test/spawned-command.js";
import { findFreePorts } from "../ensemble/free-ports.js";
import { type PeerReport, startEnsemble } from "../index.js";
import { ClientAdmission } from "./client-admission.js";
import { askFourLetterWord } from "./four-letter-word.js";

it("leaves half of few descriptors, and 256 of many, to the servers of this process together", () => {
  const [one, other] = [new ClientAdmission({}, 100), new ClientAdmission({}, 100)];
  for (let count = 0; count < 25; count++) {
    expect(one.add("10.0.0.1")).toBeUndefined();
    expect(other.add("10.0.0.1")).toBeUndefined();
  }
  expect(one.add("10.0.0.2")).toMatchObject({ code: "EMFILE" });
  other.remove("10.0.0.1");
  expect(one.add("10.0.0.2")).toBeUndefined();
  expect(other.add("10.0.0.2")).toMatchObject({ code: "EMFILE" });
  const many = new ClientAdmission({ perAddress: 0 }, 1000);
  for (let count = 50; count < 744; count++) expect(many.add("10.0.0.3")).toBeUndefined();
  expect(many.add("10.0.0.3")).toMatchObject({ code: "EMFILE" });
  expect(new ClientAdmission({}, -1).add("10.0.0.3")).toBeUndefined();
});

it.skipIf(process.platform === "win32")(
  "clients that take all descriptors do not keep a server from opening its next log",
  { timeout: 60_000 },
  async () => {
    const command = await SpawnedCommand.bundle();
    const directory = mkdtempSync(join(tmpdir(), "jute-ts-descriptors-"));
    const [port = 0] = await findFreePorts(1);
    const configuration = join(directory, "zoo.cfg");
    const limits = "maxClientCnxns=0\nsnapCount=10\n4lw.commands.whitelist=mntr";
    writeFileSync(
      configuration,
      `dataDir=${directory}/data\nclientPort=${port}\nclientPortAddress=127.0.0.1\n${limits}\n`,
    );
    const start = 'ulimit -n 120; exec "$0" "$@"';
    const args = ["-c", start, process.execPath, command.program, "start", configuration];
    const child = spawn("sh", args, { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()));
    const ended = new Promise((resolve) => child.once("close", resolve));
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await ended;
      command.remove();
      rmSync(directory, { recursive: true, force: true });
    });
    const address = { host: "127.0.0.1", port };
    await expect
      .poll(() => askFourLetterWord(address, "srvr").catch(() => ""), { timeout: 30_000 })
      .toContain("Mode: standalone");
    const clients = Array.from({ length: 200 }, () => new RawClient(port));
    onTestFinished(async () => {
      for (const client of clients) await client.drop();
    });
    const outcomes = await Promise.allSettled(
      clients.map((client) => client.open({ timeOut: 30_000 })),
    );
    const served = clients.filter((_, index) => outcomes[index]?.status === "fulfilled");
    const [first] = served;
    if (first === undefined) throw new Error(`nobody is served: ${errors}`);
    // Each snapshot begins another log, which takes descriptors of its own.
    for (let count = 0; count < 40; count++) {
      const { err } = await first.ask(OpCode.create, node(`/${count}`));
      expect(err, errors).toBe(ErrorCode.OK);
    }
    expect(served.length).toBeGreaterThan(30);
    expect(served.length).toBeLessThan(120);
    await Promise.all(served.slice(1).map((client) => client.drop()));
    const refused = async (): Promise<number> => {
      const figures = await askFourLetterWord(address, "mntr").catch(() => "");
      return Number(/^zk_connection_rejected\t(\d+)$/mu.exec(figures)?.[1]);
    };
    await expect.poll(refused).toBeGreaterThanOrEqual(200 - served.length);
  },
);

it("a client above maxClientCnxns is counted as rejected, and the log says by which limit", async () => {
  const ensemble = await startEnsemble({ size: 1, settings: { maxClientCnxns: 2 } });
  onTestFinished(() => ensemble.stop());
  const reports: PeerReport[] = [];
  ensemble.peer(1).on("report", (report) => reports.push(report));
  const first = await openClient(ensemble);
  await openClient(ensemble);
  for (let count = 0; count < 3; count++) {
    await expect(openClient(ensemble)).rejects.toThrow("closed");
  }
  const refusal = { kind: "connectionRefused", port: "client", code: "maxClientCnxns", times: 1 };
  expect(reports.filter(({ kind }) => kind === "connectionRefused")).toMatchObject([refusal]);
  await first.drop();
  const { client } = ensemble.servers[0] ?? {};
  if (client === undefined) throw new Error("there is no server");
  await expect
    .poll(() => askFourLetterWord(client, "mntr").catch(() => ""))
    .toMatch(/^zk_connection_rejected\t[3-9]$/mu);
});
