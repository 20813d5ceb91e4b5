import { describe, expect, test } from "vitest";
import { readOptions } from "./arguments.js";
import { UsageError } from "./command.js";

describe("options", () => {
  test("without any, everything is measured on this Node, three times", () => {
    const options = readOptions([]);
    expect(options.nodes).toEqual([process.execPath]);
    expect(options.repetitions).toBe(3);
    expect(options.workloads).toContain("g2");
    expect(options.rivals).toContain("borsh");
  });

  test("Node versions come in a list", () => {
    expect(readOptions(["--node", "20,22,/opt/node"]).nodes).toEqual(["20", "22", "/opt/node"]);
  });

  test("browsers take the place of Node, unless it is named as well", () => {
    expect(readOptions(["--browser"]).nodes).toEqual([]);
    expect(readOptions(["--browser", "--node", "24"]).nodes).toEqual(["24"]);
  });

  test.each([
    [["--only", "zz"], /no workload zz.*g2/],
    [["--only", ","], /No workload is named/],
    [["--browser", "--java"], /on Node only: add --node/],
    [["--peers", "json"], /no peer json.*protobufjs/],
    [["--repetitions", "0"], /positive number, not 0/],
    [["--output", "xml"], /text or json, not xml/],
    [["--charts"], /--out DIR/],
    [["--sketch", "/nowhere/at/all"], /there is no runtime\.mjs/],
    [["--unknown"], /--unknown/],
  ])("%j is wrong use", (args, message) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  });
});
