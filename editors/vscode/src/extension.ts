/** Starts and stops the language server of `.jute` files. */
import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  TransportKind,
} from "vscode-languageclient/node";
import { quotedForCmd, serverCommand } from "./server-command.js";

let client: LanguageClient | undefined;
/** Starts and stops come one after the other, however fast they are asked for. */
let last: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const restart = () => inTurn(() => start(context));
  context.subscriptions.push(
    vscode.commands.registerCommand("jute.restartServer", restart),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("jute.server")) await restart();
    }),
    // What may be run depends on it.
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  await restart();
}

export async function deactivate(): Promise<void> {
  await inTurn(stop);
}

function inTurn(work: () => Promise<void>): Promise<void> {
  last = last.then(work);
  return last;
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  await stop();
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "jute" },
      { scheme: "untitled", language: "jute" },
    ],
  };
  client = new LanguageClient("jute", "Jute", serverOptions(context), options);
  try {
    await client.start();
  } catch {
    // The client shows why, with a link to its output; a changed setting starts the next.
  }
}

function serverOptions(context: vscode.ExtensionContext): ServerOptions {
  const command = serverCommand(
    vscode.workspace.getConfiguration("jute").get("server.path", ""),
    vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
  );
  const shared = { args: ["lsp"], transport: TransportKind.stdio };
  if (command === undefined) return { ...shared, module: context.asAbsolutePath("dist/jute.mjs") };
  // npm's commands are scripts on Windows, which only a shell runs.
  const shell = process.platform === "win32";
  return { ...shared, command: shell ? quotedForCmd(command) : command, options: { shell } };
}

async function stop(): Promise<void> {
  const stopped = client;
  client = undefined;
  try {
    await stopped?.dispose();
  } catch {
    // One that never started, or has gone by itself, cannot be stopped.
  }
}
