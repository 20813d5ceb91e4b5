/** The options of `npm run bench:servers`. */
import { outputOf, parseOptions, positiveNumber } from "../command.js";
import { FULL, MANY_ZNODES, type Plan, QUICK } from "./plan.js";

export interface ServersBenchOptions {
  readonly plan: Plan;
  readonly quick: boolean;
  readonly output: "text" | "json";
  /** Where the results go; undefined writes none. */
  readonly out: string | undefined;
  /** Below this the servers' directories are made. Its disk is what is measured. */
  readonly directory: string | undefined;
  readonly help: boolean;
}

export const HELP: string = `Usage: npm run bench:servers -- [options]

Three of our servers against three of Apache's, and one against one, on loopback and on one disk.
Needs Java and ZooKeeper (Debian: libzookeeper-java, default-jdk-headless).

  --quick             A short run that shows that everything works
  --many              Also one server of each with a million znodes: some five minutes more
  --rounds N          Rounds of loads (default ${String(FULL.rounds)}, with --quick ${String(QUICK.rounds)})
  --seconds S         How long each load counts (default ${String(FULL.seconds)}, with --quick ${String(QUICK.seconds)})
  --kills N           Kills of each leader (default ${String(FULL.kills)}, with --quick ${String(QUICK.kills)})
  --directory DIR     Where the servers' directories are made (default: the temporary directory)
  --out DIR           Write results.txt and results.json there
  --output text|json  What goes to standard output (default text)
  --help              This text
`;

/** Throws UsageError. */
export function readOptions(args: readonly string[]): ServersBenchOptions {
  const values = parseOptions(args, {
    quick: { type: "boolean", default: false },
    many: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    kills: { type: "string" },
    directory: { type: "string" },
    out: { type: "string" },
    output: { type: "string", default: "text" },
    help: { type: "boolean", default: false },
  });
  const plan = values.quick ? QUICK : FULL;
  return {
    plan: {
      ...plan,
      rounds: positiveNumber("--rounds", values.rounds, plan.rounds),
      seconds: positiveNumber("--seconds", values.seconds, plan.seconds, Number.isFinite),
      many: values.many ? MANY_ZNODES : 0,
      kills: positiveNumber("--kills", values.kills, plan.kills),
    },
    quick: values.quick,
    output: outputOf(values.output),
    out: values.out,
    directory: values.directory,
    help: values.help,
  };
}
