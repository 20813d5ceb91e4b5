import { defineConfig } from "vitest/config";

// Beside the ordinary tests: these start real servers of Apache ZooKeeper, one ensemble at a time.
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ["@jute-ts/source"] },
  ssr: { resolve: { conditions: ["@jute-ts/source"], externalConditions: ["@jute-ts/source"] } },
  test: {
    include: ["**/*.interop.test.ts"],
    globalSetup: ["global-setup.ts"],
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
