/**
 * `zk-peer status HOST:PORT…`: what the servers of an ensemble are doing, one row
 * each. Asks through ZooKeeper's own commands, so Apache's servers answer too.
 */
import { connect } from "node:net";
import { type CommandLine, formatTable } from "./command-line.js";

export interface ServerStatus {
  readonly address: string;
  /** Undefined fields: the server did not say. */
  readonly sid?: string;
  readonly role?: string;
  readonly epoch?: string;
  readonly zxid?: bigint;
  readonly digest?: string;
  /** Txns behind the most advanced server that answered, where both are in the same epoch. */
  readonly lag?: bigint;
  /** Why the server is not known. */
  readonly error?: string;
}

/** Prints the table. Returns 0 when every server answered. */
export async function status(
  addresses: readonly string[],
  format: "text" | "json",
  line: CommandLine,
): Promise<number> {
  const servers = withLag(await Promise.all(addresses.map((address) => askServer(address))));
  if (format === "json") {
    line.write(
      JSON.stringify(servers, (_, value: unknown) =>
        typeof value === "bigint" ? value.toString() : value,
      ),
    );
  } else {
    line.write(
      formatTable([
        ["SERVER", "SID", "ROLE", "EPOCH", "ZXID", "LAG", "DIGEST"],
        ...servers.map((server) => [
          server.address,
          server.sid ?? "-",
          server.role ?? server.error ?? "-",
          server.epoch ?? "-",
          server.zxid === undefined ? "-" : `0x${server.zxid.toString(16)}`,
          server.lag === undefined ? "-" : String(server.lag),
          server.digest ?? "-",
        ]),
      ]),
    );
  }
  return servers.every(({ error }) => error === undefined) ? 0 : 1;
}

/** What one server says of itself. */
async function askServer(address: string): Promise<ServerStatus> {
  try {
    const [srvr, mntr, conf] = await Promise.all(
      ["srvr", "mntr", "conf"].map((command) => fourLetterCommand(address, command)),
    );
    const values = new Map([
      ...pairs(srvr ?? "", /^(?<key>[^:]+): (?<value>.*)$/gmu),
      ...pairs(conf ?? "", /^(?<key>\w+)=(?<value>.*)$/gmu),
      ...pairs(mntr ?? "", /^(?<key>zk_\w+)\t(?<value>.*)$/gmu),
    ]);
    const role = values.get("Mode") ?? values.get("zk_server_state");
    if (role === undefined) {
      const said = (srvr ?? "").trim().split("\n")[0] ?? "";
      return { address, error: said === "" ? "does not serve" : said };
    }
    const zxidText = values.get("Zxid") ?? values.get("zk_zxid");
    const zxid = zxidText === undefined ? undefined : BigInt(zxidText);
    const sid = values.get("zk_server_id") ?? values.get("serverId");
    const digest = values.get("zk_digest");
    return {
      address,
      role,
      ...(sid === undefined ? {} : { sid }),
      ...(zxid === undefined ? {} : { zxid, epoch: values.get("zk_epoch") ?? String(zxid >> 32n) }),
      ...(digest === undefined ? {} : { digest }),
    };
  } catch (error) {
    return { address, error: error instanceof Error ? error.message : String(error) };
  }
}

function withLag(servers: readonly ServerStatus[]): ServerStatus[] {
  const last = servers.reduce((max, { zxid = 0n }) => (zxid > max ? zxid : max), 0n);
  return servers.map((server) => {
    const { zxid } = server;
    return zxid === undefined || zxid >> 32n !== last >> 32n
      ? server
      : { ...server, lag: last - zxid };
  });
}

function* pairs(text: string, pattern: RegExp): Iterable<[string, string]> {
  for (const { groups } of text.matchAll(pattern)) {
    yield [groups?.["key"] ?? "", groups?.["value"] ?? ""];
  }
}

/** Sends one of ZooKeeper's four-letter commands and returns the whole answer. */
async function fourLetterCommand(
  address: string,
  command: string,
  timeoutMs = 5000,
): Promise<string> {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[|\]$/gu, "");
  const port = Number(address.slice(at + 1));
  if (at === -1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${address} is no address, HOST:PORT expected`);
  }
  return await new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ host, port });
    socket.setTimeout(timeoutMs, () => {
      socket.destroy(new Error(`no answer within ${timeoutMs} ms`));
    });
    socket.on("connect", () => socket.write(command));
    socket.on("data", (bytes) => {
      answer += bytes.toString("utf8");
      if (answer.length > MAX_ANSWER) socket.destroy(new Error("the answer does not end"));
    });
    socket.on("error", reject);
    socket.on("close", () => {
      resolve(answer);
    });
  });
}

const MAX_ANSWER = 1024 * 1024;
