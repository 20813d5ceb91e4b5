import { DataTree } from "@jute-ts/data-tree";
import { describe, expect, it } from "vitest";
import type { EnsembleShape } from "../world/settings.js";
import { FakeRun } from "./fake-run.js";
import { ShownConfigurations } from "./shown-configurations.js";

const THREE: EnsembleShape = {
  voters: [1n, 2n],
  observers: [3n],
  groups: undefined,
  weights: undefined,
  version: 26n,
};
const TEXT =
  "server.1=peer-1:2888:3888:participant\nserver.2=peer-2:2888:3888:participant\nserver.3=peer-3:2888:3888:observer\nversion=1a";

/** A server begins to serve, with this in its tree. */
function serving(text: string, version: bigint, shape = THREE): () => void {
  const run = new FakeRun([new ShownConfigurations()]);
  const tree = new DataTree();
  tree.showConfiguration(new TextEncoder().encode(text), version, 0n);
  run.peer(1n).tree = tree;
  run.peer(1n).configured = shape;
  return () => {
    run.step(1n, { role: "following", serving: true });
  };
}

describe("ShownConfigurations", () => {
  it("accepts the ensemble as it is, in any order", () => {
    expect(serving(TEXT, 26n)).not.toThrow();
    expect(serving(TEXT.split("\n").reverse().join("\n"), 26n)).not.toThrow();
    const groups = [[1n], [2n]];
    const grouped = `${TEXT}\ngroup.1=1\ngroup.2=2\nweight.1=1\nweight.2=0`;
    const weights = new Map([[2n, 0]]);
    expect(serving(grouped, 26n, { ...THREE, groups, weights })).not.toThrow();
  });

  it("refuses none, another, and another version", () => {
    expect(serving("", 26n)).toThrow("1 shows clients another ensemble than its own");
    expect(serving(TEXT.replace("observer", "participant"), 26n)).toThrow("another ensemble");
    expect(serving(`${TEXT}\nserver.4=peer-4:2888:3888:observer`, 26n)).toThrow("another ensemble");
    expect(serving(TEXT, 25n)).toThrow("shows an ensemble of 25, which is of 26");
  });

  it("looks again when all is at rest", () => {
    const run = new FakeRun([new ShownConfigurations()]);
    run.step(1n, { role: "following", serving: true });
    run.peer(1n).tree = new DataTree();
    run.peer(1n).configured = THREE;
    expect(() => {
      run.end();
    }).toThrow("another ensemble");
  });
});
