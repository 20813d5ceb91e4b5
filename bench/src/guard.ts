/**
 * `npm run bench:guard`: fails when a change makes us allocate clearly more, or
 * when our lead over the frozen plain implementation collapses. It never looks at
 * times alone. The margins are wide, every figure is a median over many rounds in
 * which both sides took turns, and a failure is measured a second time.
 *
 * `--record` writes what it measures to guard.json as the figures to hold on this
 * major version of Node. Versions differ in what costs how much, so each has its own.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ALLOCATION_FLAGS, countAllocations } from "./allocations.js";
import { parseOptions, runCommand } from "./command.js";
import { plainPeer } from "./baseline/plain-peer.js";
import { keep, keptCount } from "./keep-alive.js";
import { medianRatio, timeInterleaved, type Candidate } from "./measure.js";
import { JUTE, jutePeer } from "./peers/jute.js";
import { loadJute } from "./peers/jute-library.js";
import type { Mode, Peer, PeerCase } from "./peers/peer.js";
import { verify } from "./peers/verify.js";
import { WORKLOADS } from "./workloads.js";
import { alignColumns } from "./text-table.js";

/** What guard.json holds for `workload/mode`. */
interface Figures {
  /** The baseline's time over ours. */
  readonly ratio: number;
  /** Bytes that we allocate for one operation, heap and ArrayBuffers together. */
  readonly bytes: number;
}

interface Verdict {
  readonly key: string;
  readonly measured: Figures;
  readonly recorded: Figures | undefined;
  readonly failure: string | undefined;
}

const GUARDED = ["a", "b", "d", "i"];
const GUARDED_MODES = ["encode", "write", "decode"] as const satisfies readonly Mode[];

/** The lead may shrink to this share of the recorded one before anybody is alarmed. */
const LEAST_SHARE_OF_RATIO = 0.5;

/** Allocations may grow to this multiple of the recorded ones, and by a little more. */
const GREATEST_SHARE_OF_BYTES = 1.5;
const SPARE_BYTES = 64;

const NODE_MAJOR = process.versions.node.split(".")[0] ?? "";

const RECORD = fileURLToPath(new URL("../guard.json", import.meta.url));

const HELP = `Usage: npm run bench:guard -- [options]

Fails when we allocate clearly more than guard.json says, or lose our lead over a frozen
plain implementation of Jute.

  --record            Write what is measured to guard.json, for this major version of Node
  --help              This text
`;

async function main(args: readonly string[]): Promise<number> {
  const values = parseOptions(args, {
    record: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  return globalThis.gc === undefined ? restartWithCollector(args) : guard(values.record);
}

/** Counting allocations needs flags that a process must be started with. */
function restartWithCollector(args: readonly string[]): number {
  const script = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, [...ALLOCATION_FLAGS, script, ...args], {
    stdio: "inherit",
  });
  return status ?? 1;
}

async function guard(record: boolean): Promise<number> {
  const subjects = await prepare();
  const measured = await measure(subjects);
  if (record) {
    const versions = { ...readRecord(), [NODE_MAJOR]: Object.fromEntries(measured) };
    writeFileSync(RECORD, `${JSON.stringify(versions, null, 2)}\n`);
    console.log(`Recorded ${String(measured.size)} figures.`);
    return 0;
  }
  const recorded = recordedHere(readRecord());
  let verdicts = judge(measured, recorded);
  if (verdicts.some(({ failure }) => failure !== undefined)) {
    console.log("A figure is out of bounds; measuring once more before saying so.");
    const second = judge(await measure(subjects), recorded);
    // Only what fails twice is a regression.
    verdicts = second.map((verdict, index) =>
      verdicts[index]?.failure === undefined ? { ...verdict, failure: undefined } : verdict,
    );
  }
  printVerdicts(verdicts);
  return verdicts.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

type Recorded = Readonly<Record<string, Figures>>;

function readRecord(): Readonly<Record<string, Recorded>> {
  return JSON.parse(readFileSync(RECORD, "utf8")) as Readonly<Record<string, Recorded>>;
}

/** This version's figures, or else those of the version next to it. */
function recordedHere(versions: Readonly<Record<string, Recorded>>): Recorded {
  const own = Number(NODE_MAJOR);
  const distance = (version: string): number => Math.abs(Number(version) - own);
  const [nearest] = Object.keys(versions).sort((a, b) => distance(a) - distance(b));
  return versions[nearest ?? ""] ?? {};
}

interface Subject {
  readonly key: string;
  readonly ours: (index: number) => unknown;
  readonly baseline: (index: number) => unknown;
}

async function prepare(): Promise<Subject[]> {
  const ours = await jutePeer(JUTE, await loadJute());
  const baseline = await plainPeer();
  return WORKLOADS.filter(({ id }) => GUARDED.includes(id)).flatMap((workload) => {
    const cases = [ours, baseline].map((peer: Peer): PeerCase => {
      const prepared = peer.prepare(workload);
      if (prepared === undefined) throw new Error(`${peer.name} has no workload ${workload.id}`);
      verify(peer, workload, prepared, ours.prepare(workload)?.encode(0));
      return prepared;
    });
    return GUARDED_MODES.map((mode) => ({
      key: `${workload.id}/${mode}`,
      ours: operation(cases[0], mode),
      baseline: operation(cases[1], mode),
    }));
  });
}

function operation(
  prepared: PeerCase | undefined,
  mode: (typeof GUARDED_MODES)[number],
): (index: number) => unknown {
  const found = prepared?.[mode];
  if (found === undefined) throw new Error(`Nothing to guard in mode ${mode}`);
  return found;
}

async function measure(subjects: readonly Subject[]): Promise<Map<string, Figures>> {
  const candidates = subjects.flatMap(({ key, ours, baseline }): Candidate[] => [
    { name: `${key}/ours`, run: loop(ours) },
    { name: `${key}/baseline`, run: loop(baseline) },
  ]);
  const samples = await timeInterleaved(candidates, { rounds: 101, batchMs: 0.4, warmMs: 40 });
  const figures = new Map(
    subjects.map(({ key, ours }) => {
      const { heap, external } = countAllocations(ours);
      const ratio = medianRatio(
        samples.get(`${key}/baseline`) ?? [],
        samples.get(`${key}/ours`) ?? [],
      );
      return [
        key,
        { ratio: Math.round(ratio * 100) / 100, bytes: Math.round(heap + external) },
      ] as const;
    }),
  );
  if (keptCount() < 0) throw new Error("unreachable: reads what the runs kept");
  return figures;
}

function loop(work: (index: number) => unknown): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) keep(work(i), i);
  };
}

function judge(measured: ReadonlyMap<string, Figures>, recorded: Recorded): Verdict[] {
  return [...measured].map(([key, figures]) => {
    const before = recorded[key];
    return { key, measured: figures, recorded: before, failure: complaint(figures, before) };
  });
}

function complaint(now: Figures, before: Figures | undefined): string | undefined {
  if (before === undefined) return "nothing is recorded: run with --record";
  if (now.bytes > before.bytes * GREATEST_SHARE_OF_BYTES + SPARE_BYTES) return "allocates more";
  if (now.ratio < before.ratio * LEAST_SHARE_OF_RATIO) return "lost its lead over the baseline";
  return undefined;
}

function printVerdicts(verdicts: readonly Verdict[]): void {
  const rows = [
    ["", "ratio", "recorded", "bytes/op", "recorded", ""],
    ...verdicts.map(({ key, measured, recorded, failure }) => [
      key,
      measured.ratio.toFixed(2),
      recorded?.ratio.toFixed(2) ?? "-",
      String(measured.bytes),
      recorded === undefined ? "-" : String(recorded.bytes),
      failure ?? "ok",
    ]),
  ];
  console.log("Ratio: the frozen baseline's time / ours, median over interleaved rounds.");
  for (const line of alignColumns(rows, [0, 5])) console.log(line);
}

await runCommand(main);
