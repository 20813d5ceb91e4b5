/**
 * How long the other commands take on a schema of any size, as whole processes of the built `jute` command, and how
 * long an editor waits for answers of `jute lsp`.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { outputOf, parseOptions, positiveNumber, runCommand } from "./command.js";
import { type Run, runJute, writeSchema } from "./jute-process.js";
import { type AnswerTimes, type EditedFile, timeAnswers } from "./language-server.js";
import { describeMachine } from "./machine.js";
import { alignColumns } from "./text-table.js";

interface CommandTime extends Run {
  readonly command: string;
}

interface Answers {
  readonly schema: string;
  readonly times: readonly AnswerTimes[];
}

const ZOOKEEPER = fileURLToPath(new URL("../../jute-defs", import.meta.url));

const HELP = `Usage: npm run bench:tools -- [options]

How long jute check, lint, format and breaking take on a synthetic schema, as whole processes
with their peak memory, and how long an editor waits for each kind of answer of jute lsp, on
ZooKeeper's 72 records and on the synthetic schema. Before each question a key is typed.

  --records N         Records of the synthetic schema (default 10000), a hundred to a file
  --rounds N          How often an editor asks each question (default 9)
  --output text|json  What goes to standard output (default text)
  --help              This text
`;

async function main(args: readonly string[]): Promise<number> {
  const values = parseOptions(args, {
    records: { type: "string" },
    rounds: { type: "string" },
    output: { type: "string", default: "text" },
    help: { type: "boolean", default: false },
  });
  const output = outputOf(values.output);
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const records = positiveNumber("--records", values.records, 10_000);
  const rounds = positiveNumber("--rounds", values.rounds, 9);
  const work = mkdtempSync(join(tmpdir(), "jute-bench-tools-"));
  try {
    const commands = timeCommands(work, records);
    const answers: Answers[] = [
      { schema: "72 records", times: await timeAnswers(zooKeeper(work), rounds) },
      {
        schema: `${records.toLocaleString("en")} records`,
        times: await timeAnswers(synthetic(work), rounds),
      },
    ];
    const data = { machine: describeMachine(), node: process.version, records, commands, answers };
    if (output === "json") console.log(JSON.stringify(data, null, 2));
    else print(commands, answers);
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function timeCommands(work: string, records: number): CommandTime[] {
  const schema = join(work, "new");
  writeSchema(schema, records);
  cpSync(schema, join(work, "old"), { recursive: true });
  const time = (...arguments_: readonly string[]): CommandTime => {
    const command = `jute ${arguments_.join(" ")}`;
    const run = runJute(arguments_, schema);
    console.error(`done: ${command}`);
    return { command, ...run };
  };
  return [
    time("check", "*.jute"),
    time("lint", "*.jute"),
    // Formats all files, and finds them formatted.
    time("format", "*.jute"),
    time("format", "--check", "*.jute"),
    time("breaking", "../old", "."),
  ];
}

function zooKeeper(work: string): EditedFile {
  const folder = join(work, "zookeeper");
  cpSync(ZOOKEEPER, folder, { recursive: true });
  return edited(folder, "proto.jute", "org.apache.zookeeper.data.Stat stat;");
}

function synthetic(work: string): EditedFile {
  return edited(join(work, "new"), "part0.jute", "Record8 previous;");
}

function edited(folder: string, name: string, mark: string): EditedFile {
  return { folder, name, text: readFileSync(join(folder, name), "utf8"), mark };
}

function print(commands: readonly CommandTime[], answers: readonly Answers[]): void {
  console.log(`Node ${process.versions.node}, ${describeMachine()}`);
  const rows = commands.map(({ command, seconds, processorSeconds, peakMegabytes }) => [
    command,
    `${seconds.toFixed(2)} s`,
    `${processorSeconds.toFixed(2)} s CPU`,
    `${peakMegabytes.toFixed(0)} MB peak`,
  ]);
  for (const line of alignColumns(rows, [0])) console.log(line);
  for (const { schema, times } of answers) {
    console.log(`\njute lsp, ${schema}: after a key, the median and the slowest`);
    const answerRows = times.map(({ question, medianMs, slowestMs }) => [
      question,
      `${medianMs.toFixed(1)} ms`,
      `${slowestMs.toFixed(1)} ms`,
    ]);
    for (const line of alignColumns(answerRows, [0])) console.log(line);
  }
}

await runCommand(main);
