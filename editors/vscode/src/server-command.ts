/** Which command is run, by the settings. */
import path from "node:path";

/**
 * What `jute.server.path` names: undefined for the command inside of the extension. A relative path
 * starts at `folder`, the first of the workspace; a bare name is looked up as a shell does.
 */
export function serverCommand(named: string, folder: string | undefined): string | undefined {
  const command = named.trim();
  if (command === "") return undefined;
  return /[/\\]/.test(command) && folder !== undefined ? path.resolve(folder, command) : command;
}

/** A command as `cmd.exe` takes it, which would end its name at a space. Names on Windows have no quotes in them. */
export function quotedForCmd(command: string): string {
  return `"${command}"`;
}
