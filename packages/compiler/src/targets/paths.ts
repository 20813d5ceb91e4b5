/** Where files of an output lie: names and directories that every file system can hold. */
import type { RecordSchema, Schema } from "../schema/model.js";
import { emittedRecords } from "./header.js";
import type { TargetSettings } from "./target.js";

/** Names that Windows keeps for devices, with any ending and in any case. */
const DEVICE_NAMES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Whether a file or a directory of this name could not be checked out everywhere. */
export function isTakenFileName(name: string): boolean {
  return DEVICE_NAMES.test(name) || name.endsWith(".");
}

/** Appends underscores to `name` until `isTaken` says no. */
export function makeFree(name: string, isTaken: (candidate: string) => boolean): string {
  let candidate = name;
  while (isTaken(candidate)) {
    candidate += "_";
  }
  return candidate;
}

/**
 * Where each directory is made, so that it is one of its own on every file system:
 * no segment is a name that Windows reserves, and none differs from another one
 * beside it only in case.
 */
export function portableDirectories(wanted: readonly string[]): ReadonlyMap<string, string> {
  // By directory and lower-case name, the segment that has it.
  const owners = new Map<string, string>();
  const made = new Map<string, string>();
  for (const directory of wanted) {
    let path = "";
    for (const segment of directory === "" ? [] : directory.split("/")) {
      const parent = path;
      const key = (name: string): string => join(parent, name).toLowerCase();
      const free = makeFree(
        segment,
        (name) => isTakenFileName(name) || (owners.get(key(name)) ?? segment) !== segment,
      );
      owners.set(key(free), segment);
      path = join(parent, free);
    }
    made.set(directory, path);
  }
  return made;
}

export function join(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** One file of an output as seen from another, such as `../data/ACL`; always begins with a dot. */
export function relativePath(from: string, to: string): string {
  const source = from.split("/").slice(0, -1);
  const target = to.split("/");
  let shared = 0;
  while (
    shared < source.length &&
    shared < target.length - 1 &&
    source[shared] === target[shared]
  ) {
    shared++;
  }
  const up = "../".repeat(source.length - shared);
  return `${up === "" ? "./" : up}${target.slice(shared).join("/")}`;
}

/**
 * A path for each emitted record, relative to the output directory and without ending, such as `data/Stat`.
 * No two are equal, even without case. `own`: paths that hold something else, lower case.
 */
export function recordPaths(
  schema: Schema,
  { moduleDirectory }: TargetSettings,
  own: readonly string[],
): ReadonlyMap<RecordSchema, string> {
  const wanted = (name: string): string => moduleDirectory?.(name) ?? name.replaceAll(".", "/");
  const directories = portableDirectories(schema.modules.map(({ name }) => wanted(name)));
  const taken = new Set(own);
  const paths = new Map<RecordSchema, string>();
  for (const record of emittedRecords(schema)) {
    const directory = directories.get(wanted(record.module)) ?? "";
    const name = makeFree(
      record.name,
      (each) => isTakenFileName(each) || taken.has(join(directory, each).toLowerCase()),
    );
    const path = join(directory, name);
    taken.add(path.toLowerCase());
    paths.set(record, path);
  }
  return paths;
}
