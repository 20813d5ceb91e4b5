/**
 * Decides, before anything is printed, what every class is called and in which
 * file it lies, so that files can refer to each other.
 */
import type { ModuleSchema, RecordSchema, Schema } from "../../schema/model.js";
import { closestName } from "../../schema/closest-name.js";
import { TargetOptionsError, type TargetSettings } from "../target.js";
import type { Layouts } from "../layout.js";
import { isTakenFileName, join, makeFree, portableDirectories } from "../paths.js";
import { isTakenClassName } from "./names.js";

export interface RecordPlan {
  readonly record: RecordSchema;
  /** The exported class. */
  readonly className: string;
  /** The exported type of what its constructor takes. */
  readonly initName: string;
  /** Relative to the output directory, without ending, e.g. `data/Stat`. */
  readonly path: string;
  /** The lazy view, where one is wanted. */
  readonly view: ViewPlan | undefined;
}

export interface ViewPlan {
  readonly className: string;
  readonly path: string;
}

export interface ModulePlan {
  readonly module: ModuleSchema;
  /** Relative to the output directory; empty for the directory itself. */
  readonly directory: string;
  /** What the root index exports the module as; undefined where its classes are exported directly. */
  readonly namespace: string | undefined;
  readonly records: readonly RecordPlan[];
}

export interface Plan {
  readonly modules: readonly ModulePlan[];
  /** Every record that a file may have to import, with its place. */
  readonly places: ReadonlyMap<RecordSchema, RecordPlan>;
}

/** File names that hold something else, lower case. */
const OWN_FILES = ["index", "registry"];

export function makePlan(schema: Schema, options: TargetSettings, layouts: Layouts): Plan {
  const withView = recordsWithView(schema, options.views ?? [], layouts);
  const wantedDirectory = options.moduleDirectory ?? ((name: string) => name.replaceAll(".", "/"));
  const directories = portableDirectories(schema.modules.map(({ name }) => wantedDirectory(name)));
  const files = new Set(OWN_FILES);
  const places = new Map<RecordSchema, RecordPlan>();
  const exportsOfDirectory = new Map<string, Set<string>>();
  const modules: ModulePlan[] = [];
  const namespaces = namespacesFor(schema.modules.map(({ name }) => wantedDirectory(name)));
  schema.modules.forEach((module, index) => {
    const directory = directories.get(wantedDirectory(module.name)) ?? "";
    const taken = exportsOfDirectory.get(directory) ?? new Set<string>();
    exportsOfDirectory.set(directory, taken);
    const emitted = module.records.filter((record) => record.emitted);
    if (emitted.length === 0) {
      return;
    }
    files.add(join(directory, "index").toLowerCase());
    const isTaken = (name: string): boolean => isTakenClassName(name) || taken.has(name);
    // Classes first: when `Foo` and `FooInit` are both classes, it is the type that gives way.
    const classNames = emitted.map((record) => claim(taken, makeFree(record.name, isTaken)));
    const records = emitted.map((record, i): RecordPlan => {
      const className = classNames[i] ?? record.name;
      const initName = claim(taken, makeFree(`${className}Init`, isTaken));
      // Some file systems do not tell `foo.ts` from `Foo.ts`, so names must differ in more than case.
      const claimPath = (name: string): string => {
        const free = makeFree(
          name,
          (each) => isTakenFileName(each) || files.has(join(directory, each).toLowerCase()),
        );
        const path = join(directory, free);
        files.add(path.toLowerCase());
        return path;
      };
      const path = claimPath(className);
      if (!withView.has(record)) {
        return { record, className, initName, path, view: undefined };
      }
      const viewName = claim(taken, makeFree(`${className}View`, isTaken));
      const view = { className: viewName, path: claimPath(viewName) };
      return { record, className, initName, path, view };
    });
    for (const plan of records) {
      places.set(plan.record, plan);
    }
    modules.push({ module, directory, namespace: namespaces[index], records });
  });
  return { modules, places };
}

/** The named records and the records in them. */
function recordsWithView(
  schema: Schema,
  names: readonly string[],
  layouts: Layouts,
): ReadonlySet<RecordSchema> {
  const byName = new Map(
    schema.modules.flatMap(({ records }) => records.map((record) => [record.fullName, record])),
  );
  const wanted = new Set<RecordSchema>();
  for (const name of names) {
    const record = byName.get(name);
    if (record === undefined) {
      const closest = closestName(name, byName.keys());
      throw new TargetOptionsError(
        `no record is called "${name}", so it cannot have a view` +
          (closest === undefined ? "" : `; did you mean "${closest}"?`),
      );
    }
    if (!record.emitted) {
      throw new TargetOptionsError(
        `"${name}" cannot have a view, because it is not emitted itself`,
      );
    }
    if (layouts.fixedRecordSize(record) === undefined) {
      throw new TargetOptionsError(
        `"${name}" cannot have a view, because its size is not fixed: it holds a string, buffer, vector, map or optional field`,
      );
    }
    wanted.add(record);
  }
  // The set grows while it is walked, so that records inside records are found, too.
  for (const record of wanted) {
    for (const { type } of record.fields) {
      if (type.kind === "record") {
        wanted.add(type.record);
      }
    }
  }
  return wanted;
}

/** The last segment of each directory where that is unique, otherwise all of them. */
function namespacesFor(directories: readonly string[]): (string | undefined)[] {
  const last = (directory: string): string => directory.slice(directory.lastIndexOf("/") + 1);
  const unique = new Map<string, Set<string>>();
  for (const directory of directories) {
    const key = last(directory);
    unique.set(key, (unique.get(key) ?? new Set()).add(directory));
  }
  const taken = new Set(["registry"]);
  const byDirectory = new Map<string, string>();
  return directories.map((directory) => {
    if (directory === "") {
      return undefined;
    }
    const known = byDirectory.get(directory);
    if (known !== undefined) {
      return known;
    }
    const short = last(directory);
    const base = (unique.get(short)?.size ?? 0) > 1 ? directory : short;
    const identifier = base.replaceAll(/[^A-Za-z0-9_$]/g, "_").replace(/^(?=[0-9])/, "_");
    const name = makeFree(identifier, (word) => isTakenClassName(word) || taken.has(word));
    byDirectory.set(directory, claim(taken, name));
    return name;
  });
}

function claim(taken: Set<string>, name: string): string {
  taken.add(name);
  return name;
}
