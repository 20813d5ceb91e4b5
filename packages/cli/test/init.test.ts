/** `jute init`: what it writes can be generated at once, and what is there stays as it is. */
import { describe, expect, test } from "vitest";
import { Scratch } from "./scratch.js";

describe("init", () => {
  test("writes a schema and a config that check, lint, format and generate accept as they are", async () => {
    const scratch = new Scratch();
    const { exitCode, stdout, stderr } = await scratch.jute("init");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("npx --no-install jute generate");
    expect(Object.keys(scratch.tree())).toEqual(["jute.config.json", "jute/shop.jute"]);
    expect(await scratch.jute("check")).toEqual({
      exitCode: 0,
      stdout: "1 file: no problems\n",
      stderr: "",
    });
    expect(await scratch.jute("lint", "--max-warnings", "0")).toMatchObject({ exitCode: 0 });
    expect(await scratch.jute("format", "--check")).toMatchObject({ exitCode: 0 });
    expect(await scratch.jute("generate")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(Object.keys(scratch.tree("src/records"))).toEqual([
      "index.ts",
      "registry.ts",
      "shop/Item.ts",
      "shop/Order.ts",
      "shop/index.ts",
    ]);
  });

  test("says to install the runtime, unless it is there", async () => {
    const without = await new Scratch().jute("init");
    expect(without.stdout).toContain("npm install @jute-ts/runtime");
    const manifest = { "node_modules/@jute-ts/runtime/package.json": "{}" };
    const { stdout } = await new Scratch(manifest).jute("init", "packages/records");
    expect(stdout).not.toContain("npm install");
  });

  test("makes the directory that is named, and says to enter it", async () => {
    const scratch = new Scratch();
    const { exitCode, stdout } = await scratch.jute("init", "packages/records");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("cd packages/records");
    expect(Object.keys(scratch.tree("packages/records"))).toHaveLength(2);
  });

  test.each(["jute.config.json", "jute/shop.jute"])("does not overwrite %s", async (name) => {
    const files = { [name]: "mine" };
    const scratch = new Scratch(files);
    const { exitCode, stdout, stderr } = await scratch.jute("init");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toBe(`jute: already there, so nothing was written: ${name}\n`);
    expect(scratch.tree()).toEqual(files);
  });

  test("says what is in the way of a directory", async () => {
    const scratch = new Scratch({ jute: "a file" });
    const { exitCode, stderr } = await scratch.jute("init");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^jute: cannot write jute\/shop\.jute: /);
  });
});
