/** What the command says to wrong use, run as users run it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../../test/effort.js";
import { SpawnedCommand, STACK_TRACE } from "../../test/spawned-command.js";
import { COMMAND_NAME } from "./command-line.js";

let command: SpawnedCommand;
let directory: string;

beforeAll(async () => {
  command = await SpawnedCommand.bundle();
  directory = mkdtempSync(join(tmpdir(), "jute-ts-wrong-use-"));
  mkdirSync(join(directory, "directory"));
  writeFileSync(join(directory, "empty.cfg"), "");
  writeFileSync(join(directory, "binary.cfg"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]));
  writeFileSync(join(directory, "utf16.cfg"), Buffer.from("\uFEFFdataDir=/d\n", "utf16le"));
  writeFileSync(join(directory, "long.cfg"), "#".repeat(3_000_000));
  writeFileSync(join(directory, "words.cfg"), "these are words\nand no settings\n");
  writeFileSync(join(directory, "loop.cfg"), "dataDir=loop\nserver.1=h:1:2\n");
  execFileSync("ln", ["-s", "loop", join(directory, "loop")]);
});

afterAll(() => {
  command.remove();
  rmSync(directory, { recursive: true, force: true });
});

describe("wrong use", () => {
  const cases: readonly [string, RegExp][] = [
    ["", /name a command/u],
    ["--foo", /unknown option '--foo'/u],
    ["-x", /unknown option '-x'/u],
    ["strat", /unknown command 'strat'.*start/u],
    ["help strat", /unknown command 'strat'/u],
    ["constructor", /unknown command 'constructor'/u],
    ["__proto__", /unknown command '__proto__'/u],
    ["start", /zoo\.cfg/u],
    ["start a b", /too many arguments/u],
    ["start --foo", /unknown option '--foo'/u],
    ["start empty.cfg --verbos", /'--verbos'.*--verbose/u],
    ["start empty.cfg --output", /--output/u],
    ["start empty.cfg --output xml", /'xml'.*text, json/u],
    ["start empty.cfg --end-with-parent", /needs a channel/u],
    ["start missing.cfg", /^missing\.cfg: .*does not exist/u],
    ["start empty.cfg/zoo.cfg", /a part of its path is a file/u],
    ["start directory", /^directory: .*is a directory/u],
    ["start binary.cfg", /^binary\.cfg: .*is no text: byte 4 is 02/u],
    ["start utf16.cfg", /^utf16\.cfg: .*UTF-16/u],
    ["start long.cfg", /^long\.cfg: .*more than/u],
    ["start /dev/zero", /^\/dev\/zero: /u],
    ["start /dev/null", /^\/dev\/null: dataDir is not set/mu],
    ["start empty.cfg", /^empty\.cfg: .*dataDir is not set/u],
    ["start words.cfg", /^words\.cfg: /mu],
    ["start loop.cfg", /symbolic links/u],
    ["restore", /zoo\.cfg/u],
    ["restore empty.cfg", /missing required argument 'file'/u],
    ["restore empty.cfg snapshot.1", /^empty\.cfg: .*dataDir is not set/u],
    ["status", /servers/u],
    ["status :", /":" is no address/u],
    ["status ,", /names no server/u],
    ["status /chroot", /names no server/u],
    ["status host:0", /"host:0" is no address/u],
    ["status host:99999", /"host:99999" is no address/u],
    ["status host:port", /"host:port" is no address/u],
    ["status ::1:2181", /brackets/u],
    ["status --verbose host", /unknown option '--verbose'/u],
    ["ensemble three", /too many arguments/u],
    ["ensemble --size 0", /1 to 31/u],
    ["ensemble --size -1", /--size/u],
    ["ensemble --size 1.5", /1 to 31/u],
    ["ensemble --size 32", /1 to 31/u],
    ["ensemble --size three", /1 to 31/u],
    ["ensemble --observers 32", /0 to 31/u],
    ["ensemble --client-port 65536", /1 to 65535/u],
    ["ensemble --client-port 65535", /clientPort is 65535/u],
    ["ensemble --set tickTime", /tickTime=500/u],
    ["ensemble --set dataDir=/d", /Use directory/u],
    ["ensemble --set server.9=h:1:2", /Use size/u],
    ["ensemble --set tickTime=fast", /tickTime is "fast"/u],
    ["ensemble --processes --set tickTime=fast", /tickTime is "fast"/u],
    ["ensemble --directory empty.cfg", /empty\.cfg.*a file/u],
  ];
  it.concurrent.each(rowsOf(cases, 5))("is told and never traced: %s", async (args, expected) => {
    const words = args === "" ? [] : args.split(" ");
    const { code, stdout, stderr } = await command.run(words, { cwd: directory });
    expect(stderr).toMatch(expected);
    expect(stdout).toBe("");
    // The error, and where to read on.
    expect(stderr).not.toContain("Usage:");
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(code).toBe(2);
  });

  it("is told as JSON to whoever asked for JSON", async () => {
    for (const args of [
      ["start", "missing.cfg", "--output", "json"],
      ["start", "--output=json"],
      ["start", "words.cfg", "--output=json"],
      ["strat", "--output", "json"],
      ["status", ":", "--output", "json"],
      ["ensemble", "--output", "json", "--size", "0"],
      ["ensemble", "--output", "json", "--set", "tickTime=fast"],
    ]) {
      const { code, stdout, stderr } = await command.run(args, { cwd: directory });
      const lines = `${stdout}${stderr}`.trimEnd().split("\n");
      for (const line of lines) {
        expect(JSON.parse(line), args.join(" ")).toMatchObject({
          level: expect.any(String) as string,
        });
      }
      expect(code).toBe(2);
    }
  });
});

describe("questions about the command", () => {
  it.concurrent.each([
    "help",
    "--help",
    "-h",
    "help start",
    "help status",
    "help restore",
    "help ensemble",
    "start --help",
    "status --help",
    "ensemble --help",
  ])("are answered with the usage: %s", async (args) => {
    const { code, stdout, stderr } = await command.run(args.split(" "));
    expect(stdout).toMatch(new RegExp(`^Usage: ${COMMAND_NAME} `, "u"));
    expect(stdout).toContain("Exit codes: 0 ");
    expect([stderr, code]).toEqual(["", 0]);
  });

  it.concurrent.each(["--version", "-V", "start --version", "status -V", "ensemble --version"])(
    "are answered with the version: %s",
    async (args) => {
      const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
      const { version } = JSON.parse(manifest) as { version: string };
      const finished = await command.run(args.split(" "));
      expect(finished).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    },
  );
});

describe("a reader who has enough", () => {
  it("ends nothing with a stack trace", async () => {
    const child = command.spawn(["status", "127.0.0.1:1", "--output", "json"]);
    child.stdout?.destroy();
    let stderr = "";
    child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
    await new Promise((resolve) => child.once("close", resolve));
    expect(stderr).not.toMatch(STACK_TRACE);
  });
});
