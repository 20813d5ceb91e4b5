/** Every subcommand of `jute`, in the order of its help. A new one is a file in this directory and a row here. */
import { breakingCommand } from "./breaking.js";
import { checkCommand } from "./check.js";
import type { CommandDefinition } from "./command.js";
import { formatCommand } from "./format.js";
import { dataCommand } from "./data.js";
import { decodeCommand } from "./decode.js";
import { encodeCommand } from "./encode.js";
import { generateCommand } from "./generate.js";
import { helpCommand } from "./help.js";
import { initCommand } from "./init.js";
import { lintCommand } from "./lint.js";
import { lspCommand } from "./lsp.js";

export const commands: readonly CommandDefinition[] = [
  initCommand,
  generateCommand,
  checkCommand,
  formatCommand,
  lintCommand,
  decodeCommand,
  encodeCommand,
  breakingCommand,
  dataCommand,
  lspCommand,
  helpCommand,
];
