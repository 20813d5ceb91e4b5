/**
 * The keys and values of zoo.cfg, checked against the table of keys: every value
 * that is of the wrong kind is a problem, every key without effect a note. What
 * the values mean together is not known here.
 */
import { shown } from "@jute-ts/quorum/membership";
import type { ConfigurationNote, ConfigurationProblem } from "./configuration-error.js";
import type { ConfigurationKey } from "./key-row.js";
import { findKey, similarKey } from "./keys.js";
import type { PropertyEntry } from "./properties.js";

export class KeyValues {
  readonly problems: ConfigurationProblem[] = [];
  readonly notes: ConfigurationNote[] = [];
  readonly #fileName: string;
  /** The last entry of each key, trimmed. */
  readonly #entries = new Map<string, PropertyEntry>();

  /** `entries`: all but those of the ensemble, in the order of the file. */
  constructor(fileName: string, entries: readonly PropertyEntry[]) {
    this.#fileName = fileName;
    for (const entry of entries) this.#keep(entry);
    for (const entry of this.#entries.values()) this.#check(entry);
  }

  /** The line of a key; 0 when it has none. */
  lineOf(key: string): number {
    return this.#entries.get(key)?.line ?? 0;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The value of a key, or its default. */
  text(key: string): string | undefined {
    return this.#entries.get(key)?.value ?? findKey(key)?.default;
  }

  /** The value of a key that is a whole number, or its default; undefined also when the value was refused. */
  integer(key: string): number | undefined {
    const text = this.text(key);
    const row = findKey(key);
    if (text === undefined || row?.value.kind !== "integer") return undefined;
    return parseInteger(text, row.value);
  }

  /** As `integer`, for keys with a default: what was refused becomes the default, so that reading can go on. */
  integerOrDefault(key: string): number {
    return this.integer(key) ?? Number(findKey(key)?.default ?? 0);
  }

  /** As `integerOrDefault`, for keys whose number may have a fraction. */
  decimalOrDefault(key: string): number {
    const value = Number(this.text(key));
    return Number.isFinite(value) ? value : Number(findKey(key)?.default ?? 0);
  }

  /** A number that is raised to `least`, with a note. */
  integerAtLeast(key: string, least: number): number {
    const value = this.integerOrDefault(key);
    if (value >= least) return value;
    this.note("adjusted", this.lineOf(key), `${key}=${value} is too small: ${least} is used.`);
    return least;
  }

  /** The value of a key that is true or false. */
  boolean(key: string): boolean {
    return this.text(key)?.toLowerCase() === "true";
  }

  /** The keys of a family, such as `authProvider.*`, by the family's row. */
  keysOf(family: string): readonly string[] {
    return [...this.#entries.keys()].filter((key) => findKey(key)?.name === family);
  }

  refuse(line: number, message: string): void {
    this.problems.push({ fileName: this.#fileName, line, message });
  }

  /** `fileName`: the dynamic file's, where it holds the line. */
  note(
    kind: ConfigurationNote["kind"],
    line: number,
    message: string,
    fileName: string = this.#fileName,
  ): void {
    this.notes.push({ kind, fileName, line, message });
  }

  #keep({ key, value, line }: PropertyEntry): void {
    const name = key.trim();
    const before = this.#entries.get(name);
    if (before !== undefined) {
      this.note(
        "overridden",
        before.line,
        `${shown(name)} is set again in line ${line}, which counts.`,
      );
    }
    this.#entries.set(name, { key: name, value: value.trim(), line });
  }

  #check(entry: PropertyEntry): void {
    const row = findKey(entry.key);
    if (row === undefined) this.#noteUnknown(entry);
    else if (!isOfKind(entry.value, row)) this.#refuseKind(entry, row);
    else if (!isDefault(entry.value, row)) this.#checkStatus(entry, row);
    if (row?.value.kind === "text" && commentHint(entry.value) !== "") {
      const message = `The value of ${shown(entry.key)} goes on to the end of the line, "#" included.`;
      this.note("advice", entry.line, message + commentHint(entry.value));
    }
  }

  #checkStatus({ key, value, line }: PropertyEntry, row: ConfigurationKey): void {
    switch (row.status) {
      case "used":
        return;
      case "accepted":
        this.note("ignored", line, `${shown(key)} has no effect. ${row.remark}`);
        return;
      case "refused": {
        const advice =
          row.default === undefined
            ? "Remove the line."
            : `Remove the line or write ${key}=${row.default}.`;
        this.refuse(line, `${key}=${shown(value)} is not supported. ${row.remark} ${advice}`);
        return;
      }
      default:
        row.status satisfies never;
    }
  }

  #noteUnknown({ key, line }: PropertyEntry): void {
    const unprefixed = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;
    const meant =
      unprefixed !== undefined && findKey(unprefixed) !== undefined ? unprefixed : similarKey(key);
    const question = meant === undefined ? "" : ` Is it ${meant}?`;
    this.note("unknown", line, `${shown(key)} is no key that is known here.${question}`);
  }

  #refuseKind({ key, value, line }: PropertyEntry, row: ConfigurationKey): void {
    const message = `${key} is "${shown(value)}". Write ${describeKind(row)}.`;
    this.refuse(line, message + commentHint(value));
  }
}

/** What to say of a value that seems to end in a comment; otherwise nothing. */
export function commentHint(value: string): string {
  return /\s#/u.test(value) ? " A comment needs a line of its own." : "";
}

function isOfKind(text: string, { value }: ConfigurationKey): boolean {
  switch (value.kind) {
    case "text":
      return true;
    case "choice":
      return value.words.includes(text);
    case "boolean":
      return /^(true|false)$/i.test(text);
    case "integer":
      return parseInteger(text, value) !== undefined;
    case "decimal":
      return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text);
    default:
      return value satisfies never;
  }
}

function isDefault(text: string, { value, default: fallback }: ConfigurationKey): boolean {
  if (fallback === undefined) return false;
  if (value.kind === "integer" || value.kind === "decimal")
    return Number(text) === Number(fallback);
  return text.toLowerCase() === fallback.toLowerCase();
}

function describeKind({ value, unit }: ConfigurationKey): string {
  switch (value.kind) {
    case "text":
      return "a text";
    case "choice":
      return value.words.join(" or ");
    case "boolean":
      return "true or false";
    case "integer": {
      const ofUnit = unit === undefined || unit === "port" ? "" : ` of ${unit}`;
      return `a whole number${ofUnit} from ${value.min} to ${value.max}`;
    }
    case "decimal":
      return "a number such as 0.5";
    default:
      return value satisfies never;
  }
}

function parseInteger(
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  if (!/^[+-]?\d{1,32}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

/** What Apache's server puts before the keys that it does not know. */
const PREFIX = "zookeeper.";
