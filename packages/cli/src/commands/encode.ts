/** `jute encode`: the reverse of `jute decode --output json`. */
import { Command, Option } from "@commander-js/extra-typings";
import { UsageError } from "../surroundings.js";
import type { CommandDefinition } from "./command.js";

export const encodeCommand: CommandDefinition = ({ surroundings, exitWith }) =>
  new Command("encode")
    .description("Make ZooKeeper's bytes of JSON, as jute decode --output json writes it.")
    .argument("<file>", "a file with one JSON object a line; - is standard input")
    .addOption(
      new Option("--as <what>", "one message a line, or the lines of a log or snapshot together")
        .choices(["messages", "file"] as const)
        .default<"messages" | "file">("messages"),
    )
    .option("--record <name>", "the JSON is a record: of ZooKeeper's, or of --schema")
    .option("--schema <file>", "a Jute file with the record; repeatable", collect)
    .option("--framed", "put the length in front of each message, as clients do")
    .addOption(
      new Option("--encoding <form>", "how to write the bytes")
        .choices(["hex", "base64", "raw"] as const)
        .default<"hex" | "base64" | "raw">("hex"),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (file, flags) => {
      if (flags.as === "file" && (flags.record !== undefined || flags.framed === true)) {
        throw new UsageError("--record and --framed are about messages, not about files");
      }
      if (flags.schema !== undefined && flags.record === undefined) {
        throw new UsageError("--schema needs --record: which of its records is it?");
      }
      const { encode } = await import("../inspect/encode.js");
      exitWith(await encode(file, flags, surroundings));
    });

function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

const EXAMPLES = `
Examples:
  echo '{"kind":"request","name":"getData","xid":5,"body":{"path":"/a","watch":false}}' | jute encode - --framed
  echo '{"path":"/a","version":-1}' | jute encode - --record DeleteRequest
  jute decode log.1 --output json | jute encode - --as file --encoding raw > copy

Exit codes: 0 encoded, 1 the JSON does not describe it, 2 wrong usage.
`;
