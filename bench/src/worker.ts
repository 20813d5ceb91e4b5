/**
 * One process of the benchmark: measures one workload in every mode, with every
 * peer. All peers are checked against the record, then warmed with all workloads,
 * because code that has only ever seen one record is faster than any that runs in
 * an application. Prints one JSON document.
 */
import { countAllocations } from "./allocations.js";
import { startApacheWorker, type ApacheWorker } from "./apache.js";
import { keep, keptCount } from "./keep-alive.js";
import { median, medianRatio, shuffled, timeInterleaved, type Candidate } from "./measure.js";
import { bytesOf, loadPeers } from "./peers/index.js";
import { MODES, type Mode, type Peer, type PeerCase } from "./peers/peer.js";
import { verify } from "./peers/verify.js";
import type { Timing, WorkerRequest, WorkerResult } from "./worker-protocol.js";
import { WORKLOADS, type Workload } from "./workloads.js";

interface Subject {
  readonly peer: Peer;
  readonly workload: Workload;
  readonly mode: Mode;
  readonly operation: (index: number) => unknown;
}

const request = JSON.parse(process.argv[2] ?? "null") as WorkerRequest;
const peers = await loadPeers(request.rivals, request.withoutBuffer);
const [ours] = peers;
if (ours === undefined) throw new Error("Nothing to measure");
const workload = WORKLOADS.find(({ id }) => id === request.workload);
if (workload === undefined) throw new Error(`There is no workload ${request.workload}`);
const subjects = prepareSubjects(peers, ours);
const measured = subjects.filter((subject) => subject.workload === workload);
const apache = await startAll(request.apache, workload, bytesOf(ours, workload));

const result: WorkerResult = {
  workload: workload.id,
  bytes: bytesOf(ours, workload).length,
  versions: Object.fromEntries([
    ...peers.map((peer) => [peer.name, peer.version]),
    ...apache.map((worker) => [worker.name, worker.version]),
  ]) as Record<string, string>,
  timings: request.measure === "time" ? await timings(subjects, measured, ours, apache) : [],
  allocations:
    request.measure === "allocations"
      ? measured.map(({ peer, mode, operation }) => ({
          peer: peer.name,
          mode,
          ...countAllocations(operation),
        }))
      : [],
};
for (const worker of apache) worker.stop();
if (keptCount() < 0) throw new Error("unreachable: reads what the runs kept");
console.log(JSON.stringify(result));

function prepareSubjects(all: readonly Peer[], reference: Peer): Subject[] {
  return WORKLOADS.flatMap((each) => {
    const juteBytes = bytesOf(reference, each);
    return all.flatMap((peer) => {
      const prepared = peer.prepare(each);
      if (prepared === undefined) return [];
      verify(peer, each, prepared, juteBytes);
      return MODES.flatMap((mode) => {
        const operation = operationOf(prepared, mode);
        return operation === undefined ? [] : [{ peer, workload: each, mode, operation }];
      });
    });
  });
}

function operationOf(prepared: PeerCase, mode: Mode): ((index: number) => unknown) | undefined {
  switch (mode) {
    case "encode":
      return prepared.encode;
    case "reuse":
      // A peer that cannot reuse memory competes with the best that it can do.
      return prepared.reuse ?? prepared.encode;
    case "write":
      return prepared.write ?? prepared.reuse ?? prepared.encode;
    case "decode":
      return prepared.decode;
    case "view":
      return prepared.view;
    case "gather":
      return prepared.gather;
  }
}

async function startAll(
  commands: WorkerRequest["apache"],
  subject: Workload,
  juteBytes: Uint8Array,
): Promise<ApacheWorker[]> {
  return Promise.all(
    Object.entries(commands).map(([name, command]) =>
      startApacheWorker(name, command, subject.id, juteBytes),
    ),
  );
}

async function timings(
  all: readonly Subject[],
  timed: readonly Subject[],
  reference: Peer,
  external: readonly ApacheWorker[],
): Promise<Timing[]> {
  warm(all);
  const candidates: Candidate[] = [
    ...timed.map((subject) => ({
      name: `${subject.peer.name}/${subject.mode}`,
      run: (iterations: number): void => {
        run(subject.operation, iterations);
      },
    })),
    ...external.flatMap((worker) =>
      worker.modes.map((mode) => ({
        name: `${worker.name}/${mode}`,
        run: (iterations: number) => worker.batch(mode, iterations),
      })),
    ),
  ];
  const samples = await timeInterleaved(candidates, request);
  return [...samples].map(([name, times]) => {
    const slash = name.lastIndexOf("/");
    const mode = name.slice(slash + 1) as Mode;
    const own = samples.get(`${reference.name}/${baseMode(mode)}`) ?? [];
    return {
      peer: name.slice(0, slash),
      mode,
      nanoseconds: median(times),
      ratio: medianRatio(times, own),
    };
  });
}

/** A view or a gather output is compared with what it spares. */
function baseMode(mode: Mode): Mode {
  if (mode === "view") return "decode";
  return mode === "gather" ? "encode" : mode;
}

function warm(all: readonly Subject[]): void {
  for (let pass = 0; pass < request.warmPasses; pass++) {
    for (const { operation } of shuffled(all)) {
      // Processor time, because on a busy machine the clock runs on while nothing gets compiled.
      const end = processorMs() + request.warmMs / 2;
      for (let iterations = 1; processorMs() < end; iterations *= 2) {
        run(operation, Math.min(iterations, 4096));
      }
    }
  }
}

function run(operation: (index: number) => unknown, iterations: number): void {
  for (let i = 0; i < iterations; i++) keep(operation(i), i);
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
