import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatScenario, parseScenario, playScenario } from "../src/stories/scenario.js";
import { standardCast } from "../src/runs/standard-cast.js";

// Each file is a story: commands, and below a line of dashes the trace that they give. UPDATE=1
// writes the traces again, to be read as a diff. A command or an expectation that fails, and an
// invariant that is violated, fail the test either way.
const FOLDER = join(import.meta.dirname, "scenarios");
const isUpdate = process.env["UPDATE"] === "1";

describe("scenarios", () => {
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith(".txt"))) {
    it(name.slice(0, -4).replaceAll("-", " "), () => {
      const path = join(FOLDER, name);
      const file = parseScenario(readFileSync(path, "utf8"));
      const trace = playScenario(file.commands, standardCast);
      if (isUpdate) writeFileSync(path, formatScenario({ ...file, trace }));
      else expect(trace).toBe(file.trace);
    });
  }

  it("fail when an expectation does not hold", () => {
    const play = (commands: string): string => playScenario(commands, standardCast);
    const elected = "ensemble 3\nstart all\nelect\nsettle\n";
    expect(() => play(`${elected}expect-leader 1`)).toThrow("the leader is 3");
    expect(() => play(`${elected}expect-role 1 leading`)).toThrow("it is following");
    expect(() => play(`${elected}expect-path 1 /missing`)).toThrow("there is no /missing");
    expect(() => play(`${elected}create 1 /a b\nexpect-path 1 /a c`)).toThrow('it holds "b"');
    expect(() => play(`${elected}create 1 /a\nexpect-no-path 1 /a`)).toThrow("there is /a");
    expect(() => play(`${elected}expect-zxid 2 0x1`)).toThrow("it is at 0x0");
    expect(() => play(`${elected}create 1 /a\ncreate 2 /a`)).toThrow("error -110");
    expect(() => play(`${elected}submit 1 /a\nexpect-answer applied`)).toThrow("is none");
    expect(() => play(`${elected}run 1ms\nexpect-said nonsense`)).toThrow("nothing of the kind");
    expect(() => play(`${elected}crash 1\ncreate 2 /a\nexpect-equal-digests 2 3\ncrash 1`)).toThrow(
      "not running",
    );
    expect(() => play(`ensemble 3\nstart 1\nelect`)).toThrow("no leader");
    expect(() => play(`${elected}pause 2\ncreate 1 /a\nexpect-equal-digests`)).toThrow(
      "states are",
    );
  });

  it("fail for commands that make no sense", () => {
    const play = (commands: string): string => playScenario(commands, standardCast);
    expect(() => play("dance")).toThrow("unknown command");
    expect(() => play("start x")).toThrow("expected a server id");
    expect(() => play("start all\nensemble 5")).toThrow("before the first start");
    expect(() => play("run fast")).toThrow("expected a time");
  });
});
