/**
 * The extension as it is packed, run as an editor runs it: its client of the protocol starts the command that lies
 * beside it, and every command and setting of its package.json is tried.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type * as vscode from "vscode";
import { buildVsix } from "../../../scripts/vsix/extension.js";
import { Host, noCancellation, positionOf } from "./host.js";

const scratch = mkdtempSync(path.join(tmpdir(), "jute-host-"));
const extension = path.join(scratch, "unpacked/extension");
const folder = path.join(scratch, "workspace");

const BASE = "module base {\n    /** What money is. */\n    class Money { long cents; }\n}\n";
const TEXT =
  'include "base.jute"\nmodule a {\n    /** B. */\n    class B { int x; base.Money price; }\n}\n';

let host: Host;
let document: vscode.TextDocument;

beforeAll(async () => {
  const vsix = await buildVsix();
  const file = path.join(scratch, vsix.name);
  writeFileSync(file, vsix.bytes);
  execFileSync("python3", ["-m", "zipfile", "-e", file, path.join(scratch, "unpacked")]);
  mkdirSync(folder);
  writeFileSync(path.join(folder, "base.jute"), BASE);
  host = new Host(folder);
  await host.activate(extension);
  document = host.open("a.jute", TEXT);
}, 120_000);

afterAll(async () => {
  await host.deactivate();
  rmSync(scratch, { recursive: true, force: true });
}, 30_000);

/** As when somebody presses the keys for quick fixes. */
const INVOKE = 1 as unknown as vscode.CodeActionTriggerKind;

const soon = <T>(check: () => T) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

describe("the extension in an editor", () => {
  it("shows what is wrong, and what mends it", async () => {
    document = host.type(document, "int x", "integer x");
    await soon(() => {
      expect(host.problems(document).map(({ code }) => code)).toEqual(["JUTE020"]);
    });
    const [problem] = host.problems(document);
    if (problem === undefined) throw new Error("no problem");
    expect(document.getText(problem.range)).toBe("integer");
    const actions = await host
      .provider("registerCodeActionsProvider")
      .provideCodeActions(
        document,
        problem.range,
        { diagnostics: [problem], only: undefined, triggerKind: INVOKE },
        noCancellation,
      );
    const [action] = actions ?? [];
    expect(action?.title).toBe("Replace integer with int");
    document = host.type(document, "integer x", "int x");
    await soon(() => {
      expect(host.problems(document)).toEqual([]);
    });
  });

  it("shows the layout of a record, and leads to it", async () => {
    const position = positionOf(document, "Money price");
    const hover = await host
      .provider("registerHoverProvider")
      .provideHover(document, position, noCancellation);
    const [text] = hover?.contents ?? [];
    expect((text as vscode.MarkdownString).value).toMatch(/class base\.Money[^]*8 bytes/);
    const definition = await host
      .provider("registerDefinitionProvider")
      .provideDefinition(document, position, noCancellation);
    const [place] = [definition].flat() as readonly (vscode.Location | undefined)[];
    expect(place?.uri.fsPath).toBe(path.join(folder, "base.jute"));
    expect(place?.range.start).toMatchObject({ line: 2, character: 10 });
  });

  it("shows what is wrong with a text that is not saved yet", async () => {
    const untitled = host.openUntitled("module a { class B { integer x; } }");
    await soon(() => {
      expect(host.problems(untitled).map(({ code }) => code)).toContain("JUTE020");
    });
  });

  it("formats, with the editor's indentation", async () => {
    const ugly = host.open("ugly.jute", "module a{class B{int x;}}");
    const edits = await host
      .provider("registerDocumentFormattingEditProvider")
      .provideDocumentFormattingEdits(ugly, { tabSize: 2, insertSpaces: true }, noCancellation);
    expect(edits?.map(({ newText }) => newText)).toEqual([
      "module a {\n  class B {\n    int x;\n  }\n}\n",
    ]);
  });
});

describe("what package.json contributes", () => {
  const { commands, configuration } = (
    JSON.parse(readFileSync(path.resolve(import.meta.dirname, "../package.json"), "utf8")) as {
      readonly contributes: {
        readonly commands: readonly { readonly command: string }[];
        readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
      };
    }
  ).contributes;

  /** Those that are tried below. */
  const tried = new Set<string>();
  const set = (name: string, value: unknown) => {
    tried.add(name);
    host.set(name, value);
  };

  /** Makes a `jute` command that writes its process id to a file first, and then is the one in the extension. */
  function markingCommand(name: string): string {
    const mark = path.join(scratch, `${name}-was-here`);
    const command = path.join(folder, name);
    const real = JSON.stringify(path.join(extension, "dist/jute.mjs"));
    writeFileSync(
      command,
      `#!/bin/sh\necho $$ > ${JSON.stringify(mark)}\nexec ${JSON.stringify(process.execPath)} ${real} "$@"\n`,
    );
    chmodSync(command, 0o755);
    return mark;
  }

  /** The id of a marking command, once it is started. */
  const started = (mark: string) =>
    soon(() => {
      const pid = Number(readFileSync(mark, "utf8"));
      expect(pid).toBeGreaterThan(0);
      return pid;
    });
  const ended = (pid: number) =>
    soon(() => {
      expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    });

  it("are commands that there are", () => {
    expect([...host.commands].sort()).toEqual(commands.map(({ command }) => command).sort());
  });

  it("jute.restartServer starts another server, which knows the open files", async () => {
    await host.run("jute.restartServer");
    document = host.type(document, "int x", "integer x");
    await soon(() => {
      expect(host.problems(document)).toHaveLength(1);
    });
    document = host.type(document, "integer x", "int x");
  });

  it("jute.server.path names another command, and nothing goes back to the one inside", async () => {
    const mark = markingCommand("other-jute");
    set("jute.server.path", "./other-jute");
    const pid = await started(mark);
    rmSync(mark);
    set("jute.server.path", "");
    // Stands in the queue of starts behind the one of the setting.
    await host.run("jute.restartServer");
    expect(existsSync(mark)).toBe(false);
    expect(host.shown).toEqual([]);
    await ended(pid);
  });

  it("trust in the workspace starts the command that only then may be named", async () => {
    const mark = markingCommand("trusted-jute");
    set("jute.server.path", "./trusted-jute");
    const before = await started(mark);
    rmSync(mark);
    host.grantTrust();
    expect(await started(mark)).not.toBe(before);
    await ended(before);
  });

  it("a command that is not there is an error that is shown, and the next is started", async () => {
    host.shown.length = 0;
    set("jute.server.path", "./no-jute");
    await soon(() => {
      expect(host.shown.join()).toMatch(/Jute/);
    });
    host.shown.length = 0;
    set("jute.server.path", "");
    await host.run("jute.restartServer");
    document = host.type(document, "int x", "integer x");
    await soon(() => {
      expect(host.problems(document)).toHaveLength(1);
    });
  });

  it("jute.trace.server says how much of the talk is shown at the level Trace", async () => {
    const content = () => host.output.filter((line) => line.includes('"textDocument"'));
    host.output.length = 0;
    document = host.type(document, "integer x", "int x");
    await soon(() => {
      expect(host.problems(document)).toEqual([]);
    });
    expect(host.output).toEqual([]);
    host.setLogLevel("Trace");
    document = host.type(document, "int x", "int y");
    await soon(() => {
      expect(host.output.join("\n")).toContain("textDocument/didChange");
    });
    expect(content()).toEqual([]);
    set("jute.trace.server", "verbose");
    document = host.type(document, "int y", "int z");
    await soon(() => {
      expect(content()).not.toEqual([]);
    });
  });

  it("leave no server behind when the extension is deactivated", async () => {
    const mark = markingCommand("last-jute");
    set("jute.server.path", "./last-jute");
    const pid = await started(mark);
    await host.deactivate();
    await ended(pid);
  });

  it("are all of the settings that there are", () => {
    expect([...tried].sort()).toEqual(Object.keys(configuration.properties).sort());
  });
});
