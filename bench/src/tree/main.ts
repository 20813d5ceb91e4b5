/** The tree and its files without a network: what znodes cost in time and memory, and Java's server on the same files. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "../machine.js";
import { prepareJava } from "../servers/java.js";
import { alignColumns } from "../text-table.js";
import type { Figures, Phase } from "./figures.js";

const HELP = `Usage: npm run bench:tree -- [options]

The tree of one server, in processes of their own: creates, the log, the snapshot. One line each.

  --znodes N          How many (default 1000000), of 100 bytes each
  --only a,b          Of create, decode, replay, load; create leaves the files that the others read
  --java              Also what Apache's server does with the same files
  --directory DIR     Where the files are left (default: a temporary directory, removed afterwards)
  --output text|json  What goes to standard output (default text)
`;

const PHASES: readonly Phase[] = ["create", "decode", "replay", "load"];

const { values } = parseArgs({
  options: {
    znodes: { type: "string", default: "1000000" },
    only: { type: "string", default: PHASES.join(",") },
    java: { type: "boolean", default: false },
    directory: { type: "string" },
    output: { type: "string", default: "text" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const directory = values.directory ?? mkdtempSync(join(tmpdir(), "jute-ts-tree-"));
  try {
    measure(directory);
  } finally {
    if (values.directory === undefined) rmSync(directory, { recursive: true });
  }
}

function measure(directory: string): void {
  const files = join(directory, "version-2");
  mkdirSync(files, { recursive: true });
  const chosen = PHASES.filter((phase) => values.only.split(",").includes(phase));
  const rows: (Figures & { what: string })[] = [];
  const program = fileURLToPath(new URL("phases.js", import.meta.url));
  for (const phase of chosen) {
    const args = ["--expose-gc", program, phase, files, values.znodes];
    rows.push({ what: phase, ...run(process.execPath, args) });
  }
  if (values.java) {
    const classes = join(directory, "classes");
    mkdirSync(classes, { recursive: true });
    const { classPath } = prepareJava(classes);
    for (const phase of chosen.filter((name) => name !== "create")) {
      const args = ["-Xmx2g", QUIET, "-cp", classPath, "TreeLoad", phase, directory];
      rows.push({ what: `${phase}, Apache`, ...run("java", args) });
    }
  }
  const machine = `${describeMachine()}, Node ${process.versions.node}`;
  const { output } = values;
  if (output === "json") console.log(JSON.stringify({ machine, znodes: values.znodes, rows }));
  else console.log([machine, ...alignColumns([HEAD, ...rows.map(cells)])].join("\n"));
}

function run(command: string, args: readonly string[]): Figures {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

const QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";
const HEAD = ["", "us/op", "s", "MB/s", "bytes/znode", "peak MB", "write a snapshot, s"];

function cells({ what, ...figures }: Figures & { what: string }): string[] {
  const { microsecondsPerOp, ms, megabytes, bytesPerZnode, peakMegabytes, snapshotMs } = figures;
  const rate = ms === undefined || megabytes === undefined ? undefined : megabytes / (ms / 1000);
  const seconds = (time: number | undefined): string => shown(time && time / 1000, 2);
  return [
    what,
    shown(microsecondsPerOp, 2),
    seconds(ms),
    shown(rate, 0),
    shown(bytesPerZnode, 0),
    shown(peakMegabytes, 0),
    seconds(snapshotMs),
  ];
}

function shown(value: number | undefined, digits: number): string {
  return value === undefined ? "" : value.toFixed(digits);
}
