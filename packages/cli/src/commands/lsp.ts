/** `jute lsp`: the language server, for editors that start it and talk to it. */
import { Readable, Writable } from "node:stream";
import { Command } from "@commander-js/extra-typings";
import { projectSettings } from "../project-settings.js";
import { decodeSource } from "../source-text.js";
import type { CommandDefinition } from "./command.js";

export const lspCommand: CommandDefinition = ({ surroundings }) =>
  new Command("lsp")
    .description("Run the language server, for editors, on standard input and output.")
    .option("--stdio", "the default, and the only way; editors like to say so")
    // The library of the protocol reads it, too, and looks every three seconds.
    .option("--clientProcessId <id>", "the editor's process: when it is gone, the server ends")
    .addHelpText("after", EXAMPLES)
    .action(async () => {
      // Loaded here, because no other command needs the protocol.
      const { runLanguageServer } = await import("@jute-ts/language-server");
      const { stdin, stdout } = surroundings;
      const output = new Writable({
        write: (chunk: Uint8Array, _encoding, done) => {
          stdout.write(chunk);
          done();
        },
      });
      runLanguageServer(Readable.from(stdin), output, {
        decode: decodeSource,
        settingsOf: projectSettings(),
      });
    });

const EXAMPLES = `
Examples:
  jute lsp --stdio

Exit codes: 0 the editor has shut it down, 1 the editor went away, 2 wrong usage.
`;
