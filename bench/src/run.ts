/**
 * Measures workloads in every mode, with every peer; runs in Node and in browsers. All peers
 * are checked against the record, then warmed with all workloads, because code that has only ever
 * seen one record is faster than any that runs in an application.
 */
import type { Allocations } from "./allocations.js";
import { keep, keptCount } from "./keep-alive.js";
import { median, medianRatio, shuffled, timeInterleaved, type Candidate } from "./measure.js";
import { bytesOf, loadPeers } from "./peers/index.js";
import type { Mode, Peer, PeerCase } from "./peers/peer.js";
import { copiesBytes, verify } from "./peers/verify.js";
import type { RunRequest, Timing, Unlike, WorkerResult } from "./worker-protocol.js";
import { WORKLOADS, type Workload } from "./workloads.js";

type Operation = (index: number) => unknown;

interface Subject {
  readonly peer: string;
  readonly workload: Workload;
  readonly mode: Mode;
  readonly operation: Operation;
  readonly unlike: Unlike | undefined;
}

/** A codec in another process, which times its own batches in nanoseconds. It copies bytes. */
export interface ExternalCodec {
  readonly name: string;
  readonly version: string;
  readonly modes: readonly Mode[];
  batch(mode: Mode, iterations: number): Promise<number>;
  stop(): void;
}

/** What only some hosts can do. */
export interface Host {
  readonly countAllocations?: (operation: Operation) => Allocations;
  /** Starts what is compared beside the peers; `juteBytes` are what it must encode. */
  readonly startCodecs?: (workload: Workload, juteBytes: Uint8Array) => Promise<ExternalCodec[]>;
  /** Time that the code has run, in milliseconds. */
  readonly processorMs: () => number;
}

/** One result for each workload, in an order that differs each time. */
export async function runWorkloads(request: RunRequest, host: Host): Promise<WorkerResult[]> {
  const peers = await loadPeers(request.rivals, {
    withoutBuffer: request.withoutBuffer,
    sketch: request.sketch,
    baseline: request.baseline,
  });
  const [ours] = peers;
  if (ours === undefined) throw new Error("There is nothing to measure");
  const subjects = prepareSubjects(peers, ours, request.modes);
  if (request.measure === "time") warm(subjects, request, host);
  const results: WorkerResult[] = [];
  const chosen = WORKLOADS.filter(({ id }) => request.workloads.includes(id));
  for (const workload of shuffled(chosen)) {
    const measured = subjects.filter((subject) => subject.workload === workload);
    const juteBytes = bytesOf(ours, workload);
    const nothing = {
      workload: workload.id,
      bytes: juteBytes.length,
      versions: {},
      timings: [],
      allocations: [],
    };
    if (request.measure === "allocations") {
      results.push({ ...nothing, allocations: allocationsOf(measured, host) });
      continue;
    }
    const codecs = (await host.startCodecs?.(workload, juteBytes)) ?? [];
    results.push({
      ...nothing,
      versions: Object.fromEntries(codecs.map(({ name, version }) => [name, version])),
      timings: await timings(request, { measured, codecs, workload, ours }),
    });
    for (const codec of codecs) codec.stop();
  }
  if (keptCount() < 0) throw new Error("unreachable: reads what the runs kept");
  return results;
}

function allocationsOf(measured: readonly Subject[], host: Host): WorkerResult["allocations"] {
  const count = host.countAllocations;
  if (count === undefined) return [];
  return measured.map(({ peer, mode, operation }) => ({ peer, mode, ...count(operation) }));
}

function prepareSubjects(all: readonly Peer[], reference: Peer, modes: readonly Mode[]): Subject[] {
  return WORKLOADS.flatMap((each) => {
    const juteBytes = bytesOf(reference, each);
    return all.flatMap((peer) => {
      const prepared = peer.prepare(each);
      if (prepared === undefined) return [];
      verify(peer, each, prepared, juteBytes);
      const copies = each.bulk && copiesBytes(prepared);
      return modes.flatMap((mode) => {
        const found = operationOf(prepared, mode);
        if (found === undefined) return [];
        const unlike = copies && mode === "decode" ? "copies" : found.unlike;
        return [{ peer: peer.name, workload: each, mode, ...found, unlike }];
      });
    });
  });
}

function operationOf(
  prepared: PeerCase,
  mode: Mode,
): { operation: Operation; unlike: Unlike | undefined } | undefined {
  // A peer that cannot reuse memory shows the best that it can do.
  const written = mode === "write" ? (prepared.write ?? prepared.reuse) : prepared[mode];
  if (written !== undefined) return { operation: written, unlike: undefined };
  return mode === "reuse" || mode === "write"
    ? { operation: prepared.encode, unlike: "owned" }
    : undefined;
}

interface Timed {
  readonly measured: readonly Subject[];
  readonly codecs: readonly ExternalCodec[];
  readonly workload: Workload;
  readonly ours: Peer;
}

async function timings(request: RunRequest, timed: Timed): Promise<Timing[]> {
  const candidates: Candidate[] = [
    ...timed.measured.map((subject) => ({
      name: `${subject.peer}/${subject.mode}`,
      run: (iterations: number): void => {
        run(subject.operation, iterations);
      },
    })),
    ...timed.codecs.flatMap((codec) =>
      codec.modes.map((mode) => ({
        name: `${codec.name}/${mode}`,
        run: (iterations: number) => codec.batch(mode, iterations),
      })),
    ),
  ];
  const samples = await timeInterleaved(candidates, request);
  const timing = (peer: string, mode: Mode, as: Mode, unlike: Unlike | undefined): Timing => {
    const times = samples.get(`${peer}/${mode}`) ?? [];
    const own = samples.get(`${timed.ours.name}/${baseMode(as)}`) ?? [];
    return {
      peer,
      mode: as,
      nanoseconds: median(times),
      ratio: medianRatio(times, own),
      ...(unlike === undefined ? {} : { unlike }),
    };
  };
  const known = [
    ...timed.measured,
    ...timed.codecs.flatMap(({ name, modes }) =>
      modes.map((mode) => ({ peer: name, mode, unlike: bulkDecoding(timed.workload, mode) })),
    ),
  ];
  return known.flatMap(({ peer, mode, unlike }) => [
    timing(peer, mode, mode, unlike),
    // What copies is compared with our own copying: the same samples.
    ...(unlike === "copies" ? [timing(peer, mode, "copied", undefined)] : []),
  ]);
}

function bulkDecoding(workload: Workload, mode: Mode): Unlike | undefined {
  return workload.bulk && mode === "decode" ? "copies" : undefined;
}

/** A view or a gather output is compared with what it spares. */
function baseMode(mode: Mode): Mode {
  if (mode === "view") return "decode";
  return mode === "gather" ? "encode" : mode;
}

function warm(all: readonly Subject[], request: RunRequest, host: Host): void {
  for (let pass = 0; pass < request.warmPasses; pass++) {
    for (const { operation } of shuffled(all)) {
      // Processor time, because on a busy machine the clock runs on while nothing gets compiled.
      const end = host.processorMs() + request.warmMs / 2;
      for (let iterations = 1; host.processorMs() < end; iterations *= 2) {
        run(operation, Math.min(iterations, 4096));
      }
    }
  }
}

function run(operation: Operation, iterations: number): void {
  for (let i = 0; i < iterations; i++) keep(operation(i), i);
}
