/**
 * The command as it is shipped, run again over what it has made: whatever changes between two runs
 * must be seen, although the second one parses nothing when nothing has changed.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandParts } from "../../../scripts/packages/bundles.js";
import { rowsOf } from "../../../test/effort.js";
import { Scratch } from "./scratch.js";

const root = path.resolve(import.meta.dirname, "../../..");
// Below node_modules, so that what stays outside of the bundle is found.
const folder = path.join(root, "node_modules/.cache/jute-ts/cli", String(process.pid));

beforeAll(async () => {
  mkdirSync(path.join(folder, "dist"), { recursive: true });
  copyFileSync(path.join(root, "packages/cli/package.json"), path.join(folder, "package.json"));
  await build({ ...commandParts, outdir: path.join(folder, "dist") });
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function jute(scratch: Scratch, ...arguments_: readonly string[]) {
  return juteOf("dist", scratch, ...arguments_);
}

/** The command that was built into this directory. */
function juteOf(dist: string, scratch: Scratch, ...arguments_: readonly string[]) {
  const main = path.join(folder, dist, "main.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...arguments_], {
    cwd: scratch.directory,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { exitCode: status, stdout: stdout.replace(/ in [\d.]+ s$/m, ""), stderr };
}

/** Sent SIGINT as soon as it writes. */
async function interrupted(scratch: Scratch) {
  const child = spawn(process.execPath, [path.join(folder, "dist/main.js"), ...GENERATE], {
    cwd: scratch.directory,
    env: { ...process.env, NO_COLOR: "1" },
  });
  let stderr = "";
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  const closed = once(child, "close");
  const isWriting = () => readdirSync(scratch.path("out/a")).some((name) => name.endsWith(".tmp"));
  while (child.exitCode === null && !isWriting()) await setTimeout(1);
  child.kill("SIGINT");
  const [exitCode] = (await closed) as [number | null];
  return { exitCode, stderr };
}

const GENERATE = ["generate", "a.jute", "-o", "out"] as const;
const ALL_UNCHANGED = "2 modules, 2 records → out: 0 written, 6 unchanged\n";

/** A project whose output has just been made. */
function project(): Scratch {
  const scratch = new Scratch({
    "node_modules/.keep": "",
    "a.jute": 'include "b.jute"\nmodule a { class A { b.B part; int n; } }\n',
    "b.jute": "module b { class B { long id; } }\n",
  });
  const printed = "2 modules, 2 records → out: 6 written, 0 unchanged\n";
  expect(jute(scratch, ...GENERATE)).toEqual({ exitCode: 0, stdout: printed, stderr: "" });
  return scratch;
}

/** The one file of the cache that says what the last run made. */
function stampFile(scratch: Scratch): string {
  const cache = "node_modules/.cache/jute";
  const [name] = readdirSync(scratch.path(cache)).filter((each) => each.endsWith("-run.json"));
  return `${cache}/${name ?? ""}`;
}

test("parses nothing when nothing has changed", () => {
  const scratch = project();
  // A stamp that says something else, and is whole: what it says is printed only if it is believed.
  const { build: writer, stamp } = JSON.parse(scratch.read(stampFile(scratch))) as {
    build: string;
    stamp: { recordCount: number };
  };
  stamp.recordCount = 4711;
  const checksum = createHash("sha256").update(JSON.stringify(stamp)).digest("base64url");
  scratch.write(stampFile(scratch), JSON.stringify({ build: writer, checksum, stamp }));
  expect(jute(scratch, ...GENERATE).stdout).toContain("4711 records → out: 0 written, 6 unchanged");
  expect(jute(scratch, ...GENERATE, "--check").stdout).toContain("up to date");
  expect(jute(scratch, ...GENERATE, "--no-cache").stdout).toBe(ALL_UNCHANGED);
}, 30_000);

type Edit = readonly [title: string, file: string, edit: (text: string) => string];

/** The quick ones are of each kind: the output, what is compiled, how it is laid out. */
const EDITS: readonly Edit[] = [
  ["an edited file of the output", "out/a/A.ts", (text) => text.replace("int", "INT")],
  ["a file of the output with one more line", "out/index.ts", (text) => `${text}\n`],
  ["an included file", "b.jute", (text) => text.replace("long id", "int id")],
  ["the source", "a.jute", (text) => text.replace("int n", "long n")],
  ["a Prettier configuration", ".prettierrc", () => "semi: false\n"],
  ["an .editorconfig", ".editorconfig", () => "root = true\n[*]\nindent_style = tab\n"],
];

test.each(rowsOf(EDITS, 3))(
  "sees %s",
  (_title, file, edit) => {
    const scratch = project();
    const earlier = file.startsWith(".") ? "" : scratch.read(file);
    scratch.write(file, edit(earlier));
    const check = jute(scratch, ...GENERATE, "--check");
    expect(check.exitCode).toBe(1);
    expect(check.stdout).toContain("stale");
    expect(jute(scratch, ...GENERATE).stdout).not.toContain(" 0 written");
    expect(jute(scratch, ...GENERATE).stdout).toBe(ALL_UNCHANGED);
    expect(jute(scratch, ...GENERATE, "--no-cache").stdout).toBe(ALL_UNCHANGED);
  },
  60_000,
);

test("sees a deleted file, an orphan, other options, and a file that is not generated", () => {
  const scratch = project();
  rmSync(scratch.path("out/b/B.ts"));
  expect(jute(scratch, ...GENERATE).stdout).toContain(": 1 written, 5 unchanged");
  scratch.write("out/a/Old.ts", scratch.read("out/a/A.ts"));
  expect(jute(scratch, ...GENERATE, "--check")).toMatchObject({ exitCode: 1 });
  expect(jute(scratch, ...GENERATE).stdout).toContain("6 unchanged, 1 deleted");
  const other = ["--import-extension", ".ts"] as const;
  expect(jute(scratch, ...GENERATE, ...other, "--check")).toMatchObject({ exitCode: 1 });
  scratch.write("out/a/A.ts", "export const mine = 1;\n");
  expect(jute(scratch, ...GENERATE)).toMatchObject({ exitCode: 1 });
  expect(scratch.read("out/a/A.ts")).toBe("export const mine = 1;\n");
}, 60_000);

/** Another compiler of the same version: the emitter of records says something else. */
const otherEmitter: Plugin = {
  name: "other-emitter",
  setup: (build) => {
    build.onLoad({ filter: /typescript[/\\]init-code\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, "utf8").replaceAll("Initial values for", "First values of"),
      loader: "ts",
    }));
  },
};

test("sees another compiler, whose version may be the same", async () => {
  const scratch = project();
  await build({ ...commandParts, outdir: path.join(folder, "other"), plugins: [otherEmitter] });
  expect(juteOf("other", scratch, ...GENERATE, "--check")).toMatchObject({ exitCode: 1 });
  expect(juteOf("other", scratch, ...GENERATE).stdout).toContain(": 2 written, 4 unchanged");
  expect(scratch.read("out/a/A.ts")).toContain("First values of");
  expect(jute(scratch, ...GENERATE).stdout).toContain(": 2 written, 4 unchanged");
}, 60_000);

test("is not confused by a damaged stamp", () => {
  const scratch = project();
  const stamp = scratch.read(stampFile(scratch));
  // Text that is no JSON, JSON that is no stamp, and a stamp that somebody changed.
  const damages = ["{", "", "null", "[]", '{"stamp":{}}'];
  for (const damaged of [...rowsOf(damages, 2), stamp.replace("a/A.ts", "a/B.ts")]) {
    scratch.write(stampFile(scratch), damaged);
    expect(jute(scratch, ...GENERATE).stdout).toBe(ALL_UNCHANGED);
  }
}, 60_000);

test("is not confused by the stamp of a compiler that remembers other things", () => {
  const scratch = project();
  const stamp = { key: "of another compiler" };
  const checksum = createHash("sha256").update(JSON.stringify(stamp)).digest("base64url");
  const other = { build: "generate-AAAAAAAA.js", checksum, stamp };
  scratch.write(stampFile(scratch), JSON.stringify(other));
  const printed = { exitCode: 0, stdout: ALL_UNCHANGED, stderr: "" };
  expect(jute(scratch, ...GENERATE)).toEqual(printed);
});

test("needs no cache that can be written", () => {
  const scratch = new Scratch({
    "node_modules/.cache": "a file where a directory should be",
    "a.jute": "module a { class A { int n; } }\n",
  });
  const printed = "1 module, 1 record → out: 4 written, 0 unchanged\n";
  expect(jute(scratch, ...GENERATE)).toEqual({ exitCode: 0, stdout: printed, stderr: "" });
});

test("prints warnings again", () => {
  const scratch = project();
  scratch.write("a.jute", "module a { class A { c.C part; } }\n");
  const rejected = jute(scratch, ...GENERATE);
  expect(rejected.exitCode).toBe(1);
  expect(jute(scratch, ...GENERATE)).toEqual(rejected);
  scratch.write("a.jute", "module a { class A { B part; } class B { int n; } }\n");
  const [first, second] = [1, 2].map(() => jute(scratch, ...GENERATE, "--output", "github"));
  expect(first?.stdout).toContain("JUTE024");
  expect(second?.stdout.split("\n")[0]).toBe(first?.stdout.split("\n")[0]);
}, 60_000);

test("lays out and writes many files by a second thread as it does few", async () => {
  // With maps of records, which are left to Prettier, and one class that it needs not.
  const many = Array.from({ length: 1000 }, (_, index) =>
    index % 250 === 0
      ? `class R${String(index)} { map<ustring, Part> aRatherLongNameOfAFieldThatHoldsRecordsByTheirNames; }`
      : `class R${String(index)} { int number; vector<ustring> names; }`,
  );
  const scratch = new Scratch({
    "a.jute": `module a { class Part { int n; }\n${many.join("\n")}\n}\n`,
  });
  expect(jute(scratch, ...GENERATE).stdout).toContain(": 1004 written, 0 unchanged");
  // From source there is no thread.
  expect(await scratch.jute("generate", "a.jute", "-o", "twin")).toMatchObject({ exitCode: 0 });
  expect(scratch.tree("out")).toEqual(scratch.tree("twin"));
  scratch.write("out/a/R7.ts", scratch.read("out/a/R8.ts"));
  expect(jute(scratch, ...GENERATE, "--check").stdout).toContain("1 file out of date");
  expect(jute(scratch, ...GENERATE).stdout).toContain(": 1 written, 1003 unchanged");
  // Nor does who is interrupted leave them. One that is told of before a file is in its place is noticed in time.
  const whole = scratch.tree("out");
  scratch.write("a.jute", scratch.read("a.jute").replaceAll("names", "words"));
  expect(await interrupted(scratch)).toEqual({
    exitCode: 1,
    stderr: "jute: interrupted: the output is as it was\n",
  });
  expect(scratch.tree("out")).toEqual(whole);
  expect(jute(scratch, ...GENERATE).stdout).toContain(": 996 written, 8 unchanged");
  // What the disk refuses leaves no temporary files and the old output.
  rmSync(scratch.path("out/a/R9.ts"));
  scratch.write("out/a/R9.ts/in-the-way", "");
  const before = scratch.tree("out");
  expect(jute(scratch, ...GENERATE)).toMatchObject({ exitCode: 1, stdout: "" });
  expect(scratch.tree("out")).toEqual(before);
}, 120_000);
