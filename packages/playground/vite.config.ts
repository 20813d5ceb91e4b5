import { defineConfig } from "vite";

export default defineConfig({
  // The page works from any folder of any server.
  base: "./",
  // Packages are built from source, as everywhere in this repository.
  resolve: { conditions: ["@jute-ts/source", "browser", "module", "import", "default"] },
  // Picocolors asks the process whether its terminal has colours.
  define: { process: "globalThis.process" },
  // The schema of ZooKeeper lies above this package.
  server: { fs: { allow: ["../.."] } },
});
