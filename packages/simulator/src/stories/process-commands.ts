/** Servers that start, crash, sleep and stop. */
import type { Effect, FileOperation } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { CrashTrap } from "../world/crash.js";
import type { CrashLoss } from "../world/disk.js";
import { type Command, ScenarioError } from "./stage.js";
import { sids, sid, number } from "./words.js";

export const processCommands: Readonly<Record<string, Command>> = {
  /** configure SID VERSION VOTER…: from its next start on, the server has this configuration, in hexadecimal; members that are no voters observe. */
  configure: (stage, [word, version = "0", ...names]) => {
    const voters = names.map(sid);
    const observers = [...stage.world.ensemble.members].filter((each) => !voters.includes(each));
    const ofAll = { voters, observers, groups: undefined, weights: undefined };
    stage.world.configure(sid(word), { ...ofAll, version: BigInt(`0x${version}`) });
  },
  /** start SID…|all */
  start: (stage, words) => {
    for (const sid of sids(stage, words)) stage.world.process(sid).start();
  },
  /** crash SID [lose|keep|tear] [silently] [before EFFECT|PACKET [NTH] | after FILEOPERATION [NTH]] */
  crash: (stage, [word, ...how]) => {
    const manner = { loss: lossOf(how), silently: how.includes("silently") };
    const process = stage.world.process(sid(word));
    if (!process.up) throw new ScenarioError("that peer is not running");
    const trap = trapOf(how);
    if (trap === undefined) {
      process.crash(manner);
    } else {
      process.setTrap(trap, manner, () => undefined);
    }
  },
  /** await-crash SID: lets things happen until a trap has sprung. */
  "await-crash": (stage, [word]) => {
    const process = stage.world.process(sid(word));
    stage.runUntil(() => !process.up, "crash");
  },
  pause: (stage, [word]) => {
    stage.world.process(sid(word)).pause();
  },
  resume: (stage, [word]) => {
    stage.world.process(sid(word)).resume();
  },
  /** stop SID: asks the peer to stop. */
  stop: (stage, [word]) => {
    stage.world.process(sid(word)).handle({ kind: "stop" });
  },
};

function lossOf(words: readonly string[]): CrashLoss {
  if (words.includes("lose")) return { kind: "power", keepProbability: 0, tear: false };
  if (words.includes("keep")) return { kind: "power", keepProbability: 1, tear: false };
  if (words.includes("tear")) return { kind: "power", keepProbability: 1, tear: true };
  return { kind: "process" };
}

function trapOf(words: readonly string[]): CrashTrap | undefined {
  const before = words.indexOf("before");
  const after = words.indexOf("after");
  const at = Math.max(before, after);
  const what = words[at + 1];
  if (at < 0) return undefined;
  if (what === undefined) throw new ScenarioError("before or after what?");
  const nth = words[at + 2] === undefined ? 1 : number(words[at + 2]);
  if (before < 0) return { kind: "afterFile", operation: what as FileOperation["kind"], nth };
  // Packets have names in capitals, effects have not.
  return what === what.toUpperCase()
    ? { kind: "beforePacket", packet: what as OutgoingPacket["kind"], nth }
    : { kind: "beforeEffect", effect: what as Effect["kind"], nth };
}
