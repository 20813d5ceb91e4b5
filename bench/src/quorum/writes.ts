/** Writes a second and their latencies, with a fixed number of writes outstanding. */
import { type BenchEnsemble, type Maker, MAKERS, turn } from "./ensemble.js";
import type { WriteFigures } from "./latencies.js";
import type { Load } from "./load.js";
import type { ApacheLoadProcess, LoadProcess } from "./loaders.js";
import type { Plan } from "./plan.js";
import type { WriteRow } from "./results.js";

export interface Loaders {
  readonly same: LoadProcess;
  readonly apache: ApacheLoadProcess;
}

export type Ensembles = Readonly<Record<Maker, BenchEnsemble>>;

/** Measures every row in every round, both makers in turn; who begins changes with the rounds. */
export async function measureWrites(
  ensembles: Ensembles,
  loaders: Loaders,
  plan: Plan,
  progress: (text: string) => void,
): Promise<WriteRow[]> {
  const leaders = { ours: await ensembles.ours.ready(), apache: await ensembles.apache.ready() };
  const sidFor = (maker: Maker, at: WriteRow["at"]): number =>
    at === "leader" ? leaders[maker] : (leaders[maker] % 3) + 1;
  const run = async (row: WriteRow, maker: Maker, load: Load): Promise<WriteFigures> => {
    const ensemble = ensembles[maker];
    const sid = sidFor(maker, row.at);
    const address = ensemble.servers[sid - 1]?.address ?? "";
    if (row.driver === "same") return await loaders.same.load(address, load);
    return maker === "apache"
      ? await loaders.apache.load(address, load)
      : ((await ensemble.ask(sid, "load", load)) as WriteFigures);
  };
  const loadOf = ({ outstanding, bytes }: WriteRow): Load => ({
    outstanding,
    bytes,
    seconds: plan.seconds,
    warmSeconds: plan.warmSeconds,
    znodes: plan.znodes,
  });
  const rows = rowsOf(plan);
  for (const row of rows.filter(({ outstanding }) => outstanding === WARM_OUTSTANDING)) {
    progress(`warming: ${describe(row)}`);
    const load = { ...loadOf(row), warmSeconds: 0, seconds: plan.firstWarmSeconds };
    for (const maker of MAKERS) await run(row, maker, load);
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const row of rows) {
      for (const maker of turn(round)) {
        const figures = await run(row, maker, loadOf(row));
        row.figures[maker].push(figures);
        const rate = Math.round(figures.perSecond).toLocaleString("en");
        progress(`round ${String(round + 1)}, ${describe(row)}, ${maker}: ${rate} writes/s`);
      }
    }
  }
  return rows;
}

function rowsOf({ outstanding, ownDriverOutstanding }: Plan): WriteRow[] {
  const row = (
    driver: WriteRow["driver"],
    at: WriteRow["at"],
    bytes: number,
    count: number,
  ): WriteRow => ({
    driver,
    at,
    bytes,
    outstanding: count,
    figures: { ours: [], apache: [] },
  });
  return (["leader", "follower"] as const).flatMap((at) => [
    ...outstanding.map((count) => row("same", at, SMALL, count)),
    ...(at === "leader" ? [row("same", at, LARGE, LARGE_OUTSTANDING)] : []),
    ...ownDriverOutstanding.map((count) => row("own", at, SMALL, count)),
  ]);
}

function describe({ driver, at, bytes, outstanding }: WriteRow): string {
  const who = driver === "same" ? "same client" : "own driver";
  return `${who} at the ${at}, ${String(bytes)} B, ${String(outstanding)} outstanding`;
}

const SMALL = 100;
const LARGE = 1024;
const LARGE_OUTSTANDING = 128;
const WARM_OUTSTANDING = 512;
