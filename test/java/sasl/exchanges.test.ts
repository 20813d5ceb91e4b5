/** What the JDK's DIGEST-MD5 server said in exchanges.jsonl against what ours says. Runs without Java; record.sh asks again. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DigestMd5Server } from "../../../packages/server/src/clients/authentication/index.js";

interface Exchange {
  readonly name: string;
  /** Hexadecimal, as the answers. Empty if the client spoke first. */
  readonly challenge: string;
  readonly response: string;
  readonly refused?: string;
  readonly answer?: string;
  readonly complete?: boolean;
  readonly id?: string;
}

/** As in DigestMd5.java. */
const PASSWORDS: ReadonlyMap<string, string> = new Map([
  ["bob", "secret"],
  ["super", 'a "b" \\c'],
  ["käthe", "grün"],
  ["名前", "密码"],
  ["empty", ""],
]);

const exchanges = readFileSync(new URL("exchanges.jsonl", import.meta.url), "utf8")
  .split("\n")
  .slice(0, -1)
  .map((line) => JSON.parse(line) as Exchange);

it("has exchanges that end either way", () => {
  expect(exchanges.filter(({ refused }) => refused !== undefined).length).toBeGreaterThan(30);
  expect(exchanges.filter(({ complete }) => complete === true).length).toBeGreaterThan(30);
});

it.each(exchanges.map((exchange) => [exchange.name, exchange] as const))("%s", (name, exchange) => {
  const challenge = Buffer.from(exchange.challenge, "hex").toString("latin1");
  const response = Buffer.from(exchange.response, "hex");
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? "nonce";
  const server = new DigestMd5Server(nonce, (user) => PASSWORDS.get(user));
  if (exchange.challenge !== "") {
    const first = server.answer(new Uint8Array(0));
    expect(first.kind === "challenge" && Buffer.from(first.token).toString("latin1")).toBe(
      challenge,
    );
  }
  if (name === "a third token") expect(server.answer(response).kind).toBe("done");
  const step = server.answer(response);
  if (exchange.refused !== undefined) {
    expect(step.kind).toBe("failed");
  } else if (exchange.complete === true) {
    const token = Buffer.from(exchange.answer ?? "", "hex");
    expect(step).toEqual({ kind: "done", token: Uint8Array.from(token), user: exchange.id });
  } else {
    expect(step.kind).toBe("challenge");
  }
});
