/**
 * The examples, taken out of the repository as their README says: copied into a project that has
 * the tarballs, type-checked by their own tsconfig.json, and run.
 */
import { cpSync, readdirSync } from "node:fs";
import path from "node:path";
import { root } from "./published.js";
import { run, step } from "./shell.js";

/** What the project must have installed beside the packages. */
export const EXAMPLES_NEED = [
  "typescript",
  "vite",
  "vitest",
  "tsx",
  "jest",
  "@types/node",
  "node-zookeeper-client",
  "@types/node-zookeeper-client",
];

export function useExamples(project: string): void {
  const folder = path.join(project, "examples");
  cpSync(path.join(root, "examples"), folder, {
    recursive: true,
    filter: (file) => !/\/(node_modules|dist)$/.test(file),
  });
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name);
  step(`type-check the ${names.length} examples`, () => {
    for (const name of names) {
      run("npx", ["--no-install", "tsc", "-p", `examples/${name}`], project);
    }
  });
  step("run the examples", () => {
    const log = run("node", ["dist/main.js"], path.join(folder, "decode-a-log"));
    if (!log.includes("padding at byte")) throw new Error(`decode-a-log printed ${log}`);
    run("node", ["dist/main.js"], path.join(folder, "custom-jute"));
    // Its own tests: an ensemble inside a process that knows nothing but the tarballs.
    run("npx", ["--no-install", "vitest", "run", "examples/ensemble-in-vitest/src"], project);
    run("npm", ["test"], path.join(folder, "zookeeper-in-tests"));
    run("npx", ["--no-install", "vitest", "run", "examples/proxy/src"], project);
    run("npx", ["--no-install", "vitest", "run", "examples/client/src"], project);
  });
}
