/** The first example of the README, run as it stands there, on the files that Java wrote. */
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import * as zookeeper from "@jute-ts/zookeeper";
import * as persistence from "./index.js";

const recorded = new URL("../../../test/java/persistence/recorded/", import.meta.url);

/** What the example finds in its data directory. */
const files: Readonly<Record<string, string>> = {
  "version-2/log.100000001": "logs/log.100000001",
  "version-2/snapshot.200000002": "two-seals/snapshot.200000002",
};

const modules: Readonly<Record<string, unknown>> = {
  "node:fs": {
    readFileSync: (path: string) => readFileSync(new URL(files[path] ?? path, recorded)),
  },
  "@jute-ts/persistence": persistence,
  "@jute-ts/zookeeper": zookeeper,
};

test("the example does what its comments say", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  // After the call, or on lines of their own below it.
  const promised = Array.from(
    example.matchAll(/console\.log\(.*\); \/\/ (.*)|^\/\/ ([0-9a-f]{9} .*)$/gm),
    ([, behind, below]) => behind ?? below,
  );
  const printed: string[] = [];
  const script = example.replace(
    /^import (\{[^}]*\}) from ("[^"]*");$/gm,
    "const $1 = modules[$2];",
  );
  const shown = (value: unknown): string => (typeof value === "string" ? value : inspect(value));
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the example is text
  new Function("modules", "console", script)(modules, {
    log: (...values: unknown[]) => printed.push(values.map(shown).join(" ")),
  });
  expect(promised.length).toBe(5);
  expect(printed).toEqual(promised);
});
