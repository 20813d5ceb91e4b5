/** What a server, whoever made it, tells on its client port: answers to four-letter words. */
import { connect } from "node:net";
import type { ServerMode } from "./server.js";

export interface ClientAddress {
  readonly host: string;
  readonly port: number;
}

/** The answer to a word. Rejects when nobody listens. */
export async function ask({ host, port }: ClientAddress, word: string): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const socket = connect({ host, port });
    let answer = "";
    socket.setEncoding("utf8");
    socket.setTimeout(ANSWER_MS, () => {
      socket.destroy(new Error(`no answer to ${word} within ${ANSWER_MS} ms`));
    });
    socket.on("connect", () => socket.write(word));
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.on("error", reject);
    socket.on("close", () => {
      resolve(answer);
    });
  });
}

/** What the server does, as it says itself; undefined while it does not serve. */
export async function askMode(address: ClientAddress): Promise<ServerMode | undefined> {
  const answer = await ask(address, "srvr").catch(() => "");
  const mode = /^Mode: (\w+)$/m.exec(answer)?.[1];
  return mode === "leader" || mode === "follower" || mode === "observer" ? mode : undefined;
}

export async function askLastZxid(address: ClientAddress): Promise<bigint | undefined> {
  const answer = await ask(address, "srvr").catch(() => "");
  const zxid = /^Zxid: (0x[0-9a-f]+)$/m.exec(answer)?.[1];
  return zxid === undefined ? undefined : BigInt(zxid);
}

const ANSWER_MS = 5000;
