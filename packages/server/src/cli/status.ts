/**
 * `status`: what the servers of an ensemble are doing, one row each. Asks through
 * ZooKeeper's own commands, so Apache's servers answer too. Only what a server said
 * is shown: whoever does not serve has no role, and an epoch is not guessed from a
 * zxid, which may be of an earlier one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { formatHostAndPort, type HostAndPort, parseConnectString } from "../node/connect-string.js";
import { askFourLetterWord } from "../node/four-letter-word.js";
import { messageOf } from "../node/system-error.js";
import { type CommandLine, formatTable, type OutputFormat, remark } from "./command-line.js";
import { EXIT_DONE, EXIT_FAILED, EXIT_MISUSED, type ExitCode } from "./exit-code.js";

/** What a server said. What it did not say is undefined. */
export interface ServerStatus {
  readonly address: string;
  /** Whether it serves clients. */
  readonly serving: boolean;
  readonly sid?: string;
  /** `leader`, `follower`, `observer` and the like, in the words of `srvr` and of the metrics; only while it serves. */
  readonly role?: string;
  readonly epoch?: string;
  /** The last txn that was applied. */
  readonly zxid?: bigint;
  /** Of the state after that txn. */
  readonly digest?: string;
  /** How many txns the most advanced server that answered is ahead, where both are in the same epoch. */
  readonly lag?: bigint;
  /** Why the server is not known. */
  readonly error?: string;
  /** The commands that it does not answer because its configuration does not allow them. */
  readonly notAllowed?: readonly string[];
}

/** Prints the table. Exits with 0 when every server serves and no two lead. */
export async function status(
  connectStrings: readonly string[],
  format: OutputFormat,
  line: CommandLine,
): Promise<ExitCode> {
  let addresses: readonly HostAndPort[];
  try {
    addresses = connectStrings.flatMap((text) => parseConnectString(text).servers);
  } catch (error) {
    remark({ level: "error", text: messageOf(error) }, format, line);
    return EXIT_MISUSED;
  }
  const servers = withLag(await askAll(addresses));
  if (format === "json") printJson(servers, line);
  else printTable(servers, line);
  const { problems, hints } = judge(servers);
  for (const text of problems) remark({ level: "error", text }, format, line);
  for (const text of hints) remark({ level: "warning", text }, format, line);
  return problems.length === 0 ? EXIT_DONE : EXIT_FAILED;
}

/** Servers are not asked at the same moment: two that lead are asked again before they are believed. */
async function askAll(addresses: readonly HostAndPort[]): Promise<readonly ServerStatus[]> {
  for (let attempt = 1; ; attempt++) {
    const servers = await Promise.all(addresses.map(askServer));
    if (leadersAmong(servers).length < 2 || attempt === ATTEMPTS) return servers;
    await sleep(BETWEEN_ATTEMPTS_MS);
  }
}

function leadersAmong(servers: readonly ServerStatus[]): readonly ServerStatus[] {
  const leaders = servers.filter(({ role }) => role === "leader");
  // The same server under two addresses is one leader.
  return leaders.filter(
    ({ sid }, index) =>
      sid === undefined || leaders.findIndex((other) => other.sid === sid) === index,
  );
}

async function askServer(address: HostAndPort): Promise<ServerStatus> {
  const name = formatHostAndPort(address);
  try {
    const [srvr, mntr, conf] = await Promise.all([
      askFourLetterWord(address, "srvr"),
      // What these add is worth less than what srvr says.
      askFourLetterWord(address, "mntr").catch(() => ""),
      askFourLetterWord(address, "conf").catch(() => ""),
    ]);
    const notAllowed = [mntr, conf].flatMap((answer) => NOT_ALLOWED.exec(answer)?.[1] ?? []);
    const values = new Map([
      ...pairs(srvr, /^(?<key>[^:\n]+): (?<value>.*)$/gmu),
      ...pairs(conf, /^(?<key>\w+)=(?<value>.*)$/gmu),
      ...pairs(mntr, /^(?<key>zk_\w+)\t(?<value>.*)$/gmu),
    ]);
    const sid = values.get("zk_server_id") ?? values.get("serverId");
    const known = {
      address: name,
      ...(sid === undefined ? {} : { sid }),
      ...(notAllowed.length === 0 ? {} : { notAllowed }),
    };
    const role = values.get("Mode");
    if (role === undefined) {
      if (NOT_SERVING.test(srvr)) return { ...known, serving: false };
      const [said = ""] = srvr.split("\n");
      return {
        ...known,
        serving: false,
        error: `does not answer as a ZooKeeper server: "${said.slice(0, 60)}"`,
      };
    }
    const zxid = zxidOf(values.get("zk_zxid") ?? values.get("Zxid"));
    const digest = values.get("zk_digest");
    const epoch = values.get("zk_epoch");
    return {
      ...known,
      serving: true,
      role,
      ...(epoch === undefined ? {} : { epoch }),
      ...(zxid === undefined ? {} : { zxid }),
      ...(digest === undefined ? {} : { digest }),
    };
  } catch (error) {
    return { address: name, serving: false, error: messageOf(error) };
  }
}

function zxidOf(text: string | undefined): bigint | undefined {
  return text !== undefined && /^0x[0-9a-f]{1,16}$/iu.test(text) ? BigInt(text) : undefined;
}

function withLag(servers: readonly ServerStatus[]): readonly ServerStatus[] {
  const last = servers.reduce((max, { zxid = 0n }) => (zxid > max ? zxid : max), 0n);
  return servers.map((server) => {
    const { zxid } = server;
    return zxid === undefined || zxid >> 32n !== last >> 32n
      ? server
      : { ...server, lag: last - zxid };
  });
}

function printJson(servers: readonly ServerStatus[], line: CommandLine): void {
  line.write(
    JSON.stringify(servers, (key, value: unknown) => {
      if (typeof value !== "bigint") return value;
      return key === "zxid" ? `0x${value.toString(16)}` : value.toString();
    }),
  );
}

function printTable(servers: readonly ServerStatus[], line: CommandLine): void {
  line.write(
    formatTable([
      ["SERVER", "SID", "ROLE", "EPOCH", "ZXID", "LAG", "DIGEST"],
      ...servers.map((server) => [
        server.address,
        server.sid ?? "-",
        server.role ?? (server.error === undefined ? "not serving" : "unknown"),
        server.epoch ?? "-",
        server.zxid === undefined ? "-" : `0x${server.zxid.toString(16)}`,
        server.lag === undefined ? "-" : String(server.lag),
        server.digest ?? "-",
      ]),
    ]),
  );
}

/** What is wrong, and what could not be told. */
function judge(servers: readonly ServerStatus[]): {
  readonly problems: readonly string[];
  readonly hints: readonly string[];
} {
  const problems = servers.flatMap(({ address, serving, error }) => {
    if (error !== undefined) return [`${address} ${error}`];
    return serving
      ? []
      : [`${address} does not serve: it looks for a leader, or is not up to date yet`];
  });
  const leaders = leadersAmong(servers);
  if (leaders.length > 1) {
    const names = leaders.map(
      ({ address, epoch }) => address + (epoch === undefined ? "" : ` (epoch ${epoch})`),
    );
    problems.push(
      `${names.join(" and ")} lead at the same time: one has lost the others and has not noticed yet, or they belong to different ensembles`,
    );
  }
  const silent = servers.filter(({ notAllowed }) => notAllowed !== undefined);
  const words = new Set(silent.flatMap(({ notAllowed = [] }) => notAllowed));
  const hints =
    silent.length === 0
      ? []
      : [
          `${silent.map(({ address }) => address).join(", ")} may not answer ${[...words].join(" and ")}, ` +
            `so that sid, epoch or digest are not known: write 4lw.commands.whitelist=${WORDS} into zoo.cfg`,
        ];
  return { problems, hints };
}

function* pairs(text: string, pattern: RegExp): Iterable<[string, string]> {
  for (const { groups } of text.matchAll(pattern)) {
    yield [groups?.["key"] ?? "", groups?.["value"] ?? ""];
  }
}

/** What a server is asked; `srvr` is always allowed. */
const WORDS = "srvr,mntr,conf";
const NOT_ALLOWED = /^(\w{4}) is not executed because it is not in the whitelist/u;
const NOT_SERVING = /is not currently serving requests/u;
const ATTEMPTS = 3;
const BETWEEN_ATTEMPTS_MS = 500;
