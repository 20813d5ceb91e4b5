import { defineConfig } from "vitest/config";

// Tests run from source: the custom condition makes package imports resolve to src/index.ts.
export default defineConfig({
  resolve: { conditions: ["@jute-ts/source"] },
  ssr: { resolve: { conditions: ["@jute-ts/source"], externalConditions: ["@jute-ts/source"] } },
  test: {
    include: [
      "packages/**/*.test.ts",
      "generated/**/*.test.ts",
      "test/**/*.test.ts",
      "bench/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    // Those need Apache's servers: npm run interop.
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.interop.test.ts"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000,
  },
});
