/** The tree and its files without a network: what znodes cost in time and memory, and Java's server on the same files. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
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
  UsageError,
} from "../command.js";
import { describeMachine } from "../machine.js";
import { prepareJava } from "../servers/java.js";
import { alignColumns } from "../text-table.js";
import { type Figures, type Phase, snapshotFile } from "./figures.js";

const ZNODES = 1_000_000;

const HELP = `Usage: npm run bench:tree -- [options]

The tree of one server, in processes of their own: creates, the log, the snapshot. One line each.

  --znodes N          How many (default ${String(ZNODES)}), of 100 bytes each
  --only a,b          Of create, decode, replay, load; create leaves the files that the others read
  --java              Also what Apache's server does with the same files
  --directory DIR     Where the files are left (default: a temporary directory, removed afterwards)
  --output text|json  What goes to standard output (default text)
  --help              This text
`;

const PHASES: readonly Phase[] = ["create", "decode", "replay", "load"];

const QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";
const HEAD = ["", "us/op", "s", "MB/s", "bytes/znode", "peak MB", "write a snapshot, s"];

interface Row extends Figures {
  readonly what: string;
}

interface Task {
  readonly phases: readonly Phase[];
  readonly znodes: number;
  readonly withJava: boolean;
  /** The data directory; its files are in version-2. */
  readonly directory: string;
}

function main(args: readonly string[]): number {
  const values = parseOptions(args, {
    znodes: { type: "string" },
    only: { type: "string" },
    java: { type: "boolean", default: false },
    directory: { type: "string" },
    output: { type: "string", default: "text" },
    help: { type: "boolean", default: false },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const output = outputOf(values.output);
  const znodes = positiveNumber("--znodes", values.znodes, ZNODES);
  const phases = chosenFrom("phase", values.only, PHASES);
  const directory = values.directory ?? mkdtempSync(join(tmpdir(), "jute-ts-tree-"));
  try {
    const rows = measure({ phases, znodes, withJava: values.java, directory });
    const machine = `${describeMachine()}, Node ${process.versions.node}`;
    if (output === "json") console.log(JSON.stringify({ machine, znodes, rows }));
    else console.log([machine, ...alignColumns([HEAD, ...rows.map(cells)])].join("\n"));
    return 0;
  } finally {
    if (values.directory === undefined) rmSync(directory, { recursive: true });
  }
}

function measure({ phases, znodes, withJava, directory }: Task): Row[] {
  const files = join(directory, "version-2");
  mkdirSync(files, { recursive: true });
  if (!phases.includes("create") && !existsSync(snapshotFile(files, znodes))) {
    throw new UsageError(
      `${files} has no snapshot of ${String(znodes)} znodes: create makes it, with --directory and the same --znodes.`,
    );
  }
  const program = fileURLToPath(new URL("phases.js", import.meta.url));
  const rows = phases.map((phase): Row => {
    const args = ["--expose-gc", program, phase, files, String(znodes)];
    return { what: phase, ...run(process.execPath, args) };
  });
  checkDigests(rows);
  if (!withJava) return rows;
  const classes = join(directory, "classes");
  mkdirSync(classes, { recursive: true });
  const { classPath } = prepareJava(classes);
  const javaRows = phases
    .filter((phase) => phase !== "create")
    .map((phase): Row => {
      const args = ["-Xmx2g", QUIET, "-cp", classPath, "TreeLoad", phase, directory];
      return { what: `${phase}, Apache`, ...run("java", args) };
    });
  checkDigests([...rows, ...javaRows]);
  return [...rows, ...javaRows];
}

/** Whoever reads the same files must have the same tree; `decode` makes none. */
function checkDigests(rows: readonly Row[]): void {
  const trees = rows.filter(
    ({ what, digest }) => digest !== undefined && !what.startsWith("decode"),
  );
  const [first, ...others] = trees.map(({ what, digest }) => ({
    what,
    digest: BigInt.asUintN(64, BigInt(digest ?? "")),
  }));
  const other = others.find(({ digest }) => digest !== first?.digest);
  if (first === undefined || other === undefined) return;
  throw new CommandError(
    `The trees differ: ${first.what} has digest ${String(first.digest)}, ${other.what} ${String(other.digest)}`,
  );
}

function run(command: string, args: readonly string[]): Figures {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new CommandError(`${command} ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

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

await runCommand(main);
