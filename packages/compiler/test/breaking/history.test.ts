/** The changes that ZooKeeper's records went through from 3.4 to 3.9, whose effects on peers are known. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compareSchemas, type CompareOptions } from "../../src/breaking/index.js";
import { checkSources } from "../../src/schema/check.js";
import type { Schema } from "../../src/schema/model.js";
import type { SourceFile } from "../../src/syntax/source-file.js";

const folder = new URL("../../../../jute-defs/", import.meta.url);
const today = readdirSync(folder).map((path) => ({
  path,
  text: readFileSync(new URL(path, folder), "utf8"),
}));

const quorum = "org.apache.zookeeper.server.quorum";
const proto = "org.apache.zookeeper.proto";
const learnerInfo = `${quorum}.LearnerInfo`;

function schemaOf(sources: readonly SourceFile[]): Schema {
  const { schema, diagnostics } = checkSources(sources);
  if (schema === undefined) throw new Error(JSON.stringify(diagnostics));
  return schema;
}

/** The records of today without some of their fields, with fields as no peer had declared them: always there. */
function before(missing: Readonly<Record<string, string>>): Schema {
  const { modules } = schemaOf(
    today.map(({ path, text }) => ({ path, text: text.replaceAll("@jute:optional", "") })),
  );
  return {
    modules: modules.map((module) => ({
      ...module,
      records: module.records.map((record) => ({
        ...record,
        fields: record.fields.filter(({ name }) => missing[record.fullName] !== name),
      })),
    })),
  };
}

const v34 = before({
  [learnerInfo]: "configVersion",
  [`${proto}.ConnectRequest`]: "readOnly",
  [`${proto}.ConnectResponse`]: "readOnly",
});
const v35 = before({
  [`${proto}.ConnectRequest`]: "readOnly",
  [`${proto}.ConnectResponse`]: "readOnly",
});
const v39 = before({});

function changes(old: Schema, current: Schema, options: CompareOptions = {}): readonly string[] {
  return compareSchemas(old, current, options).map(({ level, message }) => `${level}: ${message}`);
}

describe("the fields that ZooKeeper has appended", () => {
  it("in 3.5.0, to what a learner says of itself", () => {
    const message = `field "configVersion" of "LearnerInfo" is appended`;
    expect(changes(v34, v35)).toEqual([`wire: ${message}`]);
    // It is the data of a quorum packet, whose length tells 3.5's leaders which of the two it is.
    expect(changes(v34, v35, { framed: [learnerInfo] })).toEqual([`safe: ${message}`]);
  });

  it("in 3.9.0, to the first message of each side", () => {
    const messages = ["ConnectRequest", "ConnectResponse"].map(
      (name) => `field "readOnly" of "${name}" is appended`,
    );
    expect(changes(v35, v39)).toEqual(messages.map((message) => `wire: ${message}`));
    // With the field declared as what it is, it may be missing.
    expect(changes(v35, schemaOf(today)).filter((each) => each.includes("readOnly"))).toEqual(
      messages.map((message) => `safe: ${message}`),
    );
  });
});

describe("between the releases where nothing but classes came and went", () => {
  it("nothing changes", () => {
    expect(changes(v39, v39)).toEqual([]);
  });

  it("a class that goes breaks sources, and one that comes breaks nothing", () => {
    const withoutFirst = {
      modules: v39.modules.map((module) => ({ ...module, records: module.records.slice(1) })),
    };
    expect(changes(withoutFirst, v39).every((each) => each.startsWith("safe: "))).toBe(true);
    expect(changes(v39, withoutFirst)).toHaveLength(5);
    expect(changes(v39, withoutFirst).every((each) => each.startsWith("source: "))).toBe(true);
  });
});
