/** What the world is like, how much of it is told, and how time passes in it. */
import { unrest } from "../faults/healing.js";
import type { TraceTopic } from "../trace/trace.js";
import { expectLeader, hasSaid } from "./expectations.js";
import type { Command } from "./stage.js";
import { sid, number, duration } from "./words.js";

export const worldCommands: Readonly<Record<string, Command>> = {
  /** ensemble VOTERS [OBSERVERS]: sids count from 1, observers last. */
  ensemble: (stage, [voters, observers]) => {
    stage.setEnsemble(number(voters), observers === undefined ? 0 : number(observers));
  },
  /** set OPTION NUMBER */
  set: (stage, [name = "", value]) => {
    stage.setOption(name, number(value));
  },
  /** show TOPIC…: more of the trace: file, ping, notification. */
  show: (stage, topics) => {
    for (const topic of topics) stage.show(topic as TraceTopic);
  },
  /** hide TOPIC…|all: less of the trace. `all` leaves what is done to the world. */
  hide: (stage, topics) => {
    const hidden = topics[0] === "all" ? HIDDEN_BY_ALL : (topics as readonly TraceTopic[]);
    for (const topic of hidden) stage.hide(topic);
  },
  /** run DURATION */
  run: (stage, [time]) => {
    stage.run(duration(time));
  },
  /** elect [SID]: until a leader serves. */
  elect: (stage, [word]) => {
    const leads = (): boolean =>
      stage.world.processes.some(
        ({ status }) =>
          status?.role === "leading" && status.serving && status.phase === "broadcast",
      );
    stage.runUntil(leads, "leader");
    if (word !== undefined) expectLeader(stage, sid(word));
  },
  /** settle: until all peers that are up serve, with one leader and one state. */
  settle: (stage) => {
    stage.runUntil(() => unrest(stage.world, "running") === undefined, "rest");
  },
  /** await-said TEXT: until the trace has a line with this text, of any topic. */
  "await-said": (stage, words) => {
    const text = words.join(" ");
    stage.runUntil(() => hasSaid(stage, text), `"${text}"`);
  },
};

const HIDDEN_BY_ALL: readonly TraceTopic[] = ["peer", "packet", "client"];
