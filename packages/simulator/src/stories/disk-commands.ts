/** What happens to disks and files. */
import type { FileOperation } from "@jute-ts/quorum";
import { type Command, ScenarioError } from "./stage.js";
import { sid, number, filePath, bytesOfHex } from "./words.js";

export const diskCommands: Readonly<Record<string, Command>> = {
  /** fail SID FILEOPERATION no-space|io: the next one. */
  fail: (stage, [word, operation, reason]) => {
    stage.faults.fire({
      kind: "failFile",
      target: { kind: "sid", sid: sid(word) },
      fault: { operation: operation as FileOperation["kind"], reason: reason as "io" | "no-space" },
    });
  },
  /** slow-disk SID FACTOR: 1 is normal. */
  "slow-disk": (stage, [word, factor]) => {
    stage.world.process(sid(word)).disk.slowDown(number(factor));
  },
  /** lose-file SID DIRECTORY/NAME: removes it while nobody looks. */
  "lose-file": (stage, [word, path]) => {
    const { disk } = stage.world.process(sid(word));
    if (!disk.lose(filePath(path))) throw new ScenarioError("there is no such file");
  },
  /** place-file SID DIRECTORY/NAME HEX: puts a file there, or other bytes into it; `-` for none. */
  "place-file": (stage, [word, path, hex = "-"]) => {
    const contents = hex === "-" ? new Uint8Array() : bytesOfHex(hex);
    stage.world.process(sid(word)).disk.place(filePath(path), contents);
  },
  /** replace-disk SID: by an empty one, of a server that is down. */
  "replace-disk": (stage, [word]) => {
    if (stage.world.process(sid(word)).up) throw new ScenarioError("that peer is running");
    stage.world.replaceDisk(sid(word), []);
  },
  /** files SID: the names on the disk, now and after a power failure. */
  files: (stage, [word]) => {
    const { disk } = stage.world.process(sid(word));
    for (const directory of ["data", "log"] as const) {
      const durable = disk.names(directory, "durable");
      for (const name of disk.names(directory, "current")) {
        stage.say(`${directory}/${name}${durable.includes(name) ? "" : " (not durable)"}`);
      }
    }
  },
};
