#!/usr/bin/env node
/** The executable: connects the command line to the process, and does nothing else. */
import process from "node:process";
import { type CommandLine, remark } from "./cli/command-line.js";
import { EXIT_FAILED, EXIT_MISUSED } from "./cli/exit-code.js";
import { LineOutput } from "./cli/line-output.js";
import { runCommandLine, wantedFormat } from "./cli/program.js";
import { STARTED, WITH_PARENT } from "./ensemble/process-ensemble.js";
import { messageOf } from "./node/system-error.js";

const arguments_ = process.argv.slice(2);

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const SAME_SIGNAL_MS = 500;
/** How long a server may take to stop when its parent is gone, and its last lines to be read. */
const END_MS = 5000;

const ends: (() => void)[] = [];
let isToEnd = false;
let firstSignalMs: number | undefined;

/** Whether the command is one that runs until it is told to end. */
let runsOn = false;

const output = new LineOutput(process.stdout, tellLost);
const errors = new LineOutput(process.stderr, tellLost);
const line: CommandLine = {
  write: (text) => {
    output.write(text);
  },
  error: (text) => {
    errors.write(text);
  },
  onEnd: (then) => {
    runsOn = true;
    if (isToEnd) then();
    else ends.push(then);
    for (const signal of SIGNALS) {
      // Who asks for it takes over from ending at once.
      if (!process.listeners(signal).includes(endOnSignal)) process.on(signal, endOnSignal);
    }
  },
  tellStarted: () => {
    if (endsWithParent && process.connected) process.send?.(STARTED);
  },
  program: process.argv[1] ?? "",
  columns: process.stdout.isTTY ? process.stdout.columns : 100,
};

// The channel closes when the parent ends, however it does.
const endsWithParent = arguments_.includes(WITH_PARENT);
if (endsWithParent) {
  if (process.send === undefined) {
    const text = `${WITH_PARENT} needs a channel (IPC) to the process that starts this one`;
    remark({ level: "error", text }, wantedFormat(arguments_), line);
    process.exit(EXIT_MISUSED);
  }
  // It may have closed while this file was being loaded.
  if (!process.connected) process.exit(EXIT_FAILED);
  process.once("disconnect", endWithParent);
  // The channel alone keeps nothing alive.
  process.channel?.unref();
}

// Nobody listens any more, or there is no room: a server goes on without its log, everything else is done soon.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && !runsOn) throw error;
  });
}

process.on("uncaughtException", fail);
runCommandLine(arguments_, line).then((exitCode) => {
  process.exitCode = exitCode;
  // Whoever does not read the last lines of a server does not keep it.
  if (runsOn) setTimeout(() => process.exit(exitCode), END_MS).unref();
}, fail);

function end(): void {
  isToEnd = true;
  for (const then of ends.splice(0)) then();
}

/** A second signal ends at once; but npm and the terminal may both send the first one. */
function endOnSignal(): void {
  const nowMs = performance.now();
  firstSignalMs ??= nowMs;
  if (nowMs - firstSignalMs > SAME_SIGNAL_MS) process.exit(EXIT_FAILED);
  if (!isToEnd) end();
}

function endWithParent(): void {
  end();
  setTimeout(() => process.exit(EXIT_FAILED), END_MS).unref();
}

/** In place of lines that nobody has read in time. */
function tellLost(lines: number): string {
  const time = new Date().toISOString();
  const text = `${lines} lines are missing here, because nobody read them in time`;
  if (wantedFormat(arguments_) === "text") return `${time} ${text}`;
  return JSON.stringify({ time, level: "warning", text });
}

/** The last resort. What nobody expected is said in one line, too; where it was thrown only on request. */
function fail(error: unknown): void {
  const text = `stopped by an error inside the program: ${messageOf(error)}`;
  remark({ level: "error", text }, wantedFormat(arguments_), line);
  if (arguments_.includes("--verbose") && error instanceof Error) line.error(error.stack ?? "");
  process.exit(EXIT_FAILED);
}
