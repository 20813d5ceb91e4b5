/** How planned faults are told to people: one line each, in the words of the trace. */
import type { Fault, PlannedFault, Target } from "./faults.js";
import { describeManner, describeTrap } from "../world/crash.js";
import { ordinal, percent } from "../trace/words.js";

/** "at 120 ms: crash of the leader (or 2) before the next send: power lost…" */
export function describePlannedFault({ id, atMs, fault }: PlannedFault): string {
  return `#${id} at ${atMs.toFixed(1)} ms: ${describeFault(fault)}`;
}

function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "crash": {
      const moment = fault.trap === undefined ? "" : `, ${describeTrap(fault.trap)}`;
      const manner = describeManner(fault.manner);
      return `crash of ${whom(fault.target)}${moment}: ${manner}; ${describeReturn(fault)}`;
    }
    case "pause":
      return `pause of ${whom(fault.target)} for ${ms(fault.forMs)}, its clock ${fault.clock}`;
    case "partition": {
      const blocked = fault.blocked.map(({ from, to }) => `${from}>${to}`).join(" ");
      const layers = fault.layers.join(" and ");
      return `partition (${fault.shape}) on ${layers} for ${ms(fault.forMs)}: ${blocked}`;
    }
    case "isolate": {
      const layers = fault.layers.join(" and ");
      return `${whom(fault.target)} is isolated (${fault.directions}) on ${layers} for ${ms(fault.forMs)}`;
    }
    case "cut":
      return `${fault.layer} connection ${fault.one}-${fault.other} is cut`;
    case "halfOpen":
      return `election connection ${fault.believer}-${fault.other} is gone, and ${fault.believer} does not know for ${ms(fault.forMs)}`;
    case "impostor": {
      const { as, certificate, epochsAhead, times, everyMs, staysMs, asksForHistory } = fault;
      const what = asksForHistory ? " and asks for the history" : "";
      const who =
        certificate === undefined ? "a stranger" : `somebody with ${certificate}'s certificate`;
      return (
        `${who} tells ${whom(fault.target)} that it is ${as}, ${epochsAhead} epochs ahead${what}; ` +
        `${times} times, every ${ms(everyMs)}, for ${ms(staysMs)} each`
      );
    }
    case "breakOff":
      return `the connection breaks on which the ${ordinal(fault.nth)} ${fault.packet} is sent`;
    case "misstatement":
      return `before the ${ordinal(fault.nth)} ${fault.packet} its sender says something that is not allowed there (${percent(fault.which)})`;
    case "slowReader": {
      const { from, to } = fault.direction;
      return `${to} reads every ${ms(fault.everyMs)} what ${from} sends, for ${ms(fault.forMs)}`;
    }
    case "electionNoise": {
      const { breakProbability, duplicateProbability } = fault.noise;
      return (
        `election links break at ${percent(breakProbability)} of messages and double ` +
        `${percent(duplicateProbability)}, for ${ms(fault.forMs)}`
      );
    }
    case "slowDisk":
      return `disk of ${whom(fault.target)} is ${fault.factor} times as slow for ${ms(fault.forMs)}`;
    case "hungDisk":
      return `disk of ${whom(fault.target)} hangs for ${ms(fault.forMs)}${fault.allButOne ? ", as all but one" : ""}`;
    case "failFile":
      return `the next ${fault.fault.operation} of ${whom(fault.target)} fails: ${fault.fault.reason}`;
    case "stop":
      return `stop of ${whom(fault.target)}, which is started again after ${ms(fault.downMs)}${fault.inTurn ? ", as all are in turn" : ""}`;
    case "takenPort":
      return `another process takes the port of ${whom(fault.target)} for ${ms(fault.forMs)}`;
    case "fullDisk":
      return `disk of ${whom(fault.target)} is full for ${ms(fault.forMs)}`;
    case "wipe":
      return `crash of ${whom(fault.target)}, whose disk is replaced by an empty one; down for ${ms(fault.downMs)}`;
    case "rot":
      return `crash of ${whom(fault.target)}, whose newest snapshot rots at ${percent(fault.at)}; down for ${ms(fault.downMs)}`;
    case "olderDisk": {
      const what = fault.ageMs === undefined ? "an empty one, to vote" : `what it holds now`;
      const when = ms(fault.ageMs ?? 0);
      return `crash of ${whom(fault.target)} in ${when}, whose disk is replaced by ${what}; down for ${ms(fault.downMs)}`;
    }
    case "damage":
      if (fault.how === "older missing")
        return `crash of ${whom(fault.target)}, an older file of which is gone; down for ${ms(fault.downMs)}`;
      return `crash of ${whom(fault.target)}, whose newest file is damaged (${fault.how}) at ${percent(fault.at)}; down for ${ms(fault.downMs)}`;
    case "custom":
      return `${fault.name}, for ${ms(fault.forMs)}`;
    case "wallClockJump":
      return `wall clock of ${whom(fault.target)} jumps by ${ms(fault.deltaMs)}`;
  }
}

function describeReturn({ downMs, comesBack }: Extract<Fault, { kind: "crash" }>): string {
  switch (comesBack) {
    case "afterwards":
      return `down for ${ms(downMs)}`;
    case "onceElected":
      return `down until another is elected, or for ${ms(downMs)}`;
    case "onceServing":
      return `down until another leads, or for ${ms(downMs)}`;
  }
}

function whom(target: Target): string {
  switch (target.kind) {
    case "sid":
      return `${target.sid}`;
    case "leader":
      return `the leader (or ${target.otherwise})`;
    case "candidate":
      return `the next candidate within ${ms(target.withinMs)} (or ${target.otherwise})`;
  }
}

function ms(timeMs: number): string {
  return `${timeMs.toFixed(timeMs < 10 ? 1 : 0)} ms`;
}
