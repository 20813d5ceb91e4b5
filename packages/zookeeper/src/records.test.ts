import { registry } from "@jute-ts/records";
import { expect, test } from "vitest";
import * as zookeeper from "./index.js";

test("all 72 records are there under their plain names, none hidden by another", () => {
  const exported = new Map<string, unknown>(Object.entries(zookeeper));
  expect(registry.size).toBe(72);
  for (const type of registry) expect(exported.get(type.descriptor.name)).toBe(type);
  expect(new Set([...registry].map(({ descriptor }) => descriptor.name)).size).toBe(72);
});
