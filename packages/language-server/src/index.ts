/** The language server of Jute: `runLanguageServer` speaks the Language Server Protocol on two streams. */
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import type { SourceText } from "@jute-ts/compiler/analysis";
import { diskFiles } from "./disk.js";
import { serve } from "./server.js";
import type { ProjectSettings, SettingsOf } from "./workspace.js";

export type { ProjectSettings, SettingsOf };

export interface LanguageServerOptions {
  /** Makes a text of the bytes of a file, and says what is wrong with their encoding. */
  readonly decode: (bytes: Uint8Array, path: string) => SourceText;
  /** What the project says of a file, by its path; must not throw. */
  readonly settingsOf: SettingsOf;
}

/**
 * Serves the editor at the other end of two streams. Ends the process when the editor
 * says so or goes away: with 0 after a shutdown, as the protocol has it, otherwise with 1.
 */
export function runLanguageServer(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  { decode, settingsOf }: LanguageServerOptions,
): void {
  const connection = createConnection(ProposedFeatures.all, input, output);
  serve(connection, diskFiles(decode), settingsOf);
  connection.listen();
}
