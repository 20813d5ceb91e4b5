/**
 * The same session of each client, with all that it can ask for and all ways in which that
 * fails, against Apache's server and ours: what it prints is the same, but for times, zxids
 * and ids.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Java, javaArguments } from "../kit/java.js";
import { describeWithApache } from "../kit/test-with-apache.js";
import { type Maker, startStandalone } from "./standalone-servers.js";

/** How a client is run, and what it must print at least. */
interface Client {
  readonly name: string;
  readonly command: (address: string, java: Java, classes: string) => readonly string[];
  /** The file that it reads as its input. After a line `until REGEX`, no more is read until that was printed. */
  readonly input?: string;
  /** What a thread prints that does not wait for answers: it may come anywhere between what others print. */
  readonly aside?: RegExp;
  readonly lines: number;
  /** A line near the end, so that a session that broke off on both sides is no success. */
  readonly last: RegExp;
}

const SESSIONS = fileURLToPath(new URL("sessions/", import.meta.url));
const CURATOR = fileURLToPath(new URL("../../java/curator/CuratorSession.java", import.meta.url));
const JARS = "/usr/share/java";
const CURATOR_JARS = ["curator-framework", "curator-client", "curator-recipes", "guava"].map(
  (name) => join(JARS, `${name}.jar`),
);
const CLI = "/usr/lib/zookeeper/bin/cli_mt";
/** Where the npm package `zookeeper` lies, built. It is compiled where it is installed, so it is no dependency. */
const NATIVE_CLIENT = process.env["ZOOKEEPER_NATIVE_CLIENT"];
const QUIET_MS = 2000;
/** How long the last answer may take at most. */
const MOST_ANSWERING_MS = 30_000;
const SILENT = { "org.slf4j.simpleLogger.defaultLogLevel": "off" };

const clients: readonly Client[] = [
  {
    name: "Apache's Java client",
    command: (address, java) => [
      "java",
      ...javaArguments(java, "ScriptedSession", SILENT, [address]),
    ],
    lines: 130,
    last: /^closed: SESSIONEXPIRED$/mu,
  },
  {
    name: "zkCli.sh",
    command: (address, { classPath }) => {
      const java = { classPath: [classPath, join(JARS, "commons-cli.jar")].join(delimiter) };
      const main = "org.apache.zookeeper.ZooKeeperMain";
      return ["java", ...javaArguments(java, main, SILENT, ["-server", address])];
    },
    input: "zkCli.txt",
    lines: 100,
    last: /relative paths not allowed/u,
  },
  {
    name: "the C client, cli_mt",
    command: (address) => [CLI, address],
    input: "cli_mt.txt",
    aside: /(?:Creating \[|Error -?\d+ for ).*\n/gu,
    lines: 80,
    last: /reconfig|-remove 2/u,
  },
  {
    name: "Curator and its recipes",
    command: (address, { classPath }, classes) => {
      const java = { classPath: [classes, classPath, ...CURATOR_JARS].join(delimiter) };
      return ["java", ...javaArguments(java, "CuratorSession", SILENT, [address])];
    },
    lines: 35,
    last: /^done$/mu,
  },
  {
    name: "node-zookeeper-client",
    command: (address) => [process.execPath, join(SESSIONS, "node-client.cjs"), address],
    lines: 40,
    last: /^ephemerals are gone: \[null\]$/mu,
  },
  ...(NATIVE_CLIENT === undefined ? [] : [nativeClient(NATIVE_CLIENT)]),
];

function nativeClient(directory: string): Client {
  return {
    name: "zookeeper of npm",
    command: (address) => [
      process.execPath,
      join(SESSIONS, "native-client.cjs"),
      directory,
      address,
    ],
    lines: 60,
    last: /^ephemerals are gone: -101 .*\ndone$/mu,
  };
}

describeWithApache("a session is the same with our server as with Apache's, by", (java) => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "jute-ts-transcripts-"));
    if (!CURATOR_JARS.every((jar) => existsSync(jar))) return;
    const classPath = [java.classPath, ...CURATOR_JARS].join(delimiter);
    execFileSync("javac", ["-encoding", "UTF-8", "-d", directory, "-cp", classPath, CURATOR]);
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(clients)("$name", async (client) => {
    const [apache, own] = await Promise.all(
      (["apache", "own"] as const).map((maker) => record(client, maker, java, directory)),
    );
    expect(own).toBe(apache);
    expect(apache?.split("\n").length).toBeGreaterThan(client.lines);
    expect(apache).toMatch(client.last);
  });
});

/** What a client prints, without what is never the same. */
async function record(
  { name, command, input, aside, last }: Client,
  maker: Maker,
  java: Java,
  directory: string,
): Promise<string> {
  const home = join(directory, `${name} ${maker}`.replaceAll(/\W+/gu, "-"));
  const server = await startStandalone(maker, java, home);
  try {
    const text = input === undefined ? "" : readFileSync(join(SESSIONS, input), "utf8");
    const [program = "", ...rest] = command(server.address, java, directory);
    const printed = await run(program, rest, text, last);
    const ordered = aside === undefined ? printed : withAside(printed, aside);
    return normalized(ordered, server.address);
  } finally {
    await server.stop();
  }
}

/** Both streams, one after the other: how they are interleaved is chance. */
async function run(
  program: string,
  rest: readonly string[],
  input: string,
  last: RegExp,
): Promise<string> {
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"], timeout: 60_000 });
  const printed = [child.stdout, child.stderr].map((stream) => {
    const chunks: string[] = [];
    stream.setEncoding("utf8").on("data", (text: string) => chunks.push(text));
    return chunks;
  });
  child.stdin.on("error", () => undefined);
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const hasPrinted = (pattern: RegExp): boolean =>
    printed.some((chunks) => pattern.test(chunks.join("")));
  // The C client does not wait for answers before it quits, which is its last line.
  const quit = input.lastIndexOf("\n", input.length - 2) + 1;
  const [first = "", ...parts] = input.slice(0, quit).split(/^until /mu);
  child.stdin.write(first);
  for (const part of parts) {
    const [pattern = ""] = part.split("\n", 1);
    await untilQuiet(printed, () => hasPrinted(new RegExp(pattern, "u")));
    child.stdin.write(part.slice(pattern.length + 1));
  }
  if (input !== "") await untilQuiet(printed, () => hasPrinted(last));
  child.stdin.end(input.slice(quit));
  await ended;
  return printed.map((chunks) => chunks.join("")).join("\n--- stderr\n");
}

/** Waits until nothing is printed any more, and all is answered, but not forever. */
async function untilQuiet(
  printed: readonly (readonly string[])[],
  isAnswered: () => boolean,
): Promise<void> {
  const giveUpMs = performance.now() + MOST_ANSWERING_MS;
  let before = -1;
  for (;;) {
    const count = printed.flat().length;
    if (count === before && (isAnswered() || performance.now() >= giveUpMs)) return;
    before = count;
    await delay(QUIET_MS);
  }
}

/** What one thread prints, after what the others do. */
function withAside(text: string, aside: RegExp): string {
  return [text.replaceAll(aside, ""), ...(text.match(aside) ?? [])].join("");
}

function normalized(text: string, address: string): string {
  return (
    text
      .replaceAll(address, "SERVER")
      .replaceAll(/\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} (?:[A-Z]+ )?\d{4}\b/gu, "TIME")
      .replaceAll(/\b0x[0-9a-f]+\b/gu, "ID")
      .replaceAll(/\b(czxid|mzxid|pzxid) ?= ?[0-9a-f]+/giu, "$1=ID")
      .replaceAll(/^time = \d+ msec$/gmu, "time = MS")
      // Ephemerals are listed in no order, and the end of a session is reported some time.
      .replaceAll(
        /^\[(\/.*)\]$/gmu,
        (_, paths: string) => `[${paths.split(", ").sort().join(", ")}]`,
      )
      // A thread of its own prints two lines of it, and what else is printed may come between.
      .replaceAll(
        /^\nWATCHER::\n(?<between>(?:.+\n)*?)\nWatchedEvent state:Closed type:None path:null\n/gmu,
        "$<between>",
      )
      // Children come in no order; the C client prints one a line.
      .replaceAll(
        /(?:^\t[\w-]+\n)+/gmu,
        (names) => `${names.trimEnd().split("\n").sort().join("\n")}\n`,
      )
  );
}
