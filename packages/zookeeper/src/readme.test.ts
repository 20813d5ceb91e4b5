/** The first example of the README, run as it stands there. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as zookeeper from "./index.js";

test("the example does what its comments say", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const promised = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map((match) => match[1]);
  const printed: string[] = [];
  const script = example.replace(
    /^import (\{[^}]*\}) from "@jute-ts\/zookeeper";$/gm,
    "const $1 = zookeeper;",
  );
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the example is text
  new Function("zookeeper", "console", script)(zookeeper, {
    log: (...values: unknown[]) => printed.push(values.map(String).join(" ")),
  });
  expect(promised.length).toBe(3);
  expect(printed).toEqual(promised);
});
