import { defineConfig } from "vitest/config";

// Needs Chromium, so it stands apart from npm test: npm run playground:test.
export default defineConfig({
  // Packages are used from source, as everywhere in this repository.
  resolve: { conditions: ["@jute-ts/source"] },
  ssr: { resolve: { conditions: ["@jute-ts/source"], externalConditions: ["@jute-ts/source"] } },
  test: { include: ["test/**/*.browser.test.ts"], testTimeout: 60_000 },
});
