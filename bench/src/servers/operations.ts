/** Requests a second and their latencies, with a fixed number of them outstanding. */
import { type BenchEnsemble, type Maker, MAKERS, turn } from "./ensemble.js";
import type { LoadFigures } from "./latencies.js";
import type { Load } from "./load.js";
import type { ApacheLoadProcess, LoadProcess } from "./loaders.js";
import type { Plan } from "./plan.js";
import type { Both, Driver, Row } from "./results.js";

export interface Loaders {
  readonly ours: LoadProcess;
  readonly java: ApacheLoadProcess;
}

export type Ensembles = Both<BenchEnsemble>;

/** Creates what the rows read and write, with both makers. Returns the creates a second of `/bench`. */
export async function makeZnodes(
  ensembles: Ensembles,
  { ours: loader }: Loaders,
  { znodes }: Plan,
): Promise<Both<number>> {
  const fillAll = async (ensemble: BenchEnsemble): Promise<number> => {
    const address = addressOf(ensemble, await ensemble.ready());
    const rate = await loader.fill({ address, parent: WRITTEN, znodes, bytes: SMALL });
    await loader.fill({ address, ...READ_SMALL });
    await loader.fill({ address, ...READ_LARGE });
    return rate;
  };
  const ours = await fillAll(ensembles.ours);
  return { ours, apache: await fillAll(ensembles.apache) };
}

/** Measures every row in every round, both makers in turn; who begins changes with the rounds. */
export async function measureRows(
  rows: readonly Row[],
  ensembles: Ensembles,
  loaders: Loaders,
  plan: Plan,
  progress: (text: string) => void,
): Promise<readonly Row[]> {
  const leaders = { ours: await ensembles.ours.ready(), apache: await ensembles.apache.ready() };
  const run = async (row: Row, maker: Maker, load: Load): Promise<LoadFigures> => {
    const sid = row.at === "follower" ? (leaders[maker] % 3) + 1 : leaders[maker];
    return await loaders[row.driver].load(addressOf(ensembles[maker], sid), load);
  };
  const loadOf = ({ operation, outstanding, connections, parent, znodes, bytes }: Row): Load => ({
    ...{ operation, outstanding, connections, parent, znodes, bytes },
    seconds: plan.seconds,
    warmSeconds: plan.warmSeconds,
  });
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
        progress(`round ${String(round + 1)}, ${describe(row)}, ${maker}: ${rate} a second`);
      }
    }
  }
  return rows;
}

export function rowsOfThree(plan: Plan): Row[] {
  return [
    ...(["leader", "follower"] as const).flatMap((at) => [
      ...writes(at, plan),
      ...(at === "leader" ? [{ ...row(plan, at, "setData", 128), bytes: MIDDLE }] : []),
      ...plan.javaOutstanding.map((count) => ({
        ...row(plan, at, "setData", count),
        driver: JAVA,
      })),
    ]),
    ...reads("follower", plan),
  ];
}

export function rowsAlone(plan: Plan): Row[] {
  return [...writes("server", plan), ...reads("server", plan)];
}

function writes(at: Row["at"], plan: Plan): Row[] {
  return plan.outstanding.map((count) => row(plan, at, "setData", count));
}

/** What servers answer by themselves, and the mix that most users have. */
function reads(at: Row["at"], plan: Plan): Row[] {
  const counts = [
    ...plan.readsOutstanding.map((outstanding) => ({ outstanding, connections: 1 })),
    ...plan.manyReadsOutstanding.map((outstanding) => ({ outstanding, connections: 100 })),
  ];
  const rows = (operation: Row["operation"], what: Partial<Row> = {}): Row[] =>
    counts.map(({ outstanding, connections }) => ({
      ...row(plan, at, operation, outstanding),
      connections,
      ...what,
    }));
  return [
    ...rows("getData", READ_SMALL),
    ...rows("getData", READ_LARGE),
    ...rows("exists", READ_SMALL),
    ...rows("getChildren", READ_SMALL),
    ...rows("mixed"),
  ];
}

function row(
  { znodes }: Plan,
  at: Row["at"],
  operation: Row["operation"],
  outstanding: number,
): Row {
  return {
    ...{ driver: "ours", operation, at, outstanding, connections: 1 },
    ...{ parent: WRITTEN, znodes, bytes: SMALL },
    figures: { ours: [], apache: [] },
  };
}

export function addressOf({ servers }: BenchEnsemble, sid: number): string {
  return servers[sid - 1]?.address ?? "";
}

function describe({ driver, operation, at, bytes, outstanding, connections }: Row): string {
  const who = driver === JAVA ? "by Java's client " : "";
  return `${operation} ${who}at the ${at}, ${String(bytes)} B, ${String(connections)} x ${String(outstanding)} outstanding`;
}

const JAVA: Driver = "java";
const SMALL = 100;
const MIDDLE = 1024;
/** What is written to. */
const WRITTEN = "/bench";
/** What is only read. */
const READ_SMALL = { parent: "/small", znodes: 1000, bytes: SMALL };
const READ_LARGE = { parent: "/large", znodes: 100, bytes: 10_240 };
const WARM_OUTSTANDING = 512;
