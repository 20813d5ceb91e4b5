/** The configuration of all tests, with one file replaced by a mutant of it, which `MUTANT` names. */
import { readFileSync } from "node:fs";
import { defineConfig, mergeConfig } from "vitest/config";
import config from "../../vitest.config.js";

const path = process.env["MUTANT"];
const mutant =
  path === undefined
    ? undefined
    : (JSON.parse(readFileSync(path, "utf8")) as { readonly file: string; readonly text: string });

export default defineConfig((environment) =>
  mergeConfig(config(environment), {
    plugins: [
      {
        name: "mutant",
        enforce: "pre" as const,
        load: (id: string) => (id === mutant?.file ? mutant.text : undefined),
      },
    ],
  }),
);
