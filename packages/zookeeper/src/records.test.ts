import { registry } from "@jute-ts/records";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as zookeeper from "./index.js";

test("all 72 records are there under their plain names, none hidden by another", () => {
  const exported = new Map<string, unknown>(Object.entries(zookeeper));
  expect(registry.size).toBe(72);
  for (const type of registry) expect(exported.get(type.descriptor.name)).toBe(type);
  expect(new Set([...registry].map(({ descriptor }) => descriptor.name)).size).toBe(72);
});

test("every class and every field says what it means", () => {
  const folder = new URL("../../../jute-defs/", import.meta.url);
  const silent: string[] = [];
  let described = 0;
  for (const file of readdirSync(folder)) {
    const lines = readFileSync(new URL(file, folder), "utf8").split("\n");
    lines.forEach((line, index) => {
      if (!/^ +(class \w+ \{|[\w.<>, ]+ \w+;)$/.test(line)) return;
      if (lines[index - 1]?.endsWith("*/") === true) described++;
      else silent.push(`${file}:${String(index + 1)} ${line.trim()}`);
    });
  }
  expect(silent).toEqual([]);
  const declared = [...registry].map(({ descriptor }) => 1 + descriptor.fields.length);
  expect(described).toBe(declared.reduce((sum, count) => sum + count));
});
