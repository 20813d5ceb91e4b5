/** The options of `npm run bench`. */
import { parseArgs } from "node:util";
import { RIVAL_NAMES } from "./peers/index.js";
import { sketchComplaint } from "./peers/sketch.js";
import { WORKLOADS } from "./workloads.js";

export interface BenchOptions {
  readonly workloads: readonly string[];
  readonly rivals: readonly string[];
  readonly quick: boolean;
  /** Node binaries or versions that the workers run on, one after the other. */
  readonly nodes: readonly string[];
  /** Measure in the browsers that are installed. */
  readonly browser: boolean;
  readonly java: boolean;
  readonly c: boolean;
  readonly withoutBuffer: boolean;
  /** A directory with a rival implementation. */
  readonly sketch: string | undefined;
  /** Where results and charts go; undefined writes none. */
  readonly out: string | undefined;
  /** Measure nothing, draw what is in `out`. */
  readonly charts: boolean;
  readonly output: "text" | "json";
  /** Processes that measure everything; the figures are medians over them. */
  readonly repetitions: number;
  readonly help: boolean;
}

/** Wrong use; the message is meant for people. */
export class UsageError extends Error {}

export const HELP: string = `Usage: npm run bench -- [options]

  --only a,b          Only these workloads (${WORKLOADS.map(({ id }) => id).join(", ")})
  --peers x,y         Only these peers (${RIVAL_NAMES.slice(0, 7).join(", ")},
                      ${RIVAL_NAMES.slice(7).join(", ")})
  --quick             Fewer and shorter rounds, one process
  --repetitions N     Processes that measure everything (default 3, with --quick 1)
  --node A,B          Measure on these Node binaries, or versions: 20,22,24 takes
                      each from npm's package \`node\`
  --browser           Measure in Chromium and Firefox, where they are installed, and
                      on Node only if --node says so (CHROMIUM, FIREFOX: their paths)
  --java              Add Apache's Java Jute (Debian: libzookeeper-java, a JDK)
  --c                 Add the C client's Jute (Debian: libzookeeper-mt-dev, gcc)
  --no-buffer         Add our own runtime without Node's Buffer, as in a browser
  --sketch DIR        Add a rival implementation of Jute in a directory: runtime.mjs
                      and records.mjs, of the shape that src/peers/sketch.ts tells
  --out DIR           Write DIR/node20/results.json and .txt and so on, then draw
                      DIR/*.svg and DIR/README.md from all results in DIR
  --charts            Measure nothing, only draw what --out DIR holds
  --output text|json  What goes to standard output (default text)
  --help              This text
`;

/** Throws a UsageError. */
export function readOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const { output } = values;
  if (output !== "text" && output !== "json") {
    throw new UsageError(`--output is text or json, not ${output}`);
  }
  const repetitions = Number(values.repetitions ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(repetitions) || repetitions < 1) {
    throw new UsageError(
      `--repetitions takes a positive number, not ${String(values.repetitions)}`,
    );
  }
  if (values.charts && values.out === undefined) {
    throw new UsageError("--charts draws what --out DIR holds: name the directory");
  }
  const complaint = values.sketch === undefined ? undefined : sketchComplaint(values.sketch);
  if (complaint !== undefined) throw new UsageError(complaint);
  const ids = WORKLOADS.map(({ id }) => id);
  const nodes = list(values.node);
  return {
    workloads: choose("workload", values.only, ids),
    rivals: choose("peer", values.peers, RIVAL_NAMES),
    quick: values.quick,
    nodes: nodes.length > 0 || values.browser ? nodes : [process.execPath],
    browser: values.browser,
    java: values.java,
    c: values.c,
    withoutBuffer: values["no-buffer"],
    sketch: values.sketch,
    out: values.out,
    charts: values.charts,
    output,
    repetitions,
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        peers: { type: "string" },
        quick: { type: "boolean", default: false },
        repetitions: { type: "string" },
        node: { type: "string" },
        browser: { type: "boolean", default: false },
        java: { type: "boolean", default: false },
        c: { type: "boolean", default: false },
        "no-buffer": { type: "boolean", default: false },
        sketch: { type: "string" },
        out: { type: "string" },
        charts: { type: "boolean", default: false },
        output: { type: "string", default: "text" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function list(text: string | undefined): string[] {
  return (text ?? "").split(",").filter((name) => name !== "");
}

function choose(kind: string, text: string | undefined, known: readonly string[]): string[] {
  if (text === undefined) return [...known];
  const chosen = list(text);
  for (const name of chosen) {
    if (!known.includes(name)) {
      throw new UsageError(`There is no ${kind} ${name}. There are: ${known.join(", ")}`);
    }
  }
  // In the order of the tables, whatever the order on the command line.
  return known.filter((name) => chosen.includes(name));
}
