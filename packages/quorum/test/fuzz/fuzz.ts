/**
 * Fuzzes every parser that reads what others wrote:
 *
 *   npm run fuzz -- --parser all|NAME --inputs 1000000 --seed 1 --minutes 60
 *   npm run fuzz -- --parser NAME --seed S --input N [--replay HEX]
 *
 * The second form tries one input again: that of a number, or these bytes.
 * Exits with 1 for a finding and 2 for a wrong command.
 */
import { parseArgs } from "node:util";
import { type CampaignResult, replay, runCampaign } from "./campaign.js";
import type { FuzzedParser } from "./fuzzed-parser.js";
import { makeInput } from "./mutation.js";
import { configurationText, zooCfg } from "./parsers/configuration.js";
import { electionHello, looking, notification } from "./parsers/election.js";
import { txnLog } from "./parsers/logs.js";
import { leaderPackets, leaderRole, learnerPackets, learnerRole } from "./parsers/quorum-port.js";
import { epochFile, syncedMark } from "./parsers/small-files.js";
import { snappy, snapshotFile, snapshotStream } from "./parsers/snapshots.js";
import { txnRecord } from "./parsers/txn-record.js";
import { hashOf, Random } from "./random.js";

const PARSERS: readonly FuzzedParser[] = [
  electionHello,
  notification,
  looking,
  leaderPackets,
  learnerPackets,
  learnerRole,
  leaderRole,
  snapshotStream,
  snapshotFile,
  snappy,
  txnLog,
  txnRecord,
  epochFile,
  syncedMark,
  zooCfg,
  configurationText,
];

process.exitCode = main();

function main(): number {
  const { values } = parseArgs({
    options: {
      parser: { type: "string", default: "all" },
      inputs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: "60" },
      format: { type: "string", default: "text" },
      input: { type: "string" },
      replay: { type: "string" },
    },
  });
  const chosen = PARSERS.filter(({ name }) => values.parser === "all" || name === values.parser);
  const numbers = [values.inputs, values.seed, values.minutes, values.input ?? "0"].map(Number);
  const [inputs = 0, seed = 0, minutes = 0, number = 0] = numbers;
  const [first] = chosen;
  if (first === undefined || numbers.some((value) => !(value >= 0))) {
    const names = PARSERS.map(({ name }) => name).join(", ");
    console.error(`--parser is "all" or one of ${names}; the numbers are not negative.`);
    return 2;
  }
  if (values.input !== undefined) {
    const bytes =
      values.replay === undefined
        ? makeInput(first, new Random(hashOf(first.name), seed, number))
        : new Uint8Array(Buffer.from(values.replay, "hex"));
    const outcome = replay(first, bytes, seed, number);
    console.log(typeof outcome === "string" ? outcome : `${outcome.kind}: ${outcome.text}`);
    return typeof outcome === "string" ? 0 : 1;
  }
  return campaigns(chosen, inputs, seed, minutes, values.format === "json");
}

function campaigns(
  parsers: readonly FuzzedParser[],
  inputs: number,
  seed: number,
  minutes: number,
  asJson: boolean,
): number {
  const endMs = performance.now() + minutes * 60_000;
  const results = parsers.map((parser) => {
    const result = runCampaign(parser, {
      inputs,
      seed,
      maxMs: Math.max(0, endMs - performance.now()),
      onProgress: (tried) => {
        console.error(`${parser.name}: ${tried} of ${inputs}`);
      },
    });
    printFinding(result, seed);
    return result;
  });
  if (asJson)
    console.log(
      JSON.stringify(
        results.map((result) => toJson(result, seed)),
        undefined,
        2,
      ),
    );
  else console.log(tableOf(results));
  return results.some(({ finding }) => finding !== undefined) ? 1 : 0;
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

function toJson(result: CampaignResult, seed: number): unknown {
  const { finding } = result;
  const shown =
    finding === undefined
      ? null
      : { ...finding, bytes: Buffer.from(finding.bytes).toString("hex") };
  return { ...result, seed, finding: shown };
}

function tableOf(results: readonly CampaignResult[]): string {
  const rows = results.map((result) => [
    result.parser,
    String(result.tried),
    String(result.accepted),
    String(result.refused),
    ((result.tried / result.elapsedMs) * 1000).toFixed(0),
    result.slowestMs.toFixed(1),
    (result.growthBytes / 1024 / 1024).toFixed(1),
    result.finding?.kind ?? "none",
  ]);
  const heads = [
    "parser",
    "inputs",
    "accepted",
    "refused",
    "a second",
    "slowest ms",
    "growth MiB",
    "finding",
  ];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === cells.length - 1
          ? cell.padEnd(width)
          : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [heads, ...rows].map(line).join("\n");
}
