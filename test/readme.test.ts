/** The examples in the READMEs, run as they stand there: what a comment promises must be printed. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as records from "@jute-ts/records";
import * as data from "@jute-ts/records/data";
import * as proto from "@jute-ts/records/proto";
import * as runtime from "@jute-ts/runtime";
import * as zookeeper from "@jute-ts/zookeeper";

const modules: Readonly<Record<string, unknown>> = {
  "@jute-ts/records": records,
  "@jute-ts/records/data": data,
  "@jute-ts/records/proto": proto,
  "@jute-ts/runtime": runtime,
  "@jute-ts/zookeeper": zookeeper,
};

describe("the first example", () => {
  it.each(["README.md", "packages/runtime/README.md", "generated/README.md"])("of %s", (path) => {
    const readme = readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
    const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const promised = Array.from(
      example.matchAll(/console\.log\(.*\); \/\/ (.*)/g),
      ([, text]) => text,
    );
    const printed: string[] = [];
    const script = example.replace(
      /^import (\{[^}]*\}) from ("[^"]*");$/gm,
      "const $1 = modules[$2];",
    );
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the example is text
    new Function("modules", "console", script)(modules, {
      log: (...values: unknown[]) => printed.push(values.map(String).join(" ")),
    });
    expect(promised.length).toBeGreaterThan(0);
    expect(printed).toEqual(promised);
  });
});
