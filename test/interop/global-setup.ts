/** Before all interop tests: finds Java, compiles what runs in it, and hands both to the tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type FoundJava, prepareJava } from "./kit/java.js";

declare module "vitest" {
  export interface ProvidedContext {
    java: FoundJava;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), "jute-ts-interop-classes-"));
  const java = await prepareJava(directory);
  if (java.kind === "missing") {
    const text = `The tests with Apache ZooKeeper cannot run: ${java.text}.`;
    // A missing server must not look like a passed test where nobody looks.
    if (process.env["CI"] === "true") throw new Error(text);
    console.warn(`${text} They are skipped.`);
  }
  project.provide("java", java);
  return async () => {
    await rm(directory, { recursive: true, force: true });
  };
}
