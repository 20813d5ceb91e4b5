/** `jute init`: a first schema, a config that generates it, and what to type next. Never overwrites. */
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "@commander-js/extra-typings";
import { CONFIG_FILE_NAME } from "../config.js";
import { shownPath } from "../input-files.js";
import { makeDirectory } from "../make-directory.js";
import { FileSystemError, type Surroundings } from "../surroundings.js";
import { whyRefused } from "../system-error.js";
import type { CommandDefinition } from "./command.js";

export const initCommand: CommandDefinition = ({ surroundings }) =>
  new Command("init")
    .description("Write a first schema and a jute.config.json. Never overwrites a file.")
    .argument("[directory]", "where; created when it is not there", ".")
    .addHelpText("after", EXAMPLES)
    .action((directory) => {
      init(path.resolve(surroundings.cwd, directory), surroundings);
    });

function init(directory: string, { cwd, stdout }: Surroundings): void {
  const shown = (name: string): string => shownPath(path.join(directory, name), cwd);
  const names = Object.keys(FIRST_FILES);
  const present = names.filter((name) => existsSync(path.join(directory, name)));
  if (present.length > 0) {
    throw new FileSystemError(
      `already there, so nothing was written: ${present.map(shown).join(", ")}`,
    );
  }
  for (const [name, text] of Object.entries(FIRST_FILES)) {
    writeNew(path.join(directory, name), text, shown(name));
  }
  const enter = directory === cwd ? [] : [`  cd ${shownPath(directory, cwd)}`];
  const install = hasRuntime(directory)
    ? []
    : ["  npm install @jute-ts/runtime    what the generated classes stand on"];
  const lines = [
    ...names.map((name) => `written  ${shown(name)}`),
    "",
    "Next:",
    ...enter,
    ...install,
    "  npx --no-install jute generate  writes src/records",
    "",
  ];
  stdout.write(lines.join("\n"));
}

/** Whether generated classes find the runtime already: from a tarball, say, which no registry knows. */
function hasRuntime(directory: string): boolean {
  if (existsSync(path.join(directory, "node_modules/@jute-ts/runtime/package.json"))) return true;
  const parent = path.dirname(directory);
  return parent !== directory && hasRuntime(parent);
}

/** Refuses a file that has come into being since it was looked for. */
function writeNew(file: string, text: string, shown: string): void {
  try {
    makeDirectory(path.dirname(file));
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    throw new FileSystemError(`cannot write ${shown}: ${whyRefused(error)}`);
  }
}

const FIRST_SCHEMA = `// The language: every record is a class, every class is in a module.
module example.shop {
    // What can be bought.
    class Item {
        ustring name;
        int count;
    }

    /* What a customer has ordered. */
    class Order {
        long id;
        ustring customer; // null when nobody is logged in
        vector<Item> items;
    }
}
`;

const FIRST_CONFIG = {
  $schema: "./node_modules/@jute-ts/cli/jute.config.schema.json",
  generate: [
    { files: ["jute/*.jute"], outDir: "src/records", modules: { "example.shop": "shop" } },
  ],
};

/** The schema comes before the config, so that a config never names what is not there. */
const FIRST_FILES: Readonly<Record<string, string>> = {
  "jute/shop.jute": FIRST_SCHEMA,
  [CONFIG_FILE_NAME]: `${JSON.stringify(FIRST_CONFIG, null, 2)}\n`,
};

const EXAMPLES = `
Examples:
  jute init
  jute init packages/records

Exit codes: 0 written, 1 a file is already there or cannot be written, 2 wrong usage.
`;
