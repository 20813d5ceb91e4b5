/** `jute breaking`: files, folders and revisions, forms of output, exit codes. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Scratch } from "./scratch.js";

const V1 = "module m { class A { int a; } }\n";
const RENAMED = "module m { class A { int b; } }\n";
const RETYPED = "module m { class A { long a; } }\n";

describe("jute breaking OLD NEW", () => {
  test("exits with 1 when the wire breaks, and shows both places", async () => {
    const scratch = new Scratch({ "old.jute": V1, "new.jute": RETYPED });
    const { exitCode, stdout, stderr } = await scratch.jute("breaking", "old.jute", "new.jute");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("new.jute:1:27 - error JUTE204");
    expect(stderr).toContain("old.jute:1:26");
    expect(stdout).toBe("1 change: 1 breaks the wire, 0 break sources, 0 are safe\n");
  });

  test("exits with 0 otherwise", async () => {
    const scratch = new Scratch({ "old.jute": V1, "new.jute": RENAMED });
    const renamed = await scratch.jute("breaking", "old.jute", "new.jute");
    expect(renamed.exitCode).toBe(0);
    expect(renamed.stderr).toContain("warning JUTE210");
    const same = await scratch.jute("breaking", "old.jute", "old.jute");
    expect(same).toEqual({ exitCode: 0, stdout: "no changes\n", stderr: "" });
  });

  test("compares folders, includes and all", async () => {
    const b = 'include "../x/a.jute" module n { class B { m.A a; } }\n';
    const scratch = new Scratch({
      "old/x/a.jute": V1,
      "old/y/b.jute": b,
      "new/x/a.jute": RETYPED,
      "new/y/b.jute": b,
    });
    const { stderr, stdout } = await scratch.jute("breaking", "old", "new");
    expect(stderr).toContain("new/x/a.jute:1:27");
    expect(stdout).toContain("1 change: ");
  });

  test("prints JSON and annotations", async () => {
    const scratch = new Scratch({ "old.jute": V1, "new.jute": RETYPED });
    const line = ["breaking", "old.jute", "new.jute", "--output"];
    expect(JSON.parse((await scratch.jute(...line, "json")).stdout)).toMatchObject({
      verdict: "wire",
      changes: [
        {
          code: "JUTE204",
          level: "wire",
          before: { file: "old.jute", line: 1, column: 26 },
          after: { file: "new.jute", line: 1, column: 27 },
        },
      ],
    });
    expect((await scratch.jute(...line, "github")).stdout).toMatch(
      /^::error file=new\.jute,line=1/,
    );
  });

  test("takes the word that a record is framed", async () => {
    const appended = V1.replace("int a;", "int a; int b;");
    const scratch = new Scratch({ "old.jute": V1, "new.jute": appended });
    const line = ["breaking", "old.jute", "new.jute"];
    expect((await scratch.jute(...line)).exitCode).toBe(1);
    expect((await scratch.jute(...line, "--framed", "m.A")).exitCode).toBe(0);
    expect((await scratch.jute(...line, "--framed", "m.B")).exitCode).toBe(2);
  });

  test("compares nothing when a schema has errors", async () => {
    const scratch = new Scratch({ "old.jute": V1, "new.jute": "module m { class A { X a; } }\n" });
    const { exitCode, stderr } = await scratch.jute("breaking", "old.jute", "new.jute");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("JUTE020");
  });

  test.each([[["breaking"]], [["breaking", "a.jute"]], [["breaking", "a.jute", "b.jute"]]])(
    "refuses jute %j",
    async (line) => {
      expect((await new Scratch({ "a.jute": V1 }).jute(...line)).exitCode).toBe(2);
    },
  );
});

describe("jute breaking --against", () => {
  function repository(
    files: Readonly<Record<string, string>> = { "defs/a.jute": V1 },
    links: Readonly<Record<string, string>> = {},
  ): Scratch {
    const config = { generate: [{ files: ["defs/*.jute"], outDir: "out" }] };
    const scratch = new Scratch({ ...files, "jute.config.json": JSON.stringify(config) });
    for (const [name, target] of Object.entries(links)) {
      mkdirSync(path.dirname(scratch.path(name)), { recursive: true });
      symlinkSync(target, scratch.path(name));
    }
    const git = (...line: string[]) => {
      const author = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
      execFileSync("git", [...author, ...line], { cwd: scratch.directory, stdio: "ignore" });
    };
    git("init");
    git("add", "-A");
    git("commit", "-m", "first");
    return scratch;
  }

  test("compares the working tree with a revision", async () => {
    const scratch = repository();
    expect((await scratch.jute("breaking", "--against", "HEAD")).stdout).toBe("no changes\n");
    scratch.write("defs/a.jute", RETYPED);
    for (const paths of [[], ["defs"], ["defs/a.jute"], ["defs/*.jute"]]) {
      const { exitCode, stderr } = await scratch.jute("breaking", "--against", "HEAD", ...paths);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("defs/a.jute:1:27");
      expect(stderr).toContain("HEAD:defs/a.jute:1:26");
    }
  });

  test.each(["nothing", "--output=/tmp/x", "HEAD:defs", "HEAD^{tree}"])(
    "refuses the revision %s",
    async (name) => {
      const { exitCode, stderr } = await repository().jute("breaking", `--against=${name}`);
      expect(exitCode).toBe(2);
      expect(stderr).toBe(`jute: git knows no commit "${name}"; fetch it, or name another\n`);
    },
  );

  test("says that a shallow clone has no more history", async () => {
    const scratch = repository();
    const clone = ["clone", "--depth", "1", `file://${scratch.directory}`, scratch.path("shallow")];
    execFileSync("git", clone, { stdio: "ignore" });
    const cwd = scratch.path("shallow");
    const line = ["breaking", "--against", "HEAD~1", "defs"];
    const { exitCode, stderr } = await scratch.juteWith({ cwd }, ...line);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('git knows no commit "HEAD~1"; the clone is shallow');
  });

  test("reads a file by one name, wherever in the tree it is asked from", async () => {
    const b = 'include "sub/a.jute" module n { class B { m.A a; } }\n';
    const scratch = repository({ "defs/sub/a.jute": V1, "defs/b.jute": b });
    const cwd = scratch.path("defs/sub");
    for (const paths of [[".."], ["../b.jute", "a.jute"], ["../**/*.jute"]]) {
      const line = ["breaking", "--against", "HEAD", ...paths];
      expect(await scratch.juteWith({ cwd }, ...line)).toEqual({
        exitCode: 0,
        stdout: "no changes\n",
        stderr: "",
      });
    }
  });

  test("follows the links of a revision that stay in it", async () => {
    const scratch = repository({ "defs/a.jute": V1 }, { "defs/b.jute": "a.jute" });
    const line = ["breaking", "--against", "HEAD"];
    expect((await scratch.jute(...line, "defs/b.jute")).stdout).toBe("no changes\n");
    // Links are part of the revision, not of where they lead today.
    scratch.write("defs/a.jute", RETYPED);
    const { exitCode, stderr } = await scratch.jute(...line, "defs/b.jute");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("HEAD:defs/b.jute:1:26");
  });

  test("reads nothing outside of a revision by its links", async () => {
    const scratch = repository({ "x.txt": V1 }, { "defs/b.jute": "../../../x.jute" });
    scratch.write("../x.jute", V1);
    const { exitCode, stderr } = await scratch.jute("breaking", "--against", "HEAD", "defs/b.jute");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("cannot read defs/b.jute: no such file");
  });

  test.each([
    ["gone", "cannot read gone: no such file"],
    ["fresh", 'in HEAD: no file matches "**/*.jute" in fresh'],
    ["fresh/a.jute", "in HEAD: cannot read fresh/a.jute: no such file"],
    ["..", ".. is not in the working tree"],
  ])("says which side has no %s", async (name, expected) => {
    const scratch = repository({ "gone/a.jute": V1, "defs/a.jute": V1 });
    rmSync(scratch.path("gone"), { recursive: true });
    scratch.write("fresh/a.jute", V1);
    const { exitCode, stderr } = await scratch.jute("breaking", "--against", "HEAD", name);
    expect(stderr).toContain(expected);
    expect(exitCode).toBe(2);
  });

  test("needs a repository", async () => {
    const scratch = new Scratch({ "a.jute": V1 });
    const { exitCode, stderr } = await scratch.jute("breaking", "--against", "HEAD", "a.jute");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("git: ");
  });
});
