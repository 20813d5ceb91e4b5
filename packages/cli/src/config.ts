/**
 * jute.config.json: finding it, reading it, and saying precisely what is wrong
 * with it. The same shape is written down for editors in jute.config.schema.json;
 * a test keeps the two in step.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { EmitSettings, TargetName } from "@jute-ts/compiler";
import type { FormatOptions } from "@jute-ts/compiler/format";
import type { LintLevel, LintSettings, LintTarget } from "@jute-ts/compiler/lint";
import {
  advice,
  closestName,
  isTargetName,
  LineTable,
  lintCodes,
  lintTargets,
  TARGETS,
  WIDEST_INDENT,
} from "@jute-ts/compiler/parts";
import { type Input, shownPath } from "./input-files.js";
import { type JsonMember, type JsonNode, JsonSyntaxError, parseJsonTree } from "./json-tree.js";
import { decodeSource } from "./source-text.js";
import { UsageError } from "./surroundings.js";
import { whyRefused } from "./system-error.js";

export const CONFIG_FILE_NAME = "jute.config.json";

/** One output directory and what goes into it. Paths are absolute. */
export interface GenerateEntry extends EmitSettings {
  /** Paths or glob patterns, relative to `directory`, and texts that have been read already. */
  readonly files: readonly Input[];
  /** What `files` is relative to. */
  readonly directory: string;
  readonly outDir: string;
}

/** How `jute format` and editors lay files out; see the options of formatSource. */
export type FormatSettings = Pick<FormatOptions, "indentWidth" | "useTabs">;

/** What a config file says. */
export interface Config {
  readonly generate: readonly GenerateEntry[];
  readonly format: FormatSettings;
  readonly lint: LintSettings;
}

/** The nearest config file at `directory` or above it. */
export function findConfig(directory: string): string | undefined {
  for (let current = directory; ; current = path.dirname(current)) {
    const candidate = path.join(current, CONFIG_FILE_NAME);
    if (existsSync(candidate)) return candidate;
    if (path.dirname(current) === current) return undefined;
  }
}

/**
 * The config whose settings hold for a run: the one that was chosen, otherwise the nearest, because
 * how a project wants its files also holds for those that are named one by one.
 */
export function configOfProject(chosen: string | undefined, cwd: string): Config | undefined {
  const file = chosen ?? findConfig(cwd);
  return file === undefined ? undefined : readConfig(file, shownPath(file, cwd));
}

/**
 * Reads a config file. `shownName` is how messages name it. Throws
 * {@link UsageError} with every problem of the file, one a line.
 */
export function readConfig(file: string, shownName: string): Config {
  let text: string;
  try {
    const bytes = readFileSync(file);
    const { text: decoded, errors = [] } = decodeSource(bytes, shownName);
    const [problem] = errors;
    if (problem !== undefined) throw new Error(`${problem.message}; ${advice.saveAsUtf8}`);
    text = decoded;
  } catch (error) {
    throw new UsageError(`cannot read ${shownName}: ${whyRefused(error)}`);
  }
  return parseConfig(text, path.dirname(file), shownName);
}

/** Like {@link readConfig}, for a text. `directory` is what its paths are relative to. */
export function parseConfig(text: string, directory: string, shownName: string): Config {
  const problems: { offset: number; message: string }[] = [];
  let config: Config = { generate: [], format: {}, lint: {} };
  try {
    config = new ConfigReader(directory, (offset, message) => {
      problems.push({ offset, message });
    }).config(parseJsonTree(text));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    problems.push({ offset: error.offset, message: error.message });
  }
  if (problems.length === 0) return config;
  const table = new LineTable(text);
  const lines = problems
    .sort((left, right) => left.offset - right.offset)
    .map(({ offset, message }) => {
      const { line, column } = table.positionOf(offset);
      return `${shownName}:${String(line)}:${String(column)}: ${message}`;
    });
  throw new UsageError(lines.join("\n"));
}

type ReportProblem = (offset: number, message: string) => void;
type ObjectNode = Extract<JsonNode, { kind: "object" }>;

const CONFIG_KEYS = ["$schema", "generate", "format", "lint"];
const FORMAT_KEYS = ["indentWidth", "useTabs"];
const LINT_KEYS = ["targets", "levels"];
const ENTRY_KEYS = [
  "files",
  "outDir",
  "target",
  "modules",
  "onlyModules",
  "runtime",
  "importExtension",
  "views",
];
const LINT_LEVELS = ["off", "warning", "error"] as const satisfies readonly LintLevel[];
const IMPORT_EXTENSIONS: ReadonlyMap<string, ".js" | ".ts" | ""> = new Map([
  [".js", ".js"],
  [".ts", ".ts"],
  ["none", ""],
]);

/** Turns the tree into entries. Reports what does not fit and goes on, so that one run names every problem. */
class ConfigReader {
  readonly #directory: string;
  readonly #report: ReportProblem;

  constructor(directory: string, report: ReportProblem) {
    this.#directory = directory;
    this.#report = report;
  }

  config(root: JsonNode): Config {
    const nothing = { generate: [], format: {}, lint: {} };
    if (!this.#isObject(root, "the config")) return nothing;
    const members = this.#members(root, CONFIG_KEYS, "the config");
    const generate = members.get("generate");
    const format = members.get("format");
    const lint = members.get("lint");
    const settings = {
      format: format === undefined ? {} : this.#format(format.value),
      lint: lint === undefined ? {} : this.#lint(lint.value),
    };
    if (generate === undefined) {
      this.#report(root.offset, 'the config needs "generate", a list of output directories');
      return nothing;
    }
    return { generate: this.#entries(generate), ...settings };
  }

  #entries(generate: JsonMember): GenerateEntry[] {
    if (generate.value.kind !== "array" || generate.value.items.length === 0) {
      this.#report(generate.value.offset, '"generate" must be a list with at least one entry');
      return [];
    }
    const entries: GenerateEntry[] = [];
    for (const [index, item] of generate.value.items.entries()) {
      const entry = this.#entry(item, `generate[${String(index)}]`);
      if (entry === undefined) continue;
      if (entries.some(({ outDir }) => outDir === entry.outDir)) {
        // Each entry would delete what the other one wrote.
        this.#report(
          item.offset,
          `generate[${String(index)}] has the "outDir" of an earlier entry`,
        );
      }
      entries.push(entry);
    }
    return entries;
  }

  #format(node: JsonNode): FormatSettings {
    if (!this.#isObject(node, '"format"')) return {};
    const members = this.#members(node, FORMAT_KEYS, '"format"');
    const indentWidth = members.get("indentWidth");
    const useTabs = members.get("useTabs");
    return {
      indentWidth: indentWidth && this.#indentWidth(indentWidth),
      useTabs: useTabs && this.#boolean(useTabs),
    };
  }

  #indentWidth({ value }: JsonMember): number | undefined {
    const width = value.kind === "number" ? Number(value.value) : Number.NaN;
    if (Number.isInteger(width) && width >= 1 && width <= WIDEST_INDENT) return width;
    const range = `a whole number from 1 to ${String(WIDEST_INDENT)}`;
    this.#report(value.offset, `"indentWidth" must be ${range}`);
    return undefined;
  }

  #boolean({ key, value }: JsonMember): boolean | undefined {
    if (value.kind === "boolean") return value.value === true;
    this.#report(value.offset, `${quoted(key)} must be true or false, not ${article(value.kind)}`);
    return undefined;
  }

  #lint(node: JsonNode): LintSettings {
    if (!this.#isObject(node, '"lint"')) return {};
    const members = this.#members(node, LINT_KEYS, '"lint"');
    const targets = members.get("targets");
    const levels = members.get("levels");
    return {
      targets: targets && this.#targets(targets),
      levels: levels && this.#levels(levels),
    };
  }

  #targets({ value }: JsonMember): readonly LintTarget[] {
    if (value.kind !== "array") {
      this.#report(value.offset, `"targets" must be a list, not ${article(value.kind)}`);
      return [];
    }
    return value.items.flatMap((item) => {
      const target = lintTargets.find((each) => item.kind === "string" && item.value === each);
      if (target !== undefined) return [target];
      const known = lintTargets.map(quoted).join(", ");
      this.#report(item.offset, `"targets" may hold ${known}`);
      return [];
    });
  }

  #levels({ value }: JsonMember): Readonly<Record<string, LintLevel>> {
    if (!this.#isObject(value, '"levels"')) return {};
    const levels = new Map<string, LintLevel>();
    for (const { key, value: node } of this.#members(value, lintCodes, '"levels"').values()) {
      const level = LINT_LEVELS.find((each) => node.kind === "string" && node.value === each);
      if (level !== undefined) levels.set(key, level);
      else {
        const known = LINT_LEVELS.map(quoted).join(", ");
        this.#report(node.offset, `the level of ${quoted(key)} must be one of ${known}`);
      }
    }
    return Object.fromEntries(levels);
  }

  #entry(node: JsonNode, where: string): GenerateEntry | undefined {
    if (!this.#isObject(node, where)) return undefined;
    const members = this.#members(node, ENTRY_KEYS, where);
    const files = this.#required(node, members, "files", where);
    const outDir = this.#required(node, members, "outDir", where);
    const fileList = files && this.#strings(files, "at least one path or pattern");
    const outDirText = outDir && this.#text(outDir);
    const settings = this.#settings(members);
    if (fileList === undefined || outDirText === undefined) return undefined;
    return {
      ...settings,
      files: fileList,
      directory: this.#directory,
      outDir: path.resolve(this.#directory, outDirText),
    };
  }

  #settings(members: ReadonlyMap<string, JsonMember>): EmitSettings {
    const modules = members.get("modules");
    const onlyModules = members.get("onlyModules");
    const runtime = members.get("runtime");
    const importExtension = members.get("importExtension");
    const views = members.get("views");
    const target = members.get("target");
    return {
      target: target && this.#target(target),
      modules: modules && this.#stringMap(modules),
      onlyModules: onlyModules && this.#strings(onlyModules, "at least one module name"),
      runtime: runtime && this.#text(runtime),
      importExtension: importExtension && this.#importExtension(importExtension),
      views: views && this.#strings(views, "at least one full name of a record"),
    };
  }

  /** The members by key. Reports unknown and repeated keys. */
  #members(node: ObjectNode, known: readonly string[], where: string): Map<string, JsonMember> {
    const members = new Map<string, JsonMember>();
    for (const member of node.members) {
      const { key, keyOffset } = member;
      if (!known.includes(key)) {
        const closest = closestName(key, known);
        const hint =
          closest === undefined
            ? `; it may have ${known.map(quoted).join(", ")}`
            : `; did you mean ${quoted(closest)}?`;
        this.#report(keyOffset, `unknown key ${quoted(key)} in ${where}${hint}`);
      } else if (members.has(key)) {
        this.#report(keyOffset, `${quoted(key)} stands twice in ${where}`);
      } else {
        members.set(key, member);
      }
    }
    return members;
  }

  #required(
    node: ObjectNode,
    members: ReadonlyMap<string, JsonMember>,
    key: string,
    where: string,
  ): JsonMember | undefined {
    const member = members.get(key);
    if (member === undefined) this.#report(node.offset, `${where} needs ${quoted(key)}`);
    return member;
  }

  #isObject(node: JsonNode, where: string): node is ObjectNode {
    if (node.kind === "object") return true;
    this.#report(node.offset, `${where} must be an object, not ${article(node.kind)}`);
    return false;
  }

  #text({ key, value }: JsonMember): string | undefined {
    if (value.kind === "string" && value.value !== "") return value.value;
    const found = value.kind === "string" ? "empty" : article(value.kind);
    this.#report(value.offset, `${quoted(key)} must be a string, not ${found}`);
    return undefined;
  }

  #strings({ key, value }: JsonMember, content: string): string[] | undefined {
    if (value.kind !== "array") {
      this.#report(value.offset, `${quoted(key)} must be a list, not ${article(value.kind)}`);
      return undefined;
    }
    if (value.items.length === 0) this.#report(value.offset, `${quoted(key)} needs ${content}`);
    return value.items.flatMap((item) => {
      if (item.kind === "string" && item.value !== "") return [item.value];
      const found = item.kind === "string" ? "an empty one" : article(item.kind);
      this.#report(item.offset, `${quoted(key)} must hold strings, not ${found}`);
      return [];
    });
  }

  #stringMap({ key, value }: JsonMember): Record<string, string> | undefined {
    if (!this.#isObject(value, quoted(key))) return undefined;
    const pairs = new Map<string, string>();
    for (const member of value.members) {
      if (pairs.has(member.key)) {
        this.#report(member.keyOffset, `${quoted(member.key)} stands twice in ${quoted(key)}`);
      } else if (member.value.kind === "string") {
        pairs.set(member.key, member.value.value);
      } else {
        this.#report(
          member.value.offset,
          `the directory of module ${quoted(member.key)} must be a string, not ${article(member.value.kind)}`,
        );
      }
    }
    return Object.fromEntries(pairs);
  }

  #target({ value }: JsonMember): TargetName | undefined {
    if (value.kind === "string" && isTargetName(value.value)) return value.value;
    const known = Object.keys(TARGETS).map(quoted).join(", ");
    this.#report(value.offset, `"target" must be one of ${known}`);
    return undefined;
  }

  #importExtension(member: JsonMember): ".js" | ".ts" | "" | undefined {
    const text = member.value.kind === "string" ? member.value.value : undefined;
    const extension = text === undefined ? undefined : IMPORT_EXTENSIONS.get(text);
    if (extension === undefined) {
      const known = [...IMPORT_EXTENSIONS.keys()].map(quoted).join(", ");
      this.#report(member.value.offset, `"importExtension" must be one of ${known}`);
    }
    return extension;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function article(kind: JsonNode["kind"]): string {
  switch (kind) {
    case "null":
      return "null";
    case "object":
    case "array":
      return `an ${kind}`;
    default:
      return `a ${kind}`;
  }
}
