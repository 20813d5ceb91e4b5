/**
 * How long an editor waits: after a key, the next question is answered in 50 ms with ZooKeeper's 72
 * records and in 200 ms with 10,000 in one file. Counted is the processor's time of this process, which
 * other work on the machine does not change much, and of several keys the quickest. Where a plain pass over
 * the same text takes longer than on the machines that the goals are for, they are as much longer.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { hoverText } from "../src/hover.js";
import { placeAt } from "../src/places.js";
import { Workspace } from "../src/workspace.js";

const settings = { lint: {}, format: {} };
const settingsOf = () => settings;

const defs = path.resolve(import.meta.dirname, "../../../jute-defs");

function manyRecords(count: number): string {
  const classes = Array.from(
    { length: count },
    (_, index) =>
      `    /* Record ${index} of many. */\n    class Record${index} {\n        long id; // which one\n        ustring name;\n        vector<ustring> tags;\n        ${index === 0 ? "int" : `Record${index - 1}`} before;\n    }\n`,
  );
  return `module big.schema {\n${classes.join("")}}\n`;
}

/** How many times slower than where the goals hold this machine is now, and never less than one. */
function slowness(): number {
  const text = manyRecords(10_000);
  const passes = Array.from({ length: 7 }, () => {
    const before = process.cpuUsage();
    const words = text.match(/\w+|\S/gu) ?? [];
    expect(words.length).toBeGreaterThan(100_000);
    return sinceMs(before);
  });
  return Math.max(1, Math.min(...passes) / PLAIN_PASS_MS);
}

/** What such a pass takes where the goals hold, in ms of processor time. Where an answer took 128 to 173 ms, it took 42 to 59. */
const PLAIN_PASS_MS = 40;

/** The quickest answer and the quickest diagnostics after a key, in ms of processor time. */
function quickestMs(workspace: Workspace, file: string, text: string, mark: string) {
  const at = text.indexOf(mark) + mark.length;
  const quickest = { answer: Infinity, diagnostics: Infinity };
  let typed = text;
  for (const key of " int z;") {
    const end = at + (typed.length - text.length);
    typed = typed.slice(0, end) + key + typed.slice(end);
    const before = process.cpuUsage();
    workspace.open(file, typed);
    const analysis = workspace.analysisOf(file);
    const place = analysis && placeAt(analysis, at - 2);
    expect(analysis && place && hoverText(place, analysis)).toContain("bytes");
    quickest.answer = Math.min(quickest.answer, sinceMs(before));
    const asked = process.cpuUsage();
    expect(analysis?.diagnostics).toBeDefined();
    // Of whole texts: broken ones are not linted.
    if (/[ ;]/.test(key)) {
      quickest.diagnostics = Math.min(quickest.diagnostics, sinceMs(asked));
    }
  }
  return quickest;
}

function sinceMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("an answer after a key", () => {
  it("comes in 50 ms with 72 records", () => {
    const files = new Map<string, string>(
      readdirSync(defs)
        .filter((name) => name.endsWith(".jute"))
        .map((name) => [`/defs/${name}`, readFileSync(path.join(defs, name), "utf8")] as const),
    );
    const workspace = new Workspace(
      {
        read: (file) => {
          const text = files.get(file);
          return text === undefined ? undefined : { text };
        },
        list: () => [...files.keys()],
      },
      settingsOf,
    );
    const file = "/defs/proto.jute";
    const text = files.get(file) ?? "";
    workspace.open(file, text);
    workspace.analysisOf(file);
    const { answer, diagnostics } = quickestMs(workspace, file, text, "long sessionId;");
    const most = 50 * slowness();
    expect(answer).toBeLessThan(most);
    expect(diagnostics).toBeLessThan(most);
  });

  it("comes in 200 ms with 10,000 records in one file", { timeout: 120_000 }, () => {
    const workspace = new Workspace({ read: () => undefined, list: () => [] }, settingsOf);
    const text = manyRecords(10_000);
    workspace.open("/big.jute", text);
    workspace.analysisOf("/big.jute");
    const mark = "class Record5000 {\n        long id;";
    const { answer, diagnostics } = quickestMs(workspace, "/big.jute", text, mark);
    const times = slowness();
    expect(answer).toBeLessThan(200 * times);
    // They come after a pause in typing, and meanwhile nothing else is answered.
    expect(diagnostics).toBeLessThan(400 * times);
  });
});
