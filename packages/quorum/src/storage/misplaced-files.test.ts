/**
 * Directories that people have split, joined, exchanged, copied or unpacked into the
 * wrong place. Of a server with acknowledged writes none may start as if there had
 * been none: either all of them are found, or the start is refused.
 */
import { encodeEpochFile, encodeSyncedMark } from "@jute-ts/persistence";
import { describe, expect, it } from "vitest";
import { CrashDisk } from "../../test/storage/crash-disk.js";
import { SMALL, StorageBench } from "../../test/storage/storage-bench.js";
import type { Directory } from "../file-operations.js";
import { makeZxid, type Zxid } from "@jute-ts/zookeeper";

const z = (counter: number): Zxid => makeZxid(1, counter);
const HISTORY = [z(1), z(2), z(3)];

/** A server that was stopped with three txns, its directories apart or one. */
function served({ isShared }: { readonly isShared: boolean }): CrashDisk {
  const disk = new CrashDisk();
  disk.isShared = isShared;
  new StorageBench(disk)
    .recover()
    .epoch(1)
    .append(...HISTORY)
    .run();
  return disk;
}

/** Another arrangement of the same files: where each lies now; nowhere, if undefined. */
function rearranged(
  disk: CrashDisk,
  place: (name: string, from: Directory) => Directory | undefined,
  isShared = false,
): CrashDisk {
  const after = new CrashDisk();
  after.isShared = isShared;
  for (const from of ["data", "log"] as const) {
    for (const name of disk.isShared && from === "log" ? [] : disk.names(from)) {
      const directory = place(name, from);
      if (directory === undefined) continue;
      after.place({ directory, name }, disk.contents({ directory: from, name }));
    }
  }
  return after;
}

function refusal(disk: CrashDisk): string {
  return new StorageBench(disk, SMALL).recover().outcome("refused").text;
}

function recovered(disk: CrashDisk): readonly Zxid[] {
  const bench = new StorageBench(disk, SMALL).recover();
  bench.outcome("recovered");
  return bench.state.applied;
}

const isLog = (name: string): boolean => name.startsWith("log.");

describe("a dataLogDir that is added", () => {
  const disk = served({ isShared: true });

  it("is refused while the logs are where they were", () => {
    expect(refusal(rearranged(disk, () => "data"))).toMatch(
      /dataDir holds logs \(log\.100000001\).*Take the line dataLogDir away.*or move the logs/,
    );
  });

  it("is refused while there are logs in both", () => {
    const copied = rearranged(disk, () => "data");
    copied.place(
      { directory: "log", name: "log.100000001" },
      copied.contents({ directory: "data", name: "log.100000001" }),
    );
    expect(refusal(copied)).toMatch(/there are some already \(log\.100000001\): keep the newer/);
  });

  it("is refused for an empty log that was left behind, as by Java", () => {
    const moved = rearranged(disk, (name) => (isLog(name) ? "log" : "data"));
    moved.place({ directory: "data", name: "log.100000009" }, new Uint8Array(0));
    expect(refusal(moved)).toContain("dataDir holds logs (log.100000009)");
  });

  it("is understood when the logs were moved there, with or without the mark beside them", () => {
    expect(recovered(rearranged(disk, (name) => (isLog(name) ? "log" : "data")))).toEqual(HISTORY);
    const withMark = rearranged(disk, (name) =>
      isLog(name) || name === "synced" ? "log" : "data",
    );
    expect(recovered(withMark)).toEqual(HISTORY);
    expect(withMark.names("log")).toEqual(["log.100000001"]);
    expect(
      recovered(
        rearranged(disk, (name) => (name === "synced" ? undefined : isLog(name) ? "log" : "data")),
      ),
    ).toEqual(HISTORY);
  });

  it("is refused when the logs did not come along", () => {
    const lost = rearranged(disk, (name) => (isLog(name) ? undefined : "data"));
    expect(refusal(lost)).toMatch(/log\.100000001 is missing, of which \d+ bytes had been synced/);
  });

  it("is held to the mark that was moved with the logs, and that is taken away then", () => {
    const cut = rearranged(disk, (name) => (isLog(name) || name === "synced" ? "log" : "data"));
    const log = { directory: "log", name: "log.100000001" } as const;
    cut.place(log, cut.contents(log).slice(0, 60));
    expect(refusal(cut)).toContain("had been synced");
  });
});

describe("a dataLogDir that is taken away, changed or not mounted", () => {
  const disk = served({ isShared: false });

  it("is refused: the logs of which the mark tells are missing", () => {
    for (const isShared of [true, false]) {
      const joined = rearranged(
        disk,
        (_name, from) => (from === "data" ? "data" : undefined),
        isShared,
      );
      expect(refusal(joined)).toMatch(/log\.100000001 is missing.*Is its disk mounted\?/);
    }
  });

  it("is refused when an old copy of the logs is there instead", () => {
    const later = served({ isShared: false });
    const old = later.contents({ directory: "log", name: "log.100000001" });
    new StorageBench(later).recover().append(z(4)).run();
    later.take({ directory: "log", name: "log.100000004" });
    later.place({ directory: "log", name: "log.100000001" }, old);
    expect(refusal(later)).toContain("log.100000004 is missing");
  });

  it("is understood when all files are in one directory now", () => {
    expect(recovered(rearranged(disk, () => "data", true))).toEqual(HISTORY);
  });

  it("is understood when another program has gone on, in newer logs", () => {
    const later = served({ isShared: false });
    const mark = encodeSyncedMark({ file: "log.5", bytes: 4711 });
    later.place({ directory: "data", name: "synced" }, mark);
    expect(recovered(later)).toEqual(HISTORY);
  });
});

describe("dataDir and dataLogDir that are exchanged", () => {
  const other = (_name: string, from: Directory): Directory => (from === "data" ? "log" : "data");

  it("are refused, whatever there is of them", () => {
    const disk = served({ isShared: false });
    expect(refusal(rearranged(disk, other))).toMatch(/are dataDir and dataLogDir exchanged\?/);
    expect(
      refusal(rearranged(disk, (name, from) => (isLog(name) ? undefined : other(name, from)))),
    ).toContain("dataLogDir holds snapshots (snapshot.0)");
  });

  it("are refused when there was no data yet, but an epoch was promised", () => {
    const bench = new StorageBench(new CrashDisk(), { ...SMALL, autocreate: false });
    const { disk } = bench.recover();
    bench.storage.writeAcceptedEpoch(7);
    bench.run();
    const exchanged = rearranged(disk, other);
    expect(refusal(exchanged)).toMatch(/acceptedEpoch in version-2 of dataLogDir is 7.*exchanged/);
  });

  it("leave older epochs behind without harm", () => {
    const disk = served({ isShared: false });
    for (const name of ["acceptedEpoch", "currentEpoch"]) {
      disk.place({ directory: "log", name }, encodeEpochFile(1));
    }
    expect(recovered(disk)).toEqual(HISTORY);
    disk.place({ directory: "log", name: "acceptedEpoch" }, encodeEpochFile(2));
    expect(refusal(disk)).toMatch(/is 2, and in version-2 of dataDir it is 1/);
  });
});

describe("one directory under two spellings", () => {
  it("is no split", () => {
    expect(recovered(served({ isShared: true }))).toEqual(HISTORY);
  });
});

describe("snapshots among the logs", () => {
  it.each([
    "snapshot.0",
    "snapshot.0.gz",
    "snapshot.0.snappy",
    "snapshot.5.tmp",
    "installing-snapshot.5",
  ])("are refused: %s", (name) => {
    const disk = served({ isShared: false });
    disk.place({ directory: "log", name }, new Uint8Array(0));
    expect(refusal(disk)).toContain(`dataLogDir holds snapshots (${name})`);
  });
});

describe("data beside version-2", () => {
  it.each([
    ["data", "../snapshot.100000003", "dataDir itself holds snapshot.100000003"],
    ["data", "../log.100000001", "dataDir itself holds log.100000001"],
    ["data", "../acceptedEpoch", "dataDir itself holds acceptedEpoch"],
    ["log", "../log.100000001", "dataLogDir itself holds log.100000001"],
  ] as const)("is refused: %s %s", (directory, name, text) => {
    for (const disk of [new CrashDisk(), served({ isShared: false })]) {
      disk.place({ directory, name }, new Uint8Array(0));
      expect(refusal(disk)).toContain(text);
    }
  });

  it("of the first versions is refused when there is nothing newer", () => {
    const disk = new CrashDisk();
    disk.place({ directory: "data", name: "../version-1" }, new Uint8Array(0));
    expect(refusal(disk)).toContain("version-1");
    const newer = served({ isShared: false });
    newer.place({ directory: "data", name: "../version-1" }, new Uint8Array(0));
    expect(recovered(newer)).toEqual(HISTORY);
  });

  it("is left alone when it is nothing of a server's data", () => {
    const disk = served({ isShared: false });
    for (const name of [
      "../myid",
      "../zookeeper_server.pid",
      "../log.txt",
      "../snapshot",
      "../x",
    ]) {
      disk.place({ directory: "data", name }, new Uint8Array(0));
    }
    expect(recovered(disk)).toEqual(HISTORY);
  });
});

describe("data under names that nobody reads", () => {
  it.each([
    ["log", "log.100000004.gz"],
    ["log", "log.10000000A"],
    ["data", "snapshot.0100000003"],
    ["data", "snapshot.100000003.zst"],
  ] as const)("are refused: %s %s", (directory, name) => {
    const disk = served({ isShared: false });
    disk.place({ directory, name }, new Uint8Array(0));
    expect(refusal(disk)).toContain(`version-2 holds ${name}, named nearly as`);
  });

  it("are left alone, and not removed, when they are nothing of the kind", () => {
    const disk = served({ isShared: false });
    const names = ["log.txt", "notes.tmp", "snapshot.info"];
    for (const name of names) disk.place({ directory: "data", name }, new Uint8Array(0));
    expect(recovered(disk)).toEqual(HISTORY);
    expect(disk.names("data")).toEqual(expect.arrayContaining(names));
  });
});
