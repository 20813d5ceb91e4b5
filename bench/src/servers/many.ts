/** One server alone with very many znodes: what they cost in memory and at the next start. */
import { join } from "node:path";
import { BenchEnsemble, type Maker } from "./ensemble.js";
import type { Java } from "./java.js";
import type { LoadProcess } from "./loaders.js";
import { type Memory, memoryOf } from "./memory.js";
import type { Both, Many } from "./results.js";

export interface ManyOptions {
  readonly java: Java;
  readonly directory: string;
  readonly znodes: number;
  readonly bytes: number;
  readonly progress: (text: string) => void;
  /** Called with each ensemble, which must end with the process. */
  readonly onEnsemble: (ensemble: BenchEnsemble) => void;
}

export async function measureMany(loader: LoadProcess, options: ManyOptions): Promise<Many> {
  const ours = await measureOne("ours", loader, options);
  const apache = await measureOne("apache", loader, options);
  const both = <K extends keyof Figures>(key: K): Both<Figures[K]> => ({
    ours: ours[key],
    apache: apache[key],
  });
  return {
    znodes: options.znodes,
    createsPerSecond: both("createsPerSecond"),
    memory: both("memory"),
    start: both("start"),
    memoryAfterStart: both("memoryAfterStart"),
  };
}

interface Figures {
  readonly createsPerSecond: number;
  readonly memory: Memory;
  readonly start: number;
  readonly memoryAfterStart: Memory;
}

async function measureOne(
  maker: Maker,
  loader: LoadProcess,
  { java, directory, znodes, bytes, progress, onEnsemble }: ManyOptions,
): Promise<Figures> {
  const roomy = { ...java, heap: "2g" };
  const server = await BenchEnsemble.make(maker, roomy, join(directory, "many"), 1);
  onEnsemble(server);
  server.startAll();
  await server.ready();
  const [address = ""] = server.addresses;
  const createsPerSecond = await loader.fill({ address, parent: "/many", znodes, bytes });
  await pause(QUIET_MS);
  const memory = memoryOf(server.pid(1));
  progress(`${znodes.toLocaleString("en")} znodes, ${maker}: ${memory.resident.toFixed(0)} MB`);
  await server.killAll();
  const beganMs = performance.now();
  server.startAll();
  await loader.firstWrite(server.addresses);
  const start = performance.now() - beganMs;
  progress(`start on them, ${maker}: ${start.toFixed(0)} ms`);
  await pause(QUIET_MS);
  const memoryAfterStart = memoryOf(server.pid(1));
  await server.killAll();
  server.clear();
  return { createsPerSecond, memory, start, memoryAfterStart };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** For snapshots that are under way. */
const QUIET_MS = 5000;
