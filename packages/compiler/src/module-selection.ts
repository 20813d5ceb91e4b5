/**
 * Which records are emitted, and where their modules go. A selection is always
 * closed: a record that an emitted one uses is emitted as well, whether it is from an
 * included file or from a module left out, so the output type-checks by itself.
 */
import type { RecordSchema, Schema, TypeSchema } from "./schema/model.js";
import { isTakenFileName } from "./targets/paths.js";

/** An option that does not fit the sources, such as a module that none of them declares. The caller's mistake, not the schema's. */
export class CompileOptionsError extends Error {
  override readonly name = "CompileOptionsError";
}

export interface ModuleOptions {
  readonly modules?: Readonly<Record<string, string>> | undefined;
  readonly onlyModules?: readonly string[] | undefined;
}

/** Marks what to emit. Throws {@link CompileOptionsError} for a module that the schema does not have. */
export function selectRecords(schema: Schema, { onlyModules }: ModuleOptions): Schema {
  for (const name of onlyModules ?? []) requireModule(schema, name);
  const chosen = new Set<string>();
  for (const { name, records } of schema.modules) {
    if (onlyModules !== undefined && !onlyModules.includes(name)) continue;
    for (const record of records) {
      // Naming a module asks for all of it, even for what is only known through an include.
      if (record.emitted || onlyModules !== undefined) addWithUses(record, chosen);
    }
  }
  return withEmitted(schema, chosen);
}

/** The directory of every module. Throws {@link CompileOptionsError} when a name or a directory makes no sense. */
export function moduleDirectories(schema: Schema, { modules }: ModuleOptions): Map<string, string> {
  const spellings = new Map<string, string>();
  for (const [name, directory] of Object.entries(modules ?? {})) {
    requireModule(schema, name);
    requireRelativeDirectory(name, directory);
    const spelling = spellings.get(directory.toLowerCase()) ?? directory;
    if (spelling !== directory) {
      throw new CompileOptionsError(
        `the directories "${spelling}" and "${directory}" differ only in case, and are one on many file systems: choose another name for one of them`,
      );
    }
    spellings.set(directory.toLowerCase(), directory);
  }
  return new Map(
    schema.modules.map(({ name }) => [name, modules?.[name] ?? name.replaceAll(".", "/")]),
  );
}

/** Adds a record and all that it needs. A loop of its own instead of recursion, so a long chain of records is no danger. */
function addWithUses(record: RecordSchema, chosen: Set<string>): void {
  const pending = [record];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (chosen.has(next.fullName)) continue;
    chosen.add(next.fullName);
    for (const { type } of next.fields) pending.push(...recordsIn(type));
  }
}

/** The same schema with other records marked. A new graph, because a record is the same object wherever it is used. */
function withEmitted(schema: Schema, chosen: ReadonlySet<string>): Schema {
  const copies = new Map<RecordSchema, Mutable<RecordSchema>>();
  const records = schema.modules.flatMap((module) => module.records);
  if (records.every((record) => record.emitted === chosen.has(record.fullName))) return schema;
  for (const record of records) {
    copies.set(record, { ...record, emitted: chosen.has(record.fullName) });
  }
  const copyOf = (record: RecordSchema): RecordSchema => copies.get(record) ?? record;
  const relink = (type: TypeSchema): TypeSchema => {
    switch (type.kind) {
      case "record":
        return { ...type, record: copyOf(type.record) };
      case "vector":
        return { ...type, element: relink(type.element) };
      case "map":
        return { ...type, key: relink(type.key), value: relink(type.value) };
      default:
        return type;
    }
  };
  for (const copy of copies.values()) {
    copy.fields = copy.fields.map((field) => ({ ...field, type: relink(field.type) }));
  }
  return {
    modules: schema.modules.map((module) => ({
      ...module,
      records: module.records.map(copyOf),
    })),
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function recordsIn(type: TypeSchema): readonly RecordSchema[] {
  switch (type.kind) {
    case "record":
      return [type.record];
    case "vector":
      return recordsIn(type.element);
    case "map":
      return [...recordsIn(type.key), ...recordsIn(type.value)];
    default:
      return [];
  }
}

function requireModule(schema: Schema, name: string): void {
  if (schema.modules.some((module) => module.name === name)) return;
  const known = schema.modules.map((module) => module.name).join(", ");
  throw new CompileOptionsError(
    `no module is called "${name}"; the sources declare ${known === "" ? "none" : known}`,
  );
}

function requireRelativeDirectory(module: string, directory: string): void {
  if (directory === "") return;
  const segments = directory.split("/");
  if (!segments.every((segment) => /^[\w@-][\w.@-]*$/.test(segment))) {
    throw new CompileOptionsError(
      `module "${module}" cannot go to directory "${directory}": use a relative path with forward slashes and without "..", such as "data" or "wire/data"`,
    );
  }
  const taken = segments.find((segment) => isTakenFileName(segment));
  if (taken !== undefined) {
    throw new CompileOptionsError(
      `module "${module}" cannot go to directory "${directory}": Windows has no directory called "${taken}"; choose another name`,
    );
  }
}
