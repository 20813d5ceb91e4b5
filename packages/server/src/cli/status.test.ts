/** What `status` makes of the answers of servers, ours, Apache's and others, that are played here. */
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Ensemble, startEnsemble } from "../ensemble/ensemble.js";
import type { CommandLine } from "./command-line.js";
import { status } from "./status.js";

const servers: Server[] = [];
let ensemble: Ensemble | undefined;

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await ensemble?.stop();
  ensemble = undefined;
});

/** A server that gives these answers, or closes the connection. */
async function play(answers: Readonly<Record<string, string | (() => string)>>): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      const answer = answers[bytes.toString()] ?? "";
      socket.end(typeof answer === "string" ? answer : answer());
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `127.0.0.1:${address.port}`;
}

interface Shown {
  readonly code: number;
  /** The cells of each row, the head left out. */
  readonly rows: readonly (readonly string[])[];
  readonly remarks: string;
}

function fakeLine(): {
  readonly line: CommandLine;
  readonly out: string[];
  readonly err: string[];
} {
  const out: string[] = [];
  const err: string[] = [];
  const line = {
    write: (text: string) => out.push(text),
    error: (text: string) => err.push(text),
    onEnd: () => undefined,
    tellStarted: () => undefined,
    program: "",
    columns: 100,
  };
  return { line, out, err };
}

async function show(...addresses: string[]): Promise<Shown> {
  const { line, out, err } = fakeLine();
  const code = await status(addresses, "text", line);
  const rows = out.join("\n").split("\n").slice(1);
  return { code, rows: rows.map((row) => row.split(/ {2,}/u)), remarks: err.join("\n") };
}

const srvr = (mode: string, zxid: string): string =>
  `Zookeeper version: 3.8.0-1, built on 2022\nLatency min/avg/max: 0/0.0/0\nZxid: ${zxid}\nMode: ${mode}\nNode count: 5\n`;
const notAllowed = (word: string): string =>
  `${word} is not executed because it is not in the whitelist.\n`;
const NOT_SERVING = "This ZooKeeper instance is not currently serving requests\n";

describe("status", () => {
  it("shows what the servers of an ensemble say of themselves", async () => {
    ensemble = await startEnsemble({ observers: 1 });
    await ensemble.converged();
    const { code, rows, remarks } = await show(`${ensemble.connectString}/a/chroot`);
    const leader = (await ensemble.ready()).status().sid;
    const digests = new Set(rows.map((row) => row[6]));
    expect(rows.map(([server, sid, role, epoch]) => [server, sid, role, epoch])).toEqual(
      ensemble.connectString.split(",").map((address, index) => {
        const role = BigInt(index + 1) === leader ? "leader" : "follower";
        return [address, String(index + 1), index === 3 ? "observer" : role, "1"];
      }),
    );
    expect(digests.size).toBe(1);
    expect([code, remarks]).toEqual([0, ""]);
  });

  it("guesses no epoch from a zxid, which may be of an earlier one", async () => {
    const address = await play({
      srvr: srvr("follower", "0x0"),
      mntr: notAllowed("mntr"),
      conf: notAllowed("conf"),
    });
    const { code, rows, remarks } = await show(address);
    expect(rows).toEqual([[address, "-", "follower", "-", "0x0", "0", "-"]]);
    expect(remarks).toContain("4lw.commands.whitelist=srvr,mntr,conf");
    expect(remarks).toContain(address);
    expect(code).toBe(0);
  });

  it("shows no role of a server that does not serve, whatever else it says", async () => {
    const address = await play({
      srvr: NOT_SERVING,
      mntr: "zk_server_state\tleader\nzk_epoch\t7\nzk_zxid\t0x700000001\n",
      conf: "serverId=2\n",
    });
    const { code, rows, remarks } = await show(address);
    expect(rows[0]?.slice(0, 5)).toEqual([address, "2", "not serving", "-", "-"]);
    expect(remarks).toContain("does not serve");
    expect(code).toBe(1);
  });

  it("asks again when two lead, and does not believe it at once", async () => {
    let asked = 0;
    const old = await play({
      srvr: () => (asked++ === 0 ? srvr("leader", "0x100000001") : srvr("follower", "0x200000001")),
      mntr: "zk_server_id\t1\n",
    });
    const young = await play({ srvr: srvr("leader", "0x200000001"), mntr: "zk_server_id\t2\n" });
    const { code, rows, remarks } = await show(old, young);
    expect(rows.map((row) => row[2])).toEqual(["follower", "leader"]);
    expect([code, remarks]).toEqual([0, ""]);
  });

  it("says that two lead when they do", async () => {
    const first = await play({
      srvr: srvr("leader", "0x1"),
      mntr: "zk_server_id\t1\nzk_epoch\t3\n",
      conf: "serverId=1\n",
    });
    const second = await play({
      srvr: srvr("leader", "0x1"),
      mntr: "zk_server_id\t2\nzk_epoch\t4\n",
      conf: "serverId=2\n",
    });
    const { code, remarks } = await show(`${first},${second}`);
    expect(remarks).toContain(`${first} (epoch 3) and ${second} (epoch 4) lead at the same time`);
    expect(code).toBe(1);
  });

  it.each([
    ["closes every connection", {}, "closed the connection without a word"],
    ["speaks something else", { srvr: "HTTP/1.1 400 Bad Request\r\n" }, "as a ZooKeeper server"],
    ["never stops", { srvr: "x".repeat(3_000_000) }, "an answer without an end"],
  ])("says so of a server that %s", async (_, answers, expected) => {
    const full = { mntr: notAllowed("mntr"), conf: notAllowed("conf"), ...answers };
    const { code, rows, remarks } = await show(
      await play(Object.keys(answers).length === 0 ? {} : full),
    );
    expect(remarks).toContain(expected);
    expect(rows[0]?.[2]).toBe("unknown");
    expect(code).toBe(1);
  });

  it("says why a server cannot be reached, under a name with several addresses, too", async () => {
    const { code, remarks } = await show("localhost:1", "nowhere.invalid");
    expect(remarks).toContain("localhost:1 refuses the connection: nothing listens there");
    expect(remarks).toMatch(/nowhere\.invalid:2181 cannot be (found|looked up)/u);
    expect(code).toBe(1);
  });

  it("prints the same as JSON", async () => {
    const address = await play({ srvr: srvr("follower", "0x10"), mntr: notAllowed("mntr") });
    const { line, out, err } = fakeLine();
    await status([address, "127.0.0.1:1"], "json", line);
    expect(JSON.parse(out.join())).toEqual([
      {
        address,
        serving: true,
        role: "follower",
        zxid: "0x10",
        lag: "0",
        notAllowed: ["mntr"],
      },
      {
        address: "127.0.0.1:1",
        serving: false,
        error: "refuses the connection: nothing listens there",
      },
    ]);
    for (const text of err) expect(JSON.parse(text)).toHaveProperty("level");
  });
});
