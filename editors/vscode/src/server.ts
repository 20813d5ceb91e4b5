/** Which program the language server is, by the settings. */
import path from "node:path";
import { type ServerOptions, TransportKind } from "vscode-languageclient/node";

export interface ServerSettings {
  /** `jute.server.path`: empty for the command inside of the extension. */
  readonly path: string;
  /** Where a relative path starts: the first folder of the workspace. Undefined when there is none. */
  readonly folder: string | undefined;
  /** The command inside of the extension. */
  readonly bundled: string;
}

export function serverOptions({ path: named, folder, bundled }: ServerSettings): ServerOptions {
  const command = named.trim();
  if (command === "") return { module: bundled, args: ["lsp"], transport: TransportKind.stdio };
  return {
    // A bare name is looked up as a shell does.
    command:
      /[/\\]/.test(command) && folder !== undefined ? path.resolve(folder, command) : command,
    args: ["lsp"],
    transport: TransportKind.stdio,
    // npm's commands are scripts on Windows, which only a shell runs.
    options: { shell: process.platform === "win32" },
  };
}
