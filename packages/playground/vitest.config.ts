import { defineConfig } from "vitest/config";

// Needs Chromium, so it stands apart from npm test: npm run playground:test.
export default defineConfig({
  test: { include: ["test/**/*.browser.test.ts"], testTimeout: 60_000 },
});
