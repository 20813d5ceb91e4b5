/** Options of the compiler's commands that reach what they are about, seen from outside, and have no other test. */
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { chunks, Scratch } from "./scratch.js";

const SHOP =
  "module shop {\n    // What is sold.\n    class Item {\n        int id;\n        long price;\n    }\n}\n";

describe("generate --target", () => {
  test.each([
    ["typescript", "o/shop/Item.ts", /export class Item\b/],
    ["json-schema", "o", /"\$schema": "https:\/\/json-schema\.org/],
    ["markdown", "o", /^#+ .*Item/m],
    ["html", "o", /<html/],
  ])("%s", async (target, place, content) => {
    const scratch = new Scratch({ "a.jute": SHOP });
    const line = ["generate", "a.jute", "-o", "o", "--target", target];
    expect(await scratch.jute(...line)).toMatchObject({ exitCode: 0 });
    const files = Object.entries(scratch.tree("o")).filter(([name]) =>
      `o/${name}`.startsWith(place),
    );
    expect(files.map(([, text]) => text).join("\n")).toMatch(content);
  });

  test("wireshark, of ZooKeeper's records only", async () => {
    const scratch = new Scratch({ "a.jute": SHOP });
    const result = await scratch.jute("generate", "a.jute", "-o", "o", "--target", "wireshark");
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain('the target "wireshark" is about ZooKeeper');
  });
});

test("generate --view emits a view of this record and of no other", async () => {
  const two = SHOP.replace("class Item", "class Other { int n; }\n    class Item");
  const scratch = new Scratch({ "a.jute": two });
  const line = ["generate", "a.jute", "-o", "o"];
  await scratch.jute(...line);
  const without = Object.values(scratch.tree("o")).join("\n");
  await scratch.jute(...line, "--view", "shop.Item");
  const withView = Object.values(scratch.tree("o")).join("\n");
  expect(without).not.toMatch(/class \w*View\b/);
  expect(withView).toMatch(/class ItemView\b/);
  expect(withView).not.toMatch(/class OtherView\b/);
});

test("generate --stdin-path places the text of standard input", async () => {
  const scratch = new Scratch({ "defs/b.jute": "module b { class B { int n; } }\n" });
  const stdin = (): { stdin: AsyncIterable<Buffer> } => ({
    stdin: chunks('include "b.jute"\nmodule a { class A { b.B inner; } }\n'),
  });
  const line = ["generate", "-", "-o", "o"];
  const lost = await scratch.juteWith(stdin(), ...line);
  expect(lost.exitCode).toBe(1);
  const placed = await scratch.juteWith(stdin(), ...line, "--stdin-path", "defs/a.jute");
  expect(placed).toMatchObject({ exitCode: 0 });
  expect(Object.keys(scratch.tree("o")).join()).toContain("A.ts");
});

describe("--config", () => {
  const entry = { files: ["a.jute"], outDir: "o" };

  test("of format says how wide an indent is", async () => {
    const scratch = new Scratch({
      "a.jute": SHOP,
      "jute.config.json": JSON.stringify({ generate: [entry] }),
      "other.json": JSON.stringify({ generate: [entry], format: { indentWidth: 2 } }),
    });
    expect(await scratch.jute("format", "--check")).toMatchObject({ exitCode: 0 });
    const check = ["format", "--check", "--config", "other.json"];
    expect(await scratch.jute(...check)).toMatchObject({ exitCode: 1 });
    expect(scratch.read("a.jute")).toBe(SHOP);
    await scratch.jute("format", "--config", "other.json");
    expect(scratch.read("a.jute")).toContain("\n  class Item {\n    int id;");
  });

  test("of lint says what is looked at, and how severe it is", async () => {
    const scratch = new Scratch({
      "a.jute": "module a {\n    class A {\n        int b;\n    }\n}\n",
      "jute.config.json": JSON.stringify({ generate: [entry] }),
      "other.json": JSON.stringify({ generate: [entry], lint: { levels: { JUTE140: "error" } } }),
    });
    // A class without a comment.
    expect(await scratch.jute("lint")).toMatchObject({ exitCode: 0 });
    const other = await scratch.jute("lint", "--config", "other.json");
    expect(other).toMatchObject({ exitCode: 1 });
    expect(other.stderr).toContain("JUTE140");
  });

  test("of breaking says which files are compared with the revision", async () => {
    const scratch = new Scratch({
      "a.jute": SHOP,
      "b.jute": "module b { class B { int n; } }\n",
      "jute.config.json": JSON.stringify({ generate: [entry] }),
      "other.json": JSON.stringify({ generate: [{ files: ["b.jute"], outDir: "o" }] }),
    });
    const git = (...words: string[]): unknown =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], {
        cwd: scratch.directory,
        stdio: "ignore",
      });
    git("init");
    git("add", ".");
    git("commit", "-m", "first");
    scratch.write("b.jute", "module b { class B { long n; } }\n");
    expect(await scratch.jute("breaking", "--against", "HEAD")).toMatchObject({ exitCode: 0 });
    const line = ["breaking", "--against", "HEAD", "--config", "other.json"];
    const other = await scratch.jute(...line);
    expect(other).toMatchObject({ exitCode: 1 });
    expect(other.stdout + other.stderr).toContain("b.jute");
  });
});

test("format --stdin-path names the text in messages", async () => {
  const line = ["format", "-", "--stdin-path", "defs/a.jute"];
  const broken = await new Scratch().juteWith({ stdin: chunks("module {") }, ...line);
  expect(broken).toMatchObject({ exitCode: 1, stdout: "" });
  expect(broken.stderr).toContain("defs/a.jute:1:");
});
