import path from "node:path";
import { expect, it } from "vitest";
import { quotedForCmd, serverCommand } from "../src/server-command.js";

const folder = path.resolve("/work");

it.each([
  ["", undefined],
  ["  ", undefined],
  ["jute", "jute"],
  ["node_modules/.bin/jute", path.join(folder, "node_modules/.bin/jute")],
  ["./jute", path.join(folder, "jute")],
  [path.resolve("/opt/jute"), path.resolve("/opt/jute")],
])("the setting %j names %j", (named, command) => {
  expect(serverCommand(named, folder)).toBe(command);
});

it("a path stays as it is where no folder is open", () => {
  expect(serverCommand("bin/jute", undefined)).toBe("bin/jute");
});

it.each([
  ["jute", '"jute"'],
  ["C:\\Program Files\\nodejs\\jute.cmd", '"C:\\Program Files\\nodejs\\jute.cmd"'],
])("on Windows %j is one word of a shell", (command, word) => {
  expect(quotedForCmd(command)).toBe(word);
});
