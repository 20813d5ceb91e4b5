/** Finds the class of a record by the name that a user gives: ZooKeeper's own, or one of a schema. */
import { type AnyRecordType } from "@jute-ts/runtime";
import { checkSources, closestName, renderDiagnostics } from "@jute-ts/compiler";
import { recordTypesOf } from "@jute-ts/inspect";
import * as zookeeper from "@jute-ts/zookeeper";
import { readInputFiles } from "../input-files.js";
import { type Surroundings, UsageError, wantsColor } from "../surroundings.js";

/**
 * The class of this record: `Stat`, or with its module `org.apache.zookeeper.data.Stat`.
 * With `schemas`, those files are searched and nothing else. Throws UsageError.
 */
export function findRecordType(
  name: string,
  schemas: readonly string[],
  surroundings: Surroundings,
): AnyRecordType {
  const types = schemas.length === 0 ? zookeeperTypes() : schemaTypes(schemas, surroundings);
  const found = [...types].filter(
    ([fullName]) => fullName === name || fullName.endsWith(`.${name}`),
  );
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first[1];
  if (first !== undefined && second !== undefined) {
    const names = found.map(([fullName]) => fullName).join(", ");
    throw new UsageError(`there are several records ${name}: ${names}`);
  }
  const known = [...types.keys()].flatMap((full) => [full, full.slice(full.lastIndexOf(".") + 1)]);
  const guess = closestName(name, known);
  const where = schemas.length === 0 ? "ZooKeeper has" : "the schema has";
  throw new UsageError(
    `${where} no record ${name}${guess === undefined ? "" : `; did you mean ${guess}?`}`,
  );
}

function zookeeperTypes(): ReadonlyMap<string, AnyRecordType> {
  const types = new Map<string, AnyRecordType>();
  for (const value of Object.values(zookeeper) as unknown[]) {
    if (isRecordType(value)) types.set(value.descriptor.fullName, value);
  }
  return types;
}

function isRecordType(value: unknown): value is AnyRecordType {
  return typeof value === "function" && "descriptor" in value && "fromJSON" in value;
}

function schemaTypes(
  schemas: readonly string[],
  surroundings: Surroundings,
): ReadonlyMap<string, AnyRecordType> {
  const { cwd, stderr, env } = surroundings;
  const { sources, readInclude } = readInputFiles(schemas, cwd, cwd);
  const { schema, diagnostics, texts } = checkSources(sources, { readInclude });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (schema === undefined || errors.length > 0) {
    stderr.write(
      renderDiagnostics(errors, texts, { output: "text", color: wantsColor(stderr, env) }),
    );
    throw new UsageError("the schema has errors");
  }
  return recordTypesOf(schema);
}
