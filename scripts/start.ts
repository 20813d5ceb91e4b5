/**
 * What `npm start` runs: an ensemble of three servers on this machine, and a line to paste
 * that connects a client to it. It ends by itself, or stays until Ctrl+C if asked to.
 */
import process from "node:process";
import { parseArgs, styleText } from "node:util";
import { startEnsemble } from "@jute-ts/server";

const USAGE = `usage: npm start -- [options]

  --stay             until Ctrl+C instead of for a minute
  --seconds N        for so long; 60 by default
  --size N           so many servers; 3 by default
  --client-port N    the port of the first server, the others have the next; default: free ports
`;

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const { size, clientPort, seconds } = options;
  const end = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      end.abort();
    });
  }
  const begin = performance.now();
  await using ensemble = await startEnsemble({ size, clientPort, storage: "memory" });
  const { sid } = (await ensemble.ready()).status();
  const took = (performance.now() - begin).toFixed(0);
  say(
    `${size} ${size === 1 ? "server runs" : "servers run"} after ${took} ms, server ${sid} leads:`,
  );
  say(`\n   ${bold(ensemble.connectString)}\n`);
  say("Connect any ZooKeeper client to it. In another terminal, here:\n");
  say(`   ${bold(pasteLine(ensemble.connectString))}\n`);
  say(`or, where ZooKeeper is installed: zkCli.sh -server ${ensemble.connectString}`);
  say("Everything is in memory and ends with this.");
  say(
    seconds === Infinity
      ? "It stays until Ctrl+C."
      : `It ends in ${seconds} s, or with Ctrl+C; ${bold("npm start -- --stay")} keeps it.`,
  );
  say(`Next: ${bold("npm run demo")} shows what goes on inside, ${bold("npm test")} tests it.`);
  await ended(seconds, end.signal);
  return 0;
}

interface Options {
  readonly size: number;
  readonly clientPort: number | undefined;
  /** How long it stays. */
  readonly seconds: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      stay: { type: "boolean", default: false },
      seconds: { type: "string", default: "60" },
      size: { type: "string", default: "3" },
      "client-port": { type: "string" },
    },
  });
  const port = values["client-port"];
  return {
    size: numberOf("size", values.size),
    clientPort: port === undefined ? undefined : numberOf("client-port", port),
    seconds: values.stay ? Infinity : numberOf("seconds", values.seconds),
  };
}

function numberOf(name: string, text: string): number {
  if (!/^\d{1,5}$/u.test(text)) throw new Error(`--${name} ${text}: give a whole number`);
  return Number(text);
}

/** A client that says what is at the root, with what `npm ci` has installed. */
function pasteLine(connectString: string): string {
  return (
    `node -e 'const c = require("node-zookeeper-client").createClient("${connectString}"); ` +
    `c.once("connected", () => c.getChildren("/", (e, names) => { console.log(e ?? names); c.close(); })); c.connect()'`
  );
}

async function ended(seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    // Sockets keep the process alive for as long as it stays.
    const timer = seconds === Infinity ? undefined : setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function say(text: string): void {
  console.log(text);
}

function bold(text: string): string {
  return process.stdout.isTTY && process.env["NO_COLOR"] === undefined
    ? styleText("bold", text)
    : text;
}

process.exitCode = await main();
