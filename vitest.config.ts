// What `npm test` runs, and what `npm run test:all` adds to it (test/effort.ts).
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { QuietReporter } from "./test/quiet-reporter.js";

// Tests run from source: the custom condition makes package imports resolve to src/index.ts.
export default defineConfig(({ mode }) => {
  const all = mode === "all";
  return {
    resolve: { conditions: ["@jute-ts/source"] },
    ssr: { resolve: { conditions: ["@jute-ts/source"], externalConditions: ["@jute-ts/source"] } },
    test: {
      include: [
        "packages/**/*.test.ts",
        "generated/**/*.test.ts",
        "test/**/*.test.ts",
        "bench/**/*.test.ts",
        "examples/**/*.test.ts",
        "editors/**/*.test.ts",
      ],
      exclude: [
        "**/node_modules/**",
        "**/dist/**",
        // Those need Apache's servers: npm run interop.
        "**/*.interop.test.ts",
        // Those need Chromium: npm run playground:test.
        "**/*.browser.test.ts",
      ],
      env: { JUTE_TESTS: all ? "all" : "quick" },
      setupFiles: ["test/setup.ts"],
      // Files share a process and what they import: half the time. What needs modules of
      // its own says so (test/own-modules.ts).
      isolate: false,
      // Vitest would leave one core to itself, which it hardly uses; and tests of servers mostly wait.
      maxWorkers: availableParallelism() + 1,
      // Only what hangs is to meet these: a test at full length has taken a minute on a busy machine.
      testTimeout: all ? 240_000 : 60_000,
      hookTimeout: 60_000,
      reporters: [
        new QuietReporter(
          all
            ? "Everything, at full length: some seven minutes on two cores."
            : "Some three and a half minutes on two cores; npm run test:all goes deeper and takes seven.",
        ),
      ],
    },
  };
});
