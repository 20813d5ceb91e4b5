#!/usr/bin/env node
/** The command line `zk-peer`. */
import { parseArgs } from "node:util";
import type { CommandLine } from "./cli/command-line.js";
import { ensemble } from "./cli/ensemble.js";
import { start } from "./cli/start.js";
import { status } from "./cli/status.js";

const USAGE = `zk-peer: a member of an Apache ZooKeeper ensemble

  zk-peer start ZOO.CFG            runs the server of a configuration
  zk-peer status HOST:PORT...      what the servers of an ensemble are doing
  zk-peer ensemble                 a whole ensemble on loopback, to try things out

Options:
  --format text|json               how results are printed (text)
  --verbose                        start: votes, snapshots and other details too
  --size N                         ensemble: servers that vote (3)
  --observers N                    ensemble: servers that only observe (0)
  --processes                      ensemble: each server in a process of its own
  --help`;

const line: CommandLine = {
  write: (text) => {
    process.stdout.write(`${text}\n`);
  },
  error: (text) => {
    process.stderr.write(`${text}\n`);
  },
  onSignal: (signal, then) => {
    process.once(signal, then);
  },
};

process.exitCode = await run(process.argv.slice(2));

async function run(args: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parse(args);
  } catch (error) {
    return misused(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const [command, ...operands] = positionals;
  if (values.help || command === undefined) {
    line.write(USAGE);
    return command === undefined && !values.help ? EXIT_USAGE : 0;
  }
  const { format } = values;
  if (format !== "text" && format !== "json") return misused(`--format ${format}: text or json`);
  switch (command) {
    case "start": {
      const [path] = operands;
      if (path === undefined || operands.length > 1) return misused("start takes one zoo.cfg");
      return await start(path, { format, verbose: values.verbose }, line);
    }
    case "status":
      if (operands.length === 0) return misused("status takes one address or more");
      return await status(operands, format, line);
    case "ensemble": {
      const size = Number(values.size);
      const observers = Number(values.observers);
      if (!isCount(size, 1) || !isCount(observers, 0)) {
        return misused("--size is 1 to 31 and --observers 0 to 31");
      }
      return await ensemble({ size, observers, processes: values.processes, format }, line);
    }
    default:
      return misused(`there is no command ${command}`);
  }
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: "string", default: "text" },
      verbose: { type: "boolean", default: false },
      size: { type: "string", default: "3" },
      observers: { type: "string", default: "0" },
      processes: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
}

function isCount(value: number, min: number): boolean {
  return Number.isInteger(value) && value >= min && value <= 31;
}

function misused(text: string): number {
  line.error(`zk-peer: ${text}\n\n${USAGE}`);
  return EXIT_USAGE;
}

const EXIT_USAGE = 64;
