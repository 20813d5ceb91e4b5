/** `jute decode`: bytes of ZooKeeper's for people. What they are is known by the package `inspect`; here are the options. */
import { Command, Option } from "@commander-js/extra-typings";
import type { FilterOptions, Format, ProtocolPorts, Sender } from "@jute-ts/inspect";
import { OpCode, PacketType } from "@jute-ts/zookeeper";
import type { ByteSource, Encoding } from "../inspect/input.js";
import { ITEM_OUTPUTS, type ItemOutput } from "../inspect/item-output.js";
import {
  parseOp,
  parsePath,
  parsePort,
  parseSession,
  parseThreads,
  parseTime,
  parseZxids,
} from "../inspect/option-values.js";
import { type Surroundings, UsageError } from "../surroundings.js";
import type { CommandDefinition } from "./command.js";

export const decodeCommand: CommandDefinition = ({ surroundings, exitWith }) =>
  new Command("decode")
    .description("Show what ZooKeeper's bytes say: captures, logs, snapshots, messages, records.")
    .argument(
      "[files...]",
      "logs, snapshots, captures, epoch files, or others with --as; - is standard input",
    )
    .addOption(
      new Option(
        "--as <format>",
        "what the bytes are, where their beginning does not tell",
      ).choices(FORMATS),
    )
    .option("--hex <digits>", "decode these bytes instead of a file; --as says what they are")
    .option("--base64 <text>", "the same, in base64")
    .addOption(
      new Option("--encoding <form>", "how the content of the files is written")
        .choices(ENCODINGS)
        .default<Encoding>("raw"),
    )
    .option("--record <name>", "decode a record: of ZooKeeper's, or of --schema")
    .option("--schema <file>", "a Jute file with the record; repeatable", collect)
    .option("--response-to <op>", "with --as response: the op of its request", parseOp)
    .addOption(
      new Option("--sender <side>", "with --as packet or quorum: who sent it").choices(SENDERS),
    )
    .option("--client-port <port>", "a port of clients in captures; repeatable", ports)
    .option("--quorum-port <port>", "a port like 2888; repeatable", ports)
    .option("--election-port <port>", "a port like 3888; repeatable", ports)
    .option("--path <path>", "only what is about this znode or those below; repeatable", paths)
    .option("--session <id>", "only this session, in hex; repeatable", sessions)
    .option(
      "--op <name>",
      "only this op or type of packet, such as create or PROPOSAL; repeatable",
      collect,
    )
    .option(
      "--zxid <range>",
      "only these zxids: 0x100000001, 0x100000001.., ..0x1ffffffff",
      parseZxids,
    )
    .option(
      "--since <time>",
      "only from this time on: ISO 8601, or milliseconds since 1970",
      parseTime,
    )
    .option("--until <time>", "only up to this time", parseTime)
    .option("--errors", "only what failed")
    .option(
      "--threads <count>",
      "how many threads decode a long log (default: one for each processor)",
      parseThreads,
    )
    .option("--full", "dumps show every byte of long values")
    .addOption(
      new Option("--output <form>", "how to show it")
        .choices(ITEM_OUTPUTS)
        .default<ItemOutput>("lines"),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (files, flags) => {
      const { decode } = await import("../inspect/decode.js");
      const { sources, isText } = await sourcesOf(files, flags, surroundings);
      const format = flags.record === undefined ? flags.as : "record";
      if (flags.record !== undefined && flags.as !== undefined) {
        throw new UsageError("--record says what the bytes are, and so does --as");
      }
      if (flags.record === undefined && flags.schema !== undefined) {
        throw new UsageError("--schema needs --record: which of its records is it?");
      }
      if (isText && format === undefined) {
        throw new UsageError("say what the bytes are, by --as or --record");
      }
      checkUse(flags, format);
      await noteUnknownOps(flags.op ?? [], surroundings);
      const code = await decode(
        {
          sources,
          format,
          options: {
            recordType: await recordTypeOf(flags.record, flags.schema, surroundings),
            opCode: flags.responseTo,
            sender: flags.sender,
            capture: { ports: portsOf(flags) },
          },
          filter: filterOf(flags),
          form: { output: flags.output, isFull: flags.full === true },
          threads: flags.threads,
        },
        surroundings,
      );
      exitWith(code);
    });

interface UseFlags extends PortFlags {
  readonly responseTo?: number | undefined;
  readonly sender?: Sender | undefined;
  readonly full?: true | undefined;
  readonly threads?: number | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly output: ItemOutput;
}

/** Throws UsageError for an option that would do nothing, and for a time that nothing can have. */
function checkUse(
  { responseTo, sender, full, threads, output, ...flags }: UseFlags,
  format: Format | undefined,
): void {
  const { clientPort, quorumPort, electionPort } = flags;
  const hasPorts = (clientPort ?? quorumPort ?? electionPort) !== undefined;
  if (hasPorts && format !== undefined && format !== "capture") {
    throw new UsageError("--client-port, --quorum-port and --election-port are for captures");
  }
  if (responseTo !== undefined && format !== "response") {
    throw new UsageError("--response-to is for --as response");
  }
  if (sender !== undefined && format !== "packet" && format !== "quorum") {
    throw new UsageError("--sender is for --as packet or --as quorum");
  }
  if (threads !== undefined && format !== undefined && format !== "log") {
    throw new UsageError("--threads is for logs");
  }
  const { since, until } = flags;
  if (since !== undefined && until !== undefined && until < since) {
    throw new UsageError("--until is before --since");
  }
  if (full === true && output !== "dump") throw new UsageError("--full is for --output dump");
}

/** Not an error: what else than an op or a packet can be shown has a name, too. */
async function noteUnknownOps(names: readonly string[], { stderr }: Surroundings): Promise<void> {
  const known = [...Object.keys(OpCode), ...Object.keys(PacketType)];
  const folded = new Set(known.map((each) => each.toLowerCase()));
  const unknown = names.filter((name) => !folded.has(name.toLowerCase()));
  if (unknown.length === 0) return;
  const { closestName } = await import("@jute-ts/compiler");
  for (const name of unknown) {
    const guess = closestName(name, known);
    if (guess !== undefined) {
      stderr.write(`jute: --op ${name} is no op and no packet; did you mean ${guess}?\n`);
    }
  }
}

interface SourceFlags {
  readonly hex?: string | undefined;
  readonly base64?: string | undefined;
  readonly encoding: Encoding;
}

async function sourcesOf(
  files: readonly string[],
  { hex, base64, encoding }: SourceFlags,
  surroundings: Surroundings,
): Promise<{ readonly sources: readonly ByteSource[]; readonly isText: boolean }> {
  const { fileSource, textSource } = await import("../inspect/input.js");
  const texts = [
    ...(hex === undefined ? [] : [textSource(hex, "hex")]),
    ...(base64 === undefined ? [] : [textSource(base64, "base64")]),
  ];
  if (texts.length + (files.length > 0 ? 1 : 0) > 1) {
    throw new UsageError("name files, --hex or --base64, and only one of them");
  }
  if (texts.length > 0) return { sources: texts, isText: true };
  if (files.length === 0) {
    throw new UsageError("name a file, - for standard input, --hex or --base64");
  }
  if (files.filter((file) => file === "-").length > 1) {
    throw new UsageError("- stands twice, but there is one standard input");
  }
  const sources = files.map((file) => fileSource(file, encoding, surroundings));
  return { sources, isText: encoding !== "raw" };
}

async function recordTypeOf(
  name: string | undefined,
  schemas: readonly string[] | undefined,
  surroundings: Surroundings,
) {
  if (name === undefined) return undefined;
  const { findRecordType } = await import("../inspect/record-types.js");
  return findRecordType(name, schemas ?? [], surroundings);
}

interface PortFlags {
  readonly clientPort?: readonly number[] | undefined;
  readonly quorumPort?: readonly number[] | undefined;
  readonly electionPort?: readonly number[] | undefined;
}

function portsOf({ clientPort, quorumPort, electionPort }: PortFlags): ProtocolPorts {
  return { client: clientPort, quorum: quorumPort, election: electionPort };
}

interface FilterFlags {
  readonly path?: readonly string[] | undefined;
  readonly session?: readonly bigint[] | undefined;
  readonly op?: readonly string[] | undefined;
  readonly zxid?:
    { readonly from?: bigint | undefined; readonly to?: bigint | undefined } | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly errors?: true | undefined;
}

function filterOf({ path, session, op, zxid, since, until, errors }: FilterFlags): FilterOptions {
  return {
    paths: path,
    sessionIds: session,
    ops: op,
    fromZxid: zxid?.from,
    toZxid: zxid?.to,
    fromTimeMs: since,
    toTimeMs: until,
    onlyErrors: errors,
  };
}

function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

function paths(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), parsePath(value)];
}

function ports(value: string, earlier: readonly number[] | undefined): number[] {
  return [...(earlier ?? []), parsePort(value)];
}

function sessions(value: string, earlier: readonly bigint[] | undefined): bigint[] {
  return [...(earlier ?? []), parseSession(value)];
}

const FORMATS = [
  "log",
  "snapshot",
  "epoch",
  "capture",
  "request",
  "response",
  "event",
  "connectRequest",
  "connectResponse",
  "packet",
  "hello",
  "notification",
  "txn",
  "requests",
  "quorum",
  "election",
] as const satisfies readonly Format[];

const SENDERS = ["leader", "learner"] as const satisfies readonly Sender[];
const ENCODINGS = ["raw", "hex", "base64"] as const satisfies readonly Encoding[];

const EXAMPLES = `
Examples:
  jute decode version-2/log.100000001 --path /app
  jute decode traffic.pcap --client-port 12181 --output summary
  jute decode version-2/snapshot.200000002 --output json
  jute decode --as request --hex 0000000500000004000000022f6100 --output dump
  jute decode --record Stat --base64 AAAAAQAAAA... --output dump
  tcpdump -i lo -w - 'tcp port 2181' | jute decode -

Exit codes: 0 everything was decoded, 1 something was not what it should be
(it is shown, and what follows it), 2 wrong usage.
`;
