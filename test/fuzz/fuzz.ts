/**
 * The command line of the fuzzer, which tries every parser that reads what others
 * wrote. It runs several parsers at once, shows how far they are, and ends with a
 * table. Exits with 1 for a finding or for inputs that were not tried, and with 2
 * for a wrong command.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type CampaignResult, inputOf, replay } from "./campaign.js";
import { CampaignThread } from "./campaign-thread.js";
import type { FuzzedParser } from "./fuzzed-parser.js";
import { PARSERS } from "./parsers/all.js";
import { alignColumns } from "../../bench/src/text-table.js";

const USAGE = `usage: npm run fuzz -- [options]
       npm run fuzz -- --parser NAME --seed S --input N [--replay HEX]

  --parser all|NAME  which parsers: ${PARSERS.map(({ name }) => name).join(", ")}
  --inputs N         for each parser; 100000 by default
  --seed S           the inputs follow from it; 1 by default
  --minutes M        ends earlier than all inputs; 60 by default
  --jobs N           parsers at once; one a core by default
  --output json      one JSON array at the end instead of a table
  --input N          tries the input of this number again, or with --replay these bytes in its place
`;

interface Options {
  readonly parsers: readonly FuzzedParser[];
  readonly inputs: number;
  readonly seed: number;
  readonly minutes: number;
  readonly jobs: number;
  readonly isJson: boolean;
  /** The input to be tried again, and what to try in its place. */
  readonly input: number | undefined;
  readonly replay: Uint8Array | undefined;
}

async function main(): Promise<number> {
  if (process.argv.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const { input, parsers, seed } = options;
  const [first] = parsers;
  if (first !== undefined && input !== undefined) {
    const bytes = options.replay ?? inputOf(first, seed, input);
    const outcome = replay(first, bytes, seed, input);
    console.log(typeof outcome === "string" ? outcome : `${outcome.kind}: ${outcome.text}`);
    return typeof outcome === "string" ? 0 : 1;
  }
  const results = await runAll(options);
  const asJson = (): string => JSON.stringify(results.map(toJson(seed)), undefined, 2);
  console.log(options.isJson ? asJson() : tableOf(results));
  const isDone = results.every(({ tried, finding }) => tried === options.inputs && !finding);
  if (!isDone) console.error("not all inputs were tried: something was found, or time ran out");
  return isDone ? 0 : 1;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      parser: { type: "string", default: "all" },
      inputs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: "60" },
      jobs: { type: "string", default: String(availableParallelism()) },
      output: { type: "string", default: "text" },
      input: { type: "string" },
      replay: { type: "string" },
    },
  });
  const numberOf = (name: "inputs" | "seed" | "minutes" | "jobs" | "input"): number => {
    const number = Number(values[name]);
    if (!(number >= 0)) throw new Error(`--${name} is no number that is 0 or more.`);
    return number;
  };
  const parsers = PARSERS.filter(({ name }) => values.parser === "all" || name === values.parser);
  if (parsers.length === 0) throw new Error(`There is no parser ${values.parser}.`);
  if (values.output !== "text" && values.output !== "json") {
    throw new Error("--output is text or json.");
  }
  return {
    parsers,
    inputs: numberOf("inputs"),
    seed: numberOf("seed"),
    minutes: numberOf("minutes"),
    jobs: Math.max(1, numberOf("jobs")),
    isJson: values.output === "json",
    input: values.input === undefined ? undefined : numberOf("input"),
    replay: values.replay === undefined ? undefined : Buffer.from(values.replay, "hex"),
  };
}

/** The results in the order of the parsers. */
async function runAll(options: Options): Promise<CampaignResult[]> {
  const { parsers, inputs, seed, jobs } = options;
  const endMs = performance.now() + options.minutes * 60_000;
  const results = new Map<FuzzedParser, CampaignResult>();
  const running = new Map<FuzzedParser, CampaignThread>();
  const progress = setInterval(() => {
    const texts = [...running].map(([{ name }, { current }]) => `${name} ${current}`);
    console.error(`${results.size} of ${parsers.length} done; ${texts.join(", ")} of ${inputs}`);
  }, PROGRESS_EVERY_MS);
  const waiting = [...parsers];
  const work = Array.from({ length: jobs }, async () => {
    const thread = new CampaignThread();
    for (let parser = waiting.shift(); parser !== undefined; parser = waiting.shift()) {
      running.set(parser, thread);
      const maxMs = Math.max(0, endMs - performance.now());
      const result = await thread.run(parser, { inputs, seed, maxMs });
      running.delete(parser);
      results.set(parser, result);
      printFinding(result, seed);
    }
    await thread.end();
  });
  await Promise.all(work);
  clearInterval(progress);
  return parsers.flatMap((parser) => results.get(parser) ?? []);
}

function printFinding({ parser, finding }: CampaignResult, seed: number): void {
  if (finding === undefined) return;
  const hex = Buffer.from(finding.bytes).toString("hex");
  console.error(
    `${parser}: ${finding.kind}, seed ${seed}, input ${finding.input}: ${finding.text}\n` +
      `  shortest input: ${hex}\n  again: npm run fuzz -- --parser ${parser} --seed ${seed} ` +
      `--input ${finding.input} --replay ${hex}`,
  );
}

function toJson(seed: number): (result: CampaignResult) => unknown {
  return ({ finding, ...result }) => {
    const bytes = Buffer.from(finding?.bytes ?? []).toString("hex");
    return { ...result, seed, finding: finding === undefined ? null : { ...finding, bytes } };
  };
}

const COLUMNS: readonly (readonly [head: string, cell: (result: CampaignResult) => string])[] = [
  ["parser", ({ parser }) => parser],
  ["inputs", ({ tried }) => String(tried)],
  ["accepted", ({ accepted }) => String(accepted)],
  ["refused", ({ refused }) => String(refused)],
  ["a second", ({ tried, elapsedMs }) => ((tried / elapsedMs) * 1000).toFixed(0)],
  ["slowest ms", ({ slowestMs }) => slowestMs.toFixed(1)],
  ["growth MiB", ({ growthBytes }) => (growthBytes / 1024 / 1024).toFixed(1)],
  ["finding", ({ finding }) => finding?.kind ?? "none"],
];

/** Numbers stand to the right, the texts of the outer columns to the left. */
function tableOf(results: readonly CampaignResult[]): string {
  const rows = [
    COLUMNS.map(([head]) => head),
    ...results.map((result) => COLUMNS.map(([, cell]) => cell(result))),
  ];
  return alignColumns(rows, [0, COLUMNS.length - 1]).join("\n");
}

const PROGRESS_EVERY_MS = 10_000;

process.exitCode = await main();
