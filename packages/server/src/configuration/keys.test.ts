/** The table of keys: complete, without contradictions, and true of what the reader does with each key. */
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "./configuration-error.js";
import type { ConfigurationKey } from "./key-row.js";
import { configurationKeys, findKey, similarKey } from "./keys.js";
import { parseZooCfg, type ZooCfg } from "./zoo-cfg.js";

const base = `dataDir=/d
initLimit=10
syncLimit=5
server.1=h1:2888:3888
server.2=h2:2888:3888
server.3=h3:2888:3888
`;

function read(...lines: string[]): ZooCfg | ConfigurationError {
  try {
    return parseZooCfg(base + lines.join("\n"), { fileName: "zoo.cfg", myid: "1" });
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
}

/** A value that is of the key's kind and not its default. */
function otherValue({ value, default: fallback }: ConfigurationKey): string {
  switch (value.kind) {
    case "text":
      return "other";
    case "choice":
      return value.words.find((word) => word !== fallback) ?? "";
    case "boolean":
      return fallback === "true" ? "false" : "true";
    case "integer":
      return String(Number(fallback ?? value.min) + 1);
    case "decimal":
      return "0.75";
  }
}

/** `a.*` becomes a key of that family. */
function example({ name }: ConfigurationKey): string {
  return name.replace("*", "x");
}

describe("the table of keys", () => {
  it("names every key once", () => {
    const names = configurationKeys.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("has defaults that the keys may have", () => {
    for (const key of configurationKeys) {
      if (key.default === undefined || key.status === "used") continue;
      const result = read(`${example(key)}=${key.default}`);
      expect(result, key.name).not.toBeInstanceOf(ConfigurationError);
      expect((result as ZooCfg).notes, key.name).toEqual([]);
    }
  });

  it.each(
    configurationKeys
      .filter(({ status }) => status === "accepted")
      .map((key) => [key.name, key] as const),
  )("accepts %s with a note", (_, key) => {
    const result = read(`${example(key)}=${otherValue(key)}`);
    if (result instanceof ConfigurationError) throw result;
    const note = result.notes.find(({ line }) => line === 7);
    expect(note).toMatchObject({ kind: "ignored" });
  });

  it.each(
    configurationKeys
      .filter(({ status }) => status === "refused")
      .map((key) => [key.name, key] as const),
  )("refuses %s with a reason", (_, key) => {
    const result = read(`${example(key)}=${otherValue(key)}`);
    if (!(result instanceof ConfigurationError)) expect.fail("it was accepted");
    expect(result.problems.map(({ line }) => line)).toEqual([7]);
    expect(result.message).toContain(key.remark);
  });

  it.each(
    configurationKeys
      .filter(({ value }) => value.kind !== "text")
      .map((key) => [key.name, key] as const),
  )("checks the kind of %s", (_, key) => {
    const result = read("", `${example(key)}=1x`).constructor;
    expect(result).toBe(ConfigurationError);
  });

  it.each([
    ["ssl.quorum.crl", "ssl.quorum.crl"],
    ["ssl.sessionTimeout", "ssl.*"],
    ["jvm.pause.warn-threshold.ms", "jvm.*"],
    ["server.12", "server.*"],
  ])("finds %s under %s", (name, row) => {
    expect(findKey(name)?.name).toBe(row);
  });

  it.each([
    ["ticktime", "tickTime"],
    ["dataDri", "dataDir"],
    ["initLimits", "initLimit"],
    ["snapcount", "snapCount"],
    ["colour", undefined],
    ["x".repeat(100_000), undefined],
  ])("knows what may be meant by %s", (name, meant) => {
    expect(similarKey(name)).toBe(meant);
  });
});
