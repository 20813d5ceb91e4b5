/**
 * How what is published is divided: no package grows into a town of its own, and who installs a
 * server gets no simulator with it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const SIMULATOR = "@jute-ts/simulator";

const root = new URL("../", import.meta.url);
const folders = [
  "generated",
  ...readdirSync(new URL("packages", root)).map((name) => `packages/${name}`),
];
const published = folders
  .map((folder) => ({
    folder,
    manifest: JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), "utf8")) as Manifest,
  }))
  .filter(({ manifest }) => manifest.private !== true);

/** The lines of a package's source, without its tests. */
function linesOf(folder: string): number {
  const source = new URL(`${folder}/src/`, root);
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .reduce((sum, name) => sum + readFileSync(new URL(name, source), "utf8").split("\n").length, 0);
}

it("no package holds more than a quarter of the lines that are published, but for the simulator", () => {
  const lines = new Map(published.map(({ folder, manifest }) => [manifest.name, linesOf(folder)]));
  const total = [...lines.values()].reduce((sum, each) => sum + each, 0);
  expect(total).toBeGreaterThan(10_000);
  const large = [...lines].filter(([name, each]) => name !== SIMULATOR && each > total / 4);
  expect(large).toEqual([]);
});

it("nothing that a published package installs brings the simulator along", () => {
  const byName = new Map(published.map(({ manifest }) => [manifest.name, manifest]));
  expect(byName.has(SIMULATOR)).toBe(true);
  const closure = (name: string, seen: Set<string>): Set<string> => {
    for (const each of Object.keys(byName.get(name)?.dependencies ?? {})) {
      if (!seen.has(each)) closure(each, seen.add(each));
    }
    return seen;
  };
  expect([...closure("@jute-ts/server", new Set())]).toContain("@jute-ts/records");
  const names = [...byName.keys()];
  expect(names.filter((name) => closure(name, new Set()).has(SIMULATOR))).toEqual([]);
});
