import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { chosenFrom, outputOf, positiveNumber, UsageError } from "./command.js";

const COMMANDS = [
  "main",
  "compiler",
  "decode/main",
  "guard/main",
  "primitives/main",
  "servers/main",
  "start/main",
  "tools",
  "tree/main",
];

interface Ended {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** Starts the command's source as `npm run bench…` starts what is built from it. */
async function run(command: string, ...args: string[]): Promise<Ended> {
  const path = fileURLToPath(new URL(`./${command}.ts`, import.meta.url));
  const all = ["-C", "@jute-ts/source", "--import", "tsx", path, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : error.code, out, err });
    });
  });
}

describe.each(COMMANDS)("the command of %s", (command) => {
  test(
    "knows --help, and refuses an unknown option without a stack",
    { timeout: 90_000 },
    async () => {
      const [help, wrong] = await Promise.all([run(command, "--help"), run(command, "--wrong")]);
      expect(help).toMatchObject({ code: 0, err: "" });
      expect(help.out).toMatch(/^Usage: npm run bench.*[^]*--help/);
      expect(wrong).toMatchObject({ code: 2, out: "" });
      expect(wrong.err).toMatch(/^Unknown option '--wrong'/);
      expect(wrong.err).not.toMatch(/^ +at /m);
    },
  );
});

test.each([
  [["main", "--charts", "--out", "/nowhere/at/all"], /^\/nowhere\/at\/all holds no results/],
  [["main", "--node", "/bin/false", "--only", "a"], /^--node \/bin\/false is not a Node that runs/],
  [["tree/main", "--only", "load", "--znodes", "7"], /has no snapshot of 7 znodes/],
  [["primitives/main", "--only", "zz"], /no group's title contains "zz"/],
  [["servers/main", "--directory", "/nowhere/at/all"], /no such file or directory/],
])(
  "%j is refused without a stack",
  { timeout: 90_000 },
  async ([command = "", ...args], message) => {
    const { code, err } = await run(command, ...args);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
  },
);

test.each([
  [() => outputOf("xml"), /text or json, not xml/],
  [() => positiveNumber("--znodes", "abc", 1), /--znodes takes a positive number, not abc/],
  [() => positiveNumber("--znodes", "0.5", 1), /not 0\.5/],
  [() => chosenFrom("peer", "x,q", ["x", "y"]), /no peer q. There are: x, y/],
  [() => chosenFrom("peer", ",", ["x", "y"]), /No peer is named/],
])("what makes no sense is wrong use", (read, message) => {
  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
});

test("names are taken in the order of the known ones", () => {
  expect(chosenFrom("peer", "z,x", ["x", "y", "z"])).toEqual(["x", "z"]);
});
