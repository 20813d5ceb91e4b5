/** `jute data`: looks into a server's data directory. Nothing is ever written to it. */
import { Command, Option } from "@commander-js/extra-typings";
import type { DataFlags } from "../inspect/data.js";
import { parsePath, parseZxid } from "../inspect/option-values.js";
import { UsageError } from "../surroundings.js";
import type { CommandDefinition } from "./command.js";

export const dataCommand: CommandDefinition = ({ surroundings, exitWith }) =>
  new Command("data")
    .description(
      "Look into a data directory: check it, its tree at a txn, what changed and who did it.",
    )
    .argument("<action>", "verify, tree, diff, history or cut; see below")
    .argument(
      "<place>",
      "the directory of the logs and snapshots (version-2), or the dataDir that it is in; for cut, a log; for diff, also a snapshot",
    )
    .argument("[other]", "diff: another directory or snapshot, to compare with")
    .option("--log-dir <dir>", "where the logs are, if they are apart from the snapshots")
    .option(
      "--path <path>",
      "tree, diff, history: only this znode and those below; history needs it",
      parsePath,
    )
    .option(
      "--zxid <zxid>",
      "tree: after this txn instead of the last; cut: the last one to keep",
      parseZxid,
    )
    .option(
      "--from <zxid>",
      "diff: the earlier txn, or that of the first place; history: the first one",
      parseZxid,
    )
    .option(
      "--to <zxid>",
      "diff: the later txn, or that of the other place; history: the last one; the last there is, if absent",
      parseZxid,
    )
    .option("--out <file>", "cut: the new file, which must not be there")
    .addOption(
      new Option("--output <form>", "how to show it")
        .choices(["text", "json"] as const)
        .default<"text" | "json">("text"),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (action, place, other, flags) => {
      if (!isAction(action)) {
        throw new UsageError(
          `there is no action ${action}: it must be verify, tree, diff, history or cut`,
        );
      }
      checkUse(action, other, flags);
      const actions = await import("../inspect/data.js");
      switch (action) {
        case "verify":
          exitWith(await actions.verify(place, flags, surroundings));
          return;
        case "tree":
          exitWith(await actions.showTree(place, flags, surroundings));
          return;
        case "diff":
          exitWith(await actions.showDiff(place, other, flags, surroundings));
          return;
        case "history":
          exitWith(await actions.showHistory(place, flags, surroundings));
          return;
        case "cut":
          exitWith(await actions.cut(place, flags, surroundings));
      }
    });

type Action = "verify" | "tree" | "diff" | "history" | "cut";

/** The options of each action, besides --output. */
const OPTIONS: Readonly<Record<Action, readonly (keyof DataFlags)[]>> = {
  verify: ["logDir"],
  tree: ["logDir", "path", "zxid"],
  diff: ["logDir", "path", "from", "to"],
  history: ["logDir", "path", "from", "to"],
  cut: ["zxid", "out"],
};

function isAction(text: string): text is Action {
  return Object.hasOwn(OPTIONS, text);
}

/** Throws UsageError for what would do nothing. */
function checkUse(action: Action, other: string | undefined, flags: DataFlags): void {
  for (const [name, option] of Object.entries(OPTION_NAMES) as [keyof DataFlags, string][]) {
    if (flags[name] !== undefined && !OPTIONS[action].includes(name)) {
      throw new UsageError(`${option} is not for ${action}`);
    }
  }
  if (action === "cut" && flags.output === "json") throw new UsageError("--output is not for cut");
  if (other === undefined) return;
  if (action !== "diff") {
    const hint = OPTIONS[action].includes("path") ? ` A znode is named by --path ${other}` : "";
    throw new UsageError(`${action} takes one place, and ${other} is a second.${hint}`);
  }
  if (flags.logDir !== undefined) throw new UsageError("--log-dir is for a single directory");
}

const OPTION_NAMES: Readonly<Record<Exclude<keyof DataFlags, "output">, string>> = {
  logDir: "--log-dir",
  path: "--path",
  zxid: "--zxid",
  from: "--from",
  to: "--to",
  out: "--out",
};

const EXAMPLES = `
Actions:
  verify    check every file, the order of the txns, epochs, and the digests of the tree
  tree      the tree after a txn: each path with version, size and owner
  diff      what was created, deleted and changed between two txns, or what
            differs between two directories or snapshots
  history   every txn that changed a path, with its session and time
  cut       copy a log up to a txn into a new file

Examples:
  jute data verify /var/lib/zookeeper/version-2
  jute data tree version-2 --zxid 0x100000005 --path /app
  jute data diff version-2 --from 0x100000005 --to 0x200000001
  jute data diff one/version-2 other/version-2/snapshot.200000001
  jute data history version-2 --path /app/lock
  jute data cut version-2/log.100000001 --zxid 0x100000005 --out log.100000001

A snapshot becomes JSON by jute decode --output json, and a snapshot again by
jute encode --as file.

Exit codes: 0 success, 1 verify found an error, or what is shown may be wrong
because a file is damaged or missing, 2 wrong usage.
`;
