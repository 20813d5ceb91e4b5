/** The options of `npm run bench`. */
import {
  chosenFrom,
  listOf,
  outputOf,
  parseOptions,
  positiveNumber,
  UsageError,
} from "./command.js";
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

export const HELP: string = `Usage: npm run bench -- [options]

  --only a,b          Only these workloads (${WORKLOADS.map(({ id }) => id).join(", ")})
  --peers x,y         Only these peers (${RIVAL_NAMES.slice(0, 5).join(", ")},
                      ${RIVAL_NAMES.slice(5, 10).join(", ")},
                      ${RIVAL_NAMES.slice(10).join(", ")})
  --quick             Fewer and shorter rounds, one process
  --repetitions N     Processes that measure everything (default 3, with --quick 1)
  --node A,B          Measure on these Node binaries, or versions: 20,22,24 takes
                      each from npm's package \`node\`
  --browser           Measure in Chromium and Firefox, where they are installed, and
                      on Node only if --node says so (CHROMIUM, FIREFOX: their paths)
  --java              On Node, add Apache's Java Jute (Debian: libzookeeper-java, a JDK)
  --c                 On Node, add the C client's Jute (Debian: libzookeeper-mt-dev, gcc)
  --no-buffer         On Node, add our own runtime without Node's Buffer, as in a browser
  --sketch DIR        On Node, add a rival implementation of Jute in a directory: runtime.mjs
                      and records.mjs, of the shape that src/peers/sketch.ts tells
  --out DIR           Write DIR/node20/results.json and .txt and so on, then draw
                      DIR/*.svg and DIR/README.md from all results in DIR
  --charts            Measure nothing, only draw what --out DIR holds
  --output text|json  What goes to standard output (default text); json is a line for
                      each Node and browser
  --help              This text
`;

/** Throws a UsageError. */
export function readOptions(args: readonly string[]): BenchOptions {
  const values = parseOptions(args, {
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
  });
  if (values.charts && values.out === undefined) {
    throw new UsageError("--charts draws what --out DIR holds: name the directory");
  }
  const complaint = values.sketch === undefined ? undefined : sketchComplaint(values.sketch);
  if (complaint !== undefined) throw new UsageError(complaint);
  const ids = WORKLOADS.map(({ id }) => id);
  const nodes = listOf(values.node ?? "");
  const onNode = (["java", "c", "no-buffer", "sketch"] as const).find((name) => values[name]);
  if (values.browser && nodes.length === 0 && onNode !== undefined) {
    throw new UsageError(`--${onNode} is measured on Node only: add --node`);
  }
  return {
    workloads: chosenFrom("workload", values.only, ids),
    rivals: chosenFrom("peer", values.peers, RIVAL_NAMES),
    quick: values.quick,
    nodes: nodes.length > 0 || values.browser ? nodes : [process.execPath],
    browser: values.browser,
    java: values.java,
    c: values.c,
    withoutBuffer: values["no-buffer"],
    sketch: values.sketch,
    out: values.out,
    charts: values.charts,
    output: outputOf(values.output),
    repetitions: positiveNumber("--repetitions", values.repetitions, values.quick ? 1 : 3),
    help: values.help,
  };
}
