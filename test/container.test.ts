/**
 * The container recipe, as far as it can be tried without building it: the file itself by a
 * linter, what it copies by looking for it, and what the image runs in a directory that holds
 * what the image would.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePorts } from "../packages/server/src/ensemble/free-ports.js";
import { SpawnedCommand } from "../packages/server/test/spawned-command.js";

const root = path.resolve(import.meta.dirname, "..");
const text = readFileSync(path.join(root, "container/Dockerfile"), "utf8");
const instructions = Array.from(text.matchAll(/^([A-Z]+) (.*)$/gmu), ([, keyword, rest]) => ({
  keyword: keyword ?? "",
  rest: rest ?? "",
}));
/** What the last stage copies: from where in this repository to where in the image. */
const copies = instructions
  .slice(instructions.map(({ keyword }) => keyword).lastIndexOf("FROM"))
  .filter(({ keyword }) => keyword === "COPY")
  .map(({ rest }) => {
    const [from = "", to = ""] = rest.replace(/^--from=build \/src\//u, "").split(" ");
    return { from, to: path.posix.resolve("/opt/zk", to) };
  });

/** An instruction that is written as JSON. */
function words(keyword: string): string[] {
  const rest = instructions.find((each) => each.keyword === keyword)?.rest ?? "";
  return JSON.parse(rest.slice(rest.indexOf("["))) as string[];
}

describe("the container recipe", () => {
  it("is one in which a linter finds nothing", () => {
    expect(validate(text)).toEqual([]);
    // As it would find a mistake.
    expect(validate(text.replace("EXPOSE 2181", "EXPOSE x"))).not.toEqual([]);
  });

  it("copies what this repository has or builds", () => {
    const built = copies.filter(({ from }) => from.includes("/dist/"));
    const manifest = readFileSync(path.join(root, "packages/server/package.json"), "utf8");
    const { bin } = JSON.parse(manifest) as { bin: Record<string, string> };
    expect(built.map(({ from }) => from)).toEqual([
      path.posix.join("packages/server", bin["zk-server"] ?? ""),
      "packages/server/dist/THIRD-PARTY-NOTICES.txt",
    ]);
    const others = copies.map(({ from }) => from).filter((from) => !from.includes("/dist/"));
    expect(others.filter((from) => !existsSync(path.join(root, from)))).toEqual([]);
    expect(others).toHaveLength(3);
  });
});

describe("what the image holds", () => {
  let command: SpawnedCommand;
  let image: string;
  let port: number;
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    command = await SpawnedCommand.bundle();
    image = mkdtempSync(path.join(tmpdir(), "jute-ts-image-"));
    for (const { from, to } of copies) {
      const target = path.join(image, to);
      mkdirSync(path.dirname(target), { recursive: true });
      if (from.endsWith("/main.js")) cpSync(command.program, target);
      else if (!from.includes("/dist/")) cpSync(path.join(root, from), target);
    }
    [port = 0] = await findFreePorts(1);
    const configuration = path.join(image, "conf/zoo.cfg");
    const asBuilt = readFileSync(configuration, "utf8");
    writeFileSync(
      configuration,
      asBuilt
        .replace("dataDir=/data", `dataDir=${image}/data`)
        .replace("clientPort=2181", `clientPort=${port}\nclientPortAddress=127.0.0.1`),
    );
  });

  afterAll(() => {
    server?.kill("SIGKILL");
    command.remove();
    rmSync(image, { recursive: true, force: true });
  });

  /** A command of the image, in the directory that stands for it. */
  function inImage(list: readonly string[]): [string, string[]] {
    const [program = "", ...rest] = list;
    const arguments_ = rest.map((word) =>
      word.startsWith("/") ? path.join(image, word) : word.replace(":2181", `:${port}`),
    );
    expect(program).toBe("node");
    return [process.execPath, arguments_];
  }

  it("is a server that starts, is healthy, and ends when it is told to", async () => {
    const [program, arguments_] = inImage([...words("ENTRYPOINT"), ...words("CMD")]);
    server = spawn(program, arguments_, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on("data", (bytes: Buffer) => (said += bytes.toString()));
    }
    const ended = once(server, "close");
    const health = inImage(words("HEALTHCHECK"));
    const endMs = performance.now() + 30_000;
    while (spawnSync(...health).status !== 0) {
      if (performance.now() > endMs || server.exitCode !== null) throw new Error(said);
      await delay(100);
    }
    // What it says at the start has no remark about the configuration.
    expect(said).not.toMatch(/warning|error/u);
    expect(instructions).toContainEqual({ keyword: "STOPSIGNAL", rest: "SIGTERM" });
    server.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
});
