/**
 * Runs the programs in examples/ as their READMEs say, from source. What they print is compared
 * with what they promise in a comment, or with what Java wrote. Those with tests of their own
 * are run by Vitest, like all tests.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { expect, test } from "vitest";

const folder = (name: string): string =>
  fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const node = ["--import", createRequire(import.meta.url).resolve("tsx"), "-C", "@jute-ts/source"];

test("decode-a-log prints the txns that Java's classes logged", () => {
  const { lines, status } = run("decode-a-log", ["src/main.ts"]);
  expect(status).toBe(0);
  // The same as in the README of @jute-ts/persistence.
  expect(lines.at(-3)).toMatch(/^0x10000000d .* delete DeleteTxn \{ path: "\/app\/x" \}$/);
  expect(lines.at(-2)).toMatch(
    / closeSession CloseSessionTxn \{ paths2Delete: \["\/app\/bob"\] \}$/,
  );
  expect(lines.at(-1)).toBe("padding at byte 4416");
});

test("custom-jute prints what its comments promise", () => {
  const promised = readFileSync(`${folder("custom-jute")}/src/main.ts`, "utf8").matchAll(
    /console\.log\(.*\); \/\/ (.*)/g,
  );
  const { lines } = run("custom-jute", ["src/main.ts"]);
  expect(lines).toEqual(Array.from(promised, ([, text]) => text));
});

test("the records of custom-jute are those of its schema", () => {
  const cli = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
  expect(run("custom-jute", [cli, "generate", "--check"])).toMatchObject({ status: 0 });
});

test("proxy says where clients may connect to", async () => {
  const child = spawn(process.execPath, [...node, "src/main.ts", "0", "127.0.0.1:2181"], {
    cwd: folder("proxy"),
  });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    expect(line.toString()).toMatch(
      /^clients of 127\.0\.0\.1:2181 may connect to 127\.0\.0\.1:\d+/,
    );
  } finally {
    child.kill();
  }
});

test("zookeeper-in-tests runs with node:test", () => {
  const { lines, status } = run("zookeeper-in-tests", ["--test", "src/members.node.ts"]);
  expect(status, lines.join("\n")).toBe(0);
  expect(lines).toContain("# pass 1");
});

test("zookeeper-in-tests runs with Jest", () => {
  const jest = createRequire(`${folder("zookeeper-in-tests")}/package.json`).resolve(
    "jest/bin/jest",
  );
  const { status } = run("zookeeper-in-tests", [jest, "--silent"]);
  expect(status).toBe(0);
});

test("browser decodes with nothing of Node's", async () => {
  const { outputFiles } = await build({
    entryPoints: [`${folder("browser")}/src/main.ts`],
    bundle: true,
    format: "iife",
    platform: "browser",
    conditions: ["@jute-ts/source"],
    write: false,
  });
  const page = readFileSync(`${folder("browser")}/index.html`, "utf8");
  const text = /<textarea[^>]*>([^<]*)<\/textarea/.exec(page)?.[1] ?? "";
  let onInput = (): void => undefined;
  const input = {
    value: text,
    addEventListener: (_: string, then: () => void) => {
      onInput = then;
    },
  };
  const output = { value: "" };
  // What a page has, as far as the example and the packages use it.
  const globals = {
    document: { querySelector: (name: string) => (name === "textarea" ? input : output) },
    TextDecoder,
    TextEncoder,
  };
  vm.runInNewContext(outputFiles[0]?.text ?? "", globals);
  expect(output.value).toBe('request 1: exists {"path":"/app","watch":true}');
  input.value = "00 00 00";
  onInput();
  expect(output.value).toMatch(/^JuteDecodeError: /);
});

function run(
  example: string,
  arguments_: readonly string[],
): { lines: string[]; status: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [...node, ...arguments_], {
    cwd: folder(example),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { lines: stdout.trimEnd().split("\n"), status };
}
