/**
 * The second half of the tour: an ensemble of three real servers on loopback that
 * elects, replicates, loses its leader, elects again, and brings the lost one
 * back. Prints what happened as a timeline.
 */
import { describeReport, type Ensemble, reportLevel, startEnsemble } from "@jute-ts/server";
import { OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";

const WRITES = 1000;
/** How many writes are under way at once. */
const CONCURRENCY = 100;

/** Runs the ensemble; `print` gets a line at a time. */
export async function tourEnsemble(print: (line: string) => void): Promise<void> {
  const begin = performance.now();
  const at = (): string => `${(performance.now() - begin).toFixed(0).padStart(6)} ms`;
  let over = false;
  const say = (text: string): void => {
    if (!over) print(`${at()}  ${text}`);
  };
  const ensemble = await startEnsemble({ size: 3 });
  try {
    const leader = await ensemble.ready();
    const { sid, epoch } = leader.status();
    say(`three servers run, server ${sid} leads in epoch ${epoch ?? 0}`);
    for (const member of ensemble.sids) showReports(ensemble, member, say);
    await write(ensemble, say);
    say(`server ${sid} is stopped`);
    await ensemble.stopServer(sid);
    const next = await ensemble.ready();
    say(`server ${next.status().sid} leads in epoch ${next.status().epoch ?? 0}`);
    const data = text("without the first");
    await ensemble.propose(OpCode.setData, { path: "/tour", data, version: -1 });
    say("a write is committed by the two that are left");
    await ensemble.startServer(sid);
    showReports(ensemble, sid, say);
    await ensemble.ready();
    const digest = await ensemble.converged();
    say(`all three hold the same tree, digest ${digest}`);
  } finally {
    over = true;
    await ensemble.stop();
  }
}

async function write(ensemble: Ensemble, say: (text: string) => void): Promise<void> {
  const create = (path: string): Promise<unknown> =>
    ensemble.propose(OpCode.create, { path, data: text("x"), acl: OPEN_ACL_UNSAFE, flags: 0 });
  await create("/tour");
  const begin = performance.now();
  for (let done = 0; done < WRITES; done += CONCURRENCY) {
    const batch = Array.from({ length: CONCURRENCY }, (_, index) =>
      create(`/tour/${done + index}`),
    );
    await Promise.all(batch);
  }
  const seconds = (performance.now() - begin) / 1000;
  const digest = await ensemble.converged();
  say(
    `${WRITES} znodes are created, each on the disks of a quorum, ` +
      `in ${seconds.toFixed(2)} s; digest ${digest} everywhere`,
  );
}

function showReports(ensemble: Ensemble, sid: bigint, say: (text: string) => void): void {
  ensemble.peer(sid).on("report", (report) => {
    if (reportLevel(report) !== "detail") say(`  server ${sid}: ${describeReport(report)}`);
  });
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
