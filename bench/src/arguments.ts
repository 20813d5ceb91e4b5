/** The options of `npm run bench`. */
import { parseArgs } from "node:util";
import { RIVAL_NAMES } from "./peers/index.js";
import { WORKLOADS } from "./workloads.js";

export interface BenchOptions {
  readonly workloads: readonly string[];
  readonly rivals: readonly string[];
  readonly quick: boolean;
  /** The Node binary that the workers run on. */
  readonly node: string;
  readonly java: boolean;
  readonly c: boolean;
  readonly withoutBuffer: boolean;
  /** Where the JSON and the chart go; undefined writes none. */
  readonly out: string | undefined;
  readonly format: "text" | "json";
  /** Processes for each workload. */
  readonly repetitions: number;
  readonly help: boolean;
}

export const HELP: string = `Usage: npm run bench -- [options]

  --only a,b          Only these workloads (${WORKLOADS.map(({ id }) => id).join(", ")})
  --peers x,y         Only these peers (${RIVAL_NAMES.join(", ")})
  --quick             Fewer and shorter rounds, one process for each workload
  --repetitions N     Processes for each workload (default 3, with --quick 1)
  --node PATH         Measure on this Node binary
  --java              Add Apache's Java Jute (Debian: libzookeeper-java, a JDK)
  --c                 Add the C client's Jute (Debian: libzookeeper-mt-dev, gcc)
  --no-buffer         Add our own runtime without Node's Buffer, as in a browser
  --out DIR           Write results.json and chart.svg there
  --format text|json  What goes to standard output (default text)
  --help              This text
`;

/** Throws an Error whose message is meant for people. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      peers: { type: "string" },
      quick: { type: "boolean", default: false },
      repetitions: { type: "string" },
      node: { type: "string" },
      java: { type: "boolean", default: false },
      c: { type: "boolean", default: false },
      "no-buffer": { type: "boolean", default: false },
      out: { type: "string" },
      format: { type: "string", default: "text" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.format !== "text" && values.format !== "json") {
    throw new Error(`--format is text or json, not ${values.format}`);
  }
  const repetitions = Number(values.repetitions ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(repetitions) || repetitions < 1) {
    throw new Error(`--repetitions takes a positive number, not ${String(values.repetitions)}`);
  }
  const ids = WORKLOADS.map(({ id }) => id);
  return {
    workloads: choose("workload", values.only, ids),
    rivals: choose("peer", values.peers, RIVAL_NAMES),
    quick: values.quick,
    node: values.node ?? process.execPath,
    java: values.java,
    c: values.c,
    withoutBuffer: values["no-buffer"],
    out: values.out,
    format: values.format,
    repetitions,
    help: values.help,
  };
}

function choose(kind: string, list: string | undefined, known: readonly string[]): string[] {
  if (list === undefined) return [...known];
  const chosen = list.split(",").filter((name) => name !== "");
  for (const name of chosen) {
    if (!known.includes(name)) {
      throw new Error(`There is no ${kind} ${name}. There are: ${known.join(", ")}`);
    }
  }
  // In the order of the tables, whatever the order on the command line.
  return known.filter((name) => chosen.includes(name));
}
