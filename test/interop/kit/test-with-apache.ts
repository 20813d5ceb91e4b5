/** Tests that need Apache ZooKeeper: skipped, with the reason in their name, where it is missing. */
import { describe, inject } from "vitest";
import type { FoundJava, Java } from "./java.js";

/** A group of tests that get Java. */
export function describeWithApache(name: string, define: (java: Java) => void): void {
  // Undefined when the tests are run with another configuration than their own.
  const found = (inject("java") as FoundJava | undefined) ?? NOT_LOOKED_FOR;
  if (found.kind === "found") {
    describe(name, () => {
      define(found.java);
    });
  } else {
    describe.skip(`${name} (skipped: ${found.text})`, () => {
      define({ classPath: "" });
    });
  }
}

/** Says a figure that a test has found, for the reader of its output. */
export function note(figure: string): void {
  process.stdout.write(`  ${figure}\n`);
}

const NOT_LOOKED_FOR: FoundJava = { kind: "missing", text: "run these tests by npm run interop" };
