/** `npm run sim`, bundled and spawned as its users do it: what the corpus and the page of a run are. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runSeed } from "@jute-ts/simulator";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { rowsOf } from "../../../test/effort.js";
import { castOf, kindOf } from "../src/runs/run-kind.js";

// Each starts processes, which a busy machine lets wait.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const directory = mkdtempSync(path.join(tmpdir(), "jute-sim-"));
const program = path.join(directory, "sim.mjs");
const corpus = path.join(directory, "corpus.jsonl");
const page = path.join(directory, "page.html");

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL("../src/main.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@jute-ts/source"],
    outfile: program,
    logLevel: "error",
  });
});

beforeEach(() => {
  rmSync(corpus, { force: true });
  rmSync(page, { force: true });
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function sim(...args: readonly string[]): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8", timeout: 280_000 });
}

const linesOf = (file: string): string[] => readFileSync(file, "utf8").split("\n").slice(0, -1);

/** The rows of a page, by what they are about. */
function textsOf(topic: string): string[] {
  const [, json = ""] =
    /<script type="application\/json" id="data">(.*)<\/script>/.exec(readFileSync(page, "utf8")) ??
    [];
  const data = JSON.parse(json) as {
    readonly topics: readonly string[];
    readonly texts: readonly string[];
    readonly topic: readonly number[];
    readonly text: readonly number[];
  };
  const wanted = data.topics.indexOf(topic);
  return data.topic.flatMap((each, row) =>
    each === wanted ? (data.texts[data.text[row] ?? -1] ?? "") : [],
  );
}

/**
 * Whether a command has run its seeds. The seeds of a swarm are others every time, so one may find a violation
 * one day: that is what they are for, and not what a corpus is held to.
 */
const isOfRuns = (status: number | null): boolean => status === 0 || status === 1;

describe("a swarm", () => {
  it("leaves the seeds that reached something new, and begins with them the next time", () => {
    const swarm = ["--swarm", "0.0005", "--jobs", "1", "--corpus", corpus, "--output", "json"];
    expect(sim(...swarm).status).toSatisfy(isOfRuns);
    const found = linesOf(corpus);
    expect(found.length).toBeGreaterThan(0);
    const seeds = found.map((line) => (JSON.parse(line) as { readonly seed: number }).seed);
    // One batch fits, and it is the corpus.
    const again = sim(...swarm);
    const { seeds: count, steps } = JSON.parse(again.stdout) as { seeds: number; steps: number };
    expect(count).toBe(seeds.length);
    const steppedBy = (seed: number) => runSeed(seed, { cast: castOf(kindOf(seed, 25)) }).steps;
    expect(steps).toBe(seeds.reduce((sum, seed) => sum + steppedBy(seed), 0));
    expect(linesOf(corpus)).toEqual(found);
    expect(again.stderr).toContain(`the corpus has ${seeds.length} seeds`);
  });

  it("forgets a seed that reaches nothing of its own any more, and keeps those that were not used", () => {
    const [kind, other] = [kindOf(1, 25), kindOf(1, 25) === "quorum" ? "client-port" : "quorum"];
    const [one, elsewhere] = [`{"seed":1,"kind":"${kind}"}`, `{"seed":1,"kind":"${other}"}`];
    // The same again reaches nothing; as a seed of the other kind it is not used with this --client-port.
    writeFileSync(corpus, `${one}\n${elsewhere}\n{"seed":7,"kind":"${kindOf(7, 0)}"}\n`);
    const args = ["--swarm", "0.0005", "--jobs", "1", "--corpus", corpus, "--client-port", "0"];
    expect(sim(...args).status).toSatisfy(isOfRuns);
    expect(linesOf(corpus)).toContain(`{"seed":7,"kind":"quorum"}`);
    expect(linesOf(corpus)).toContain(`{"seed":1,"kind":"client-port"}`);
  });

  it("says which line of a file is none of a corpus", () => {
    writeFileSync(corpus, '{"seed":1,"kind":"quorum"}\n{"seed":"2"}\n');
    const { status, stderr } = sim("--swarm", "0.0005", "--corpus", corpus);
    expect(status).toBe(2);
    expect(stderr).toContain(`${corpus}:2 is no seed of a corpus`);
    expect(linesOf(corpus)).toHaveLength(2);
  });

  it("takes a last line without its end, and makes the folder of a corpus", () => {
    writeFileSync(corpus, `{"seed":7,"kind":"quorum"}`);
    // A second seed begins in the shorter time, unless the machine is busy.
    for (const minutes of ["0.02", "0.2"]) {
      if (linesOf(corpus).length > 1) break;
      const { status } = sim("--swarm", minutes, "--jobs", "1", "--corpus", corpus);
      expect(status).toSatisfy(isOfRuns);
    }
    expect(linesOf(corpus).length).toBeGreaterThan(1);
    for (const line of linesOf(corpus)) expect(JSON.parse(line)).toHaveProperty("seed");
    const nested = path.join(directory, "made", "corpus.jsonl");
    expect(sim("--swarm", "0.0005", "--jobs", "1", "--corpus", nested).status).toSatisfy(isOfRuns);
    expect(linesOf(nested).length).toBeGreaterThan(0);
  });

  it.each(rowsOf(["corpus.jsonl/below", "."], 1))(
    "says that its corpus cannot be at %s",
    (place) => {
      writeFileSync(corpus, "");
      const { status, stderr } = sim("--swarm", "0.0005", "--corpus", path.join(directory, place));
      expect(status).toBe(2);
      expect(stderr).toContain("--corpus: ");
      expect(stderr).not.toMatch(/^ +at .*:\d+/mu);
    },
  );

  it("is asked for a corpus alone", () => {
    expect(sim("--seeds", "1..2", "--corpus", corpus).stderr).toContain("--corpus needs --swarm");
    expect(existsSync(corpus)).toBe(false);
  });
});

describe("the page of a run", () => {
  it("holds what the story of a seed tells", () => {
    expect(sim("--seed", "3", "--html", page).status).toBe(0);
    const told = sim("--seed", "3", "--trace").stdout.split("\n");
    for (const text of textsOf("peer")) expect(told.some((line) => line.endsWith(text))).toBe(true);
    expect(textsOf("peer").length).toBeGreaterThan(50);
    expect(textsOf("violation")).toEqual([]);
  });

  it.each(rowsOf(["text", "json"], 1))(
    "shows the first violation of many seeds, shrunk, with --output %s",
    (format) => {
      const args = ["--seeds", "1..20", "--mutant", "election-without-quorum", "--shrink", "10"];
      expect(sim(...args, "--html", page, "--output", format).status).toBe(1);
      expect(textsOf("violation")).toHaveLength(1);
      expect(textsOf("violation")[0]).toContain("is violated (found by: ");
    },
  );

  it("is not written where many seeds have no violation, and this is said", () => {
    const many = ["--seeds", "1..2", "--html", page];
    expect(sim(...many).stderr).toContain("no violation, so no page is written\n");
    expect(existsSync(page)).toBe(false);
    writeFileSync(page, "older");
    expect(sim(...many).stderr).toContain(`${page} is an older one`);
    expect(readFileSync(page, "utf8")).toBe("older");
  });

  it("that cannot be written is said to be, without a stack trace", () => {
    const { status, stderr } = sim("--seed", "3", "--html", path.join(directory, "none/page.html"));
    expect(status).toBe(2);
    expect(stderr).toContain("none/page.html");
    expect(stderr).not.toMatch(/^ +at .*:\d+/mu);
  });
});

describe("a command that makes no sense", () => {
  it.each([
    [["--seed", "3", "--trace", "--output", "json"], "--trace tells the story as text"],
    [["--seed", "9007199254740993"], "--seed wants a number up to"],
    [["--seeds", "1..9007199254740993"], "--seeds wants a number up to"],
  ])("is refused: %s", (args, text) => {
    const { status, stderr } = sim(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(text);
  });
});

it("ends quietly when nobody reads the rest of a story", () => {
  const script = '"$0" "$1" --seed 1 --trace | head -n 1';
  const { stdout, stderr } = spawnSync("sh", ["-c", script, process.execPath, program], {
    encoding: "utf8",
  });
  expect(stdout.split("\n")).toHaveLength(2);
  expect(stderr).toBe("");
});

describe("a process that runs seeds and is killed", () => {
  const childrenOf = (pid: number): string => `/proc/${pid}/task/${pid}/children`;

  it.runIf(existsSync(childrenOf(process.pid)))(
    "ends the command, which tells what was found until then",
    async () => {
      const command = spawn(process.execPath, [program, "--seeds", "1..100000", "--jobs", "2"]);
      const printed = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const)
        command[name].setEncoding("utf8").on("data", (text: string) => {
          printed[name] += text;
        });
      const closed = once(command, "close");
      await vi.waitFor(
        () => {
          expect(printed.stderr).toMatch(/^[1-9]\d* seeds/mu);
        },
        { timeout: 240_000, interval: 200 },
      );
      const [worker] = readFileSync(childrenOf(command.pid ?? 0), "utf8").split(" ");
      process.kill(Number(worker), "SIGKILL");
      expect(await closed).toEqual([1, null]);
      expect(printed.stdout).toMatch(/^[1-9]\d* seeds, .* 0 violations$/mu);
      expect(printed.stderr).toMatch(/^A process ended by SIGKILL while it ran the seeds \d/mu);
    },
  );
});
