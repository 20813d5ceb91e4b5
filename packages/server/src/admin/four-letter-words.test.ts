/** What a server of Apache ZooKeeper 3.8.0 answered, asked over a socket, in the states of the hand-made server. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { handMadeWords } from "../../test/hand-made-server.js";
import { version, installed } from "../node/version.js";
import { FOUR_LETTER_WORDS } from "./four-letter-words.js";
import type { ServerMode } from "./server-view.js";

const NOT_SERVING = "This ZooKeeper instance is not currently serving requests\n";

function ask(word: string, mode: ServerMode | undefined = "follower"): string | undefined {
  return handMadeWords(mode).words.answer(Buffer.from(word, "latin1"));
}

describe("four-letter words of a server that serves", () => {
  it("ruok, isro", () => {
    expect(ask("ruok")).toBe("imok");
    expect(ask("isro")).toBe("rw");
    expect(ask("isro", "read-only")).toBe("ro");
  });

  it("srvr, with what was counted", () => {
    const { words, metrics } = handMadeWords("leader");
    const { server } = metrics;
    for (const ms of [1, 3, 9]) server.record("latency", ms);
    for (const size of [90, 40, 36]) server.record("proposal_size", size);
    server.count("packets_received", 6);
    server.count("packets_sent", 5);
    expect(words.answer(Buffer.from("srvr"))).toBe(
      "Zookeeper version: 3.8.0-test, built on 2026-01-01 00:00 UTC\n" +
        "Latency min/avg/max: 1/4.3333/9\nReceived: 6\nSent: 5\nConnections: 2\nOutstanding: 0\n" +
        "Zxid: 0x10000000c\nMode: leader\nNode count: 10\nProposal sizes last/min/max: 36/36/90\n",
    );
    expect(words.answer(Buffer.from("srst"))).toBe("Server stats reset.\n");
    expect(words.answer(Buffer.from("srvr"))).toContain(
      "\nLatency min/avg/max: 0/0.0/0\nReceived: 0\nSent: 0\n",
    );
    expect(words.answer(Buffer.from("srvr"))).toContain("sizes last/min/max: -1/-1/-1\n");
  });

  it("stat", () => {
    expect(ask("stat")).toBe(
      "Zookeeper version: 3.8.0-test, built on 2026-01-01 00:00 UTC\nClients:\n" +
        " /127.0.0.1:39264[1](queued=0,recved=6,sent=6)\n" +
        " /[0:0:0:0:0:0:0:1]:39308[0](queued=0,recved=1,sent=0)\n\n" +
        "Latency min/avg/max: 0/0.0/0\nReceived: 0\nSent: 0\nConnections: 2\nOutstanding: 0\n" +
        "Zxid: 0x10000000c\nMode: follower\nNode count: 10\n",
    );
    expect(ask("stat", "read-only")).toContain(
      "UTC\nREAD-ONLY mode; serving only read-only clients\nClients:\n",
    );
  });

  it("cons", () => {
    expect(ask("cons")).toBe(
      " /127.0.0.1:39264[1](queued=0,recved=6,sent=6,sid=0x10000072d580001,lop=PING," +
        "est=1795915682803,to=5000,lcxid=0x2,lzxid=0x10000000c,lresp=506993,llat=0,minlat=0," +
        "avglat=5,maxlat=20)\n" +
        " /[0:0:0:0:0:0:0:1]:39308[0](queued=0,recved=1,sent=0)\n\n",
    );
  });

  it("wchs, wchc, wchp", () => {
    expect(ask("wchs")).toBe("2 connections watching 2 paths\nTotal watches:3\n");
    expect(ask("wchc")).toBe("0x10000072d580001\n\t/a\n0x10000072d580000\n\t/a\n\t/nope\n\n");
    expect(ask("wchp")).toBe(
      "/a\n\t0x10000072d580001\n\t0x10000072d580000\n/nope\n\t0x10000072d580000\n\n",
    );
  });

  it("dump, of a follower and of a leader", () => {
    const date = "[A-Z][a-z]{2} [A-Z][a-z]{2} \\d\\d \\d\\d:\\d\\d:\\d\\d \\S+ \\d{4}";
    const ephemerals =
      "ephemeral nodes dump:\nSessions with Ephemerals \\(2\\):\n" +
      "0x10000072d580001:\n\t/a/f\n0x10000072d580000:\n\t/a/e2\n\t/a/e\n";
    const connections =
      `Connections dump:\nConnections Sets \\(1\\)/\\(2\\):\n2 expire at ${date}:\n` +
      "\tip: /127.0.0.1:39264 sessionId: 0x10000072d580001\n" +
      "\tip: /\\[0:0:0:0:0:0:0:1\\]:39308 sessionId: 0x0\n";
    expect(ask("dump", "follower")).toMatch(
      new RegExp(
        "^SessionTracker dump:\nGlobal Sessions\\(3\\):\n0x10000072d580000\t9000ms\n" +
          "0x10000072d580001\t5000ms\n0x30000072dbe0000\t9000ms\n" +
          `${ephemerals}${connections}$`,
        "u",
      ),
    );
    expect(ask("dump", "leader")).toMatch(
      new RegExp(
        `^SessionTracker dump:\nSession Sets \\(2\\)/\\(3\\):\n2 expire at ${date}:\n` +
          `\t0x30000072dbe0000\n\t0x10000072d580001\n1 expire at ${date}:\n\t0x10000072d580000\n` +
          `${ephemerals}${connections}$`,
        "u",
      ),
    );
  });

  it("conf", () => {
    const common =
      "clientPort=24001\nsecureClientPort=-1\ndataDir=/data/version-2\ndataDirSize=100\n" +
      "dataLogDir=/log/version-2\ndataLogSize=200\ntickTime=500\nmaxClientCnxns=60\n" +
      "minSessionTimeout=1000\nmaxSessionTimeout=10000\nclientPortListenBacklog=-1\nserverId=1\n";
    expect(ask("conf", "standalone")).toBe(common);
    expect(ask("conf")).toBe(
      `${common}initLimit=20\nsyncLimit=10\nelectionAlg=3\nelectionPort=24201\nquorumPort=24101\n` +
        "peerType=0\nmembership: \nserver.1=127.0.0.1:24101:24201:participant;127.0.0.1:24001\n" +
        "server.2=127.0.0.1:24102:24202:participant\n" +
        "server.3=127.0.0.1:24103:24203:observer\nversion=0",
    );
  });

  it("dirs, hash, crst", () => {
    expect(ask("dirs")).toBe("datadir_size: 100\nlogdir_size: 200\n");
    expect(ask("hash")).toBe("100000080: 1234\n");
    expect(ask("crst")).toBe("Connection stats reset.\n");
  });

  it("mntr, with means as Java writes doubles", () => {
    const { words, metrics } = handMadeWords("follower");
    for (const ms of [0, 8, 4, 2]) metrics.server.record("fsynctime", ms);
    metrics.server.recordOf("write_per_namespace", "a", 7);
    const answer = words.answer(Buffer.from("mntr")) ?? "";
    expect(answer.split("\n").slice(0, 6)).toEqual([
      "zk_version\t3.8.0-test, built on 2026-01-01 00:00 UTC",
      "zk_server_state\tfollower",
      "zk_peer_state\tfollowing - broadcast",
      "zk_ephemerals_count\t3",
      "zk_num_alive_connections\t2",
      "zk_avg_latency\t0.0",
    ]);
    expect(answer).toContain(
      "\nzk_avg_fsynctime\t3.5\nzk_min_fsynctime\t0\nzk_max_fsynctime\t8\nzk_cnt_fsynctime\t4\n" +
        "zk_sum_fsynctime\t14\n",
    );
    expect(answer).toContain("\nzk_avg_a_write_per_namespace\t7.0\n");
    expect(answer).toContain("\nzk_server_id\t1\n");
  });

  it("gtmk and stmk: eight bytes, of which the whole must be there", () => {
    const { words } = handMadeWords("follower");
    expect(words.answer(Buffer.from("gtmk"))).toBe("306");
    expect(words.answer(Buffer.from("stmk\xff\xff\xff\xff\xff\xff\xff\xff", "latin1"))).toBe("-1");
    expect(words.answer(Buffer.from("gtmk"))).toBe("-1");
    expect(words.answer(Buffer.from("stmk\0\0\0\0\0\0\0", "latin1"))).toBe("");
    expect(words.answer(Buffer.from("gtmk"))).toBe("-1");
  });

  it("ignores what follows, and says nothing to telnet's end", () => {
    expect(ask("ruok and more")).toBe("imok");
    expect(ask("\xff\xf4\xff\xfd")).toBe("");
    for (const other of ["xxxx", "RUOK", "\0\0\0\x2d", "\xff\xf4\xff\xfe"]) {
      expect(ask(other)).toBeUndefined();
    }
  });
});

describe("four-letter words of a server that does not serve", () => {
  it.each([
    ["ruok", "imok"],
    ["isro", "null"],
    ["gtmk", "306"],
    ["hash", NOT_SERVING.trimEnd()],
    ...["srvr", "stat", "cons", "mntr", "conf", "dump", "wchs", "wchc", "wchp", "dirs"].map(
      (word) => [word, NOT_SERVING],
    ),
    ["crst", NOT_SERVING],
    ["srst", NOT_SERVING],
  ])("%s", (word, answer) => {
    expect(handMadeWords(undefined).words.answer(Buffer.from(word))).toBe(answer);
  });

  it("envi, as always", () => {
    const answer = handMadeWords(undefined).words.answer(Buffer.from("envi"));
    expect(answer).toMatch(/^Environment:\nzookeeper\.version=3\.8\.0-test, built on 2026/u);
  });
});

describe("the whitelist", () => {
  const refused = (word: string): string =>
    `${word} is not executed because it is not in the whitelist.\n`;

  it("is for every word but srvr", () => {
    const { words } = handMadeWords("follower", { allowed: ["ruok"] });
    for (const word of FOUR_LETTER_WORDS) {
      const answer = words.answer(Buffer.from(word));
      if (word === "ruok" || word === "srvr") expect(answer).not.toBe(refused(word));
      else expect(answer).toBe(refused(word));
    }
  });

  it("is for isro too, unless there may be read-only servers", () => {
    const ask = (readOnlyMode: boolean): string | undefined =>
      handMadeWords("follower", { allowed: [], readOnlyMode }).words.answer(Buffer.from("isro"));
    expect(ask(false)).toBe(refused("isro"));
    expect(ask(true)).toBe("rw");
  });
});

it("the version begins with a release that tools can read, and holds this package's", () => {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  expect(version).toBe((JSON.parse(manifest) as { version: string }).version);
  expect(installed).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d UTC$/u);
});
