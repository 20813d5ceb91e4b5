/** How quickly `jute decode` reads: whole processes of the built command, a line for each file and form of output. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  chosenFrom,
  CommandError,
  outputOf,
  parseOptions,
  positiveNumber,
  runCommand,
} from "../command.js";
import { describeMachine } from "../machine.js";
import { alignColumns } from "../text-table.js";
import { sampleCapture } from "./sample-capture.js";
import { sampleLog } from "./sample-log.js";
import { sampleSnapshot } from "./sample-snapshot.js";

const COMMAND = fileURLToPath(new URL("../../../packages/cli/dist/main.js", import.meta.url));

const MEGABYTES = 200;
const SAMPLES = { log: sampleLog, snapshot: sampleSnapshot, capture: sampleCapture } as const;
type Sample = keyof typeof SAMPLES;
const SAMPLE_NAMES: readonly Sample[] = ["log", "snapshot", "capture"];

/** Options of `jute decode`. The filter lets nothing pass, so that all that is left is reading. */
const FORMS = {
  nothing: ["--zxid", "..1"],
  summary: ["--output", "summary"],
  lines: ["--output", "lines"],
  json: ["--output", "json"],
  table: ["--output", "table"],
} as const satisfies Record<string, readonly string[]>;
type Form = keyof typeof FORMS;
const FORM_NAMES: readonly Form[] = ["nothing", "summary", "lines", "json", "table"];

const HELP = `Usage: npm run bench:decode -- [options]

How quickly the built jute command decodes: a log, a snapshot and a capture that it makes itself.
MB/s is of processor time, start-up left out; the output goes to /dev/null.

  --megabytes N       How long each file is (default ${String(MEGABYTES)})
  --files a,b         Of ${SAMPLE_NAMES.join(", ")}
  --only a,b          Of ${FORM_NAMES.join(", ")}; nothing is a filter that leaves out every txn
  --directory DIR     Where the files are left, and found again (default: a temporary directory, removed afterwards)
  --output text|json  What goes to standard output (default text)
  --help              This text
`;

interface Row {
  readonly file: Sample;
  readonly form: Form;
  readonly megabytes: number;
  /** From start to exit. */
  readonly seconds: number;
  /** Of the processor, all threads together, without what a start takes. */
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
}

interface Usage {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
}

function main(args: readonly string[]): number {
  const values = parseOptions(args, {
    megabytes: { type: "string" },
    files: { type: "string" },
    only: { type: "string" },
    directory: { type: "string" },
    output: { type: "string", default: "text" },
    help: { type: "boolean", default: false },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const output = outputOf(values.output);
  const megabytes = positiveNumber("--megabytes", values.megabytes, MEGABYTES, Number.isFinite);
  const samples = chosenFrom("file", values.files, SAMPLE_NAMES);
  const forms = chosenFrom("form", values.only, FORM_NAMES);
  if (!existsSync(COMMAND)) throw new CommandError("There is no built jute: npm run build");
  const directory = values.directory ?? mkdtempSync(join(tmpdir(), "jute-ts-decode-"));
  try {
    mkdirSync(directory, { recursive: true });
    const start = runJute(["--version"], directory);
    const rows = samples.flatMap((sample) => {
      const file = sampleFile(sample, megabytes, directory);
      return forms.map((form) => measure(sample, form, file, start));
    });
    const machine = `${describeMachine()}, Node ${process.versions.node}`;
    if (output === "json") console.log(JSON.stringify({ machine, rows }));
    else console.log([machine, ...alignColumns([HEAD, ...rows.map(cells)], [0, 1])].join("\n"));
    return 0;
  } finally {
    if (values.directory === undefined) rmSync(directory, { recursive: true });
  }
}

/** The path of the file, which is made where it is not there yet. */
function sampleFile(sample: Sample, megabytes: number, directory: string): string {
  const path = join(directory, `${sample}-${String(megabytes)}`);
  if (existsSync(path)) return path;
  const file = openSync(path, "w");
  for (const piece of SAMPLES[sample](megabytes * 1e6)) writeSync(file, piece);
  closeSync(file);
  return path;
}

function measure(sample: Sample, form: Form, file: string, start: Usage): Row {
  const { seconds, processorSeconds, peakMegabytes } = runJute(
    ["decode", file, ...FORMS[form]],
    join(file, ".."),
  );
  return {
    file: sample,
    form,
    megabytes: statSync(file).size / 1e6,
    seconds,
    processorSeconds: processorSeconds - start.processorSeconds,
    peakMegabytes,
  };
}

/** Runs the command as a process of its own, which reports what it used when it ends. */
function runJute(args: readonly string[], directory: string): Usage {
  const report = join(directory, "usage.json");
  const onExit = `
    import { writeFileSync } from "node:fs";
    process.on("exit", () => {
      writeFileSync(${JSON.stringify(report)}, JSON.stringify(process.resourceUsage()));
    });`;
  const beganMs = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(onExit)}`, COMMAND, ...args],
    { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] },
  );
  const seconds = (performance.now() - beganMs) / 1000;
  if (status !== 0) throw new CommandError(`jute ${args.join(" ")} failed:\n${stderr}`);
  const usage = JSON.parse(readFileSync(report, "utf8")) as NodeJS.ResourceUsage;
  return {
    seconds,
    processorSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    peakMegabytes: usage.maxRSS / 1024,
  };
}

const HEAD = ["file", "form", "MB", "MB/s", "processor s", "wall s", "peak MB"];

function cells({ file, form, megabytes, seconds, processorSeconds, peakMegabytes }: Row): string[] {
  return [
    file,
    form,
    megabytes.toFixed(0),
    (megabytes / processorSeconds).toFixed(0),
    processorSeconds.toFixed(2),
    seconds.toFixed(2),
    peakMegabytes.toFixed(0),
  ];
}

await runCommand(main);
