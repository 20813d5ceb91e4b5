/** The simulator's own DIGEST-MD5 against OpenSSL's hash, the example of RFC 2831, and what the JDK's client has sent. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  directivesOf,
  latin1Bytes,
  latin1Text,
  type Login,
  proofOf,
  readChallenge,
  serversProofOf,
  tokenOf,
} from "./digest-md5.js";
import { md5 } from "./md5.js";

describe("md5", () => {
  it("is what OpenSSL says, around the ends of blocks, too", () => {
    for (let length = 0; length < 200; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 0xff);
      const expected = createHash("md5").update(bytes).digest("hex");
      expect(Buffer.from(md5(bytes)).toString("hex"), `${length} bytes`).toBe(expected);
    }
  });
});

describe("an answer to a challenge", () => {
  it("is the one of section 4 of the RFC", () => {
    const login: Login = {
      user: "chris",
      password: "secret",
      realm: "elwood.innosoft.com",
      nonce: "OA6MG9tEQGm2hh",
      cnonce: "OA6MHXh6VqTrRk",
      digestUri: "imap/elwood.innosoft.com",
      isUtf8: true,
      count: "00000001",
    };
    expect(proofOf(login, "AUTHENTICATE")).toBe("d388dad90d4bbd760a152321f2143af7");
    expect(serversProofOf(login)).toBe("rspauth=ea40f60335c427b5527b84dbabcdfffd");
  });

  const recorded = new URL("../../../../../test/java/sasl/exchanges.jsonl", import.meta.url);
  const passwords = new Map([
    ["bob", "secret"],
    ["super", 'a "b" \\c'],
    ["k\u00e4the", "gr\u00fcn"],
    ["\u540d\u524d", "\u5bc6\u7801"],
    ["empty", ""],
  ]);
  const exchanges = readFileSync(recorded, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<"name" | "challenge" | "response" | "answer", string>)
    .filter(({ name }) => name.startsWith("client of the JDK, "));

  it.each(exchanges.map((each) => [each.name, each] as const))(
    "is that of a %s",
    (name, exchange) => {
      const user = name.slice("client of the JDK, ".length);
      const challenge = readChallenge(Buffer.from(exchange.challenge, "hex"));
      const response = Buffer.from(exchange.response, "hex").toString("latin1");
      const login: Login = {
        user,
        password: passwords.get(user) ?? "?",
        realm: challenge?.get("realm") ?? "",
        nonce: challenge?.get("nonce") ?? "",
        cnonce: /cnonce="([^"]*)"/u.exec(response)?.[1] ?? "",
        digestUri: "zookeeper/zk-sasl-md5",
        isUtf8: challenge?.get("charset") === "utf-8",
        count: "00000001",
      };
      expect(tokenOf(directivesOf(login))).toBe(response);
      expect(serversProofOf(login)).toBe(Buffer.from(exchange.answer, "hex").toString("latin1"));
    },
  );
});

describe("a challenge", () => {
  it.each([
    [
      "a list",
      'realm="a\\"b",algorithm=md5-sess',
      [
        ["realm", 'a"b'],
        ["algorithm", "md5-sess"],
      ],
    ],
    ["nothing", "", []],
    ["what is no list", "realm", undefined],
    ["two of one name", 'nonce="a",nonce="b"', undefined],
  ])("is read from %s", (_what, text, expected) => {
    const challenge = readChallenge(latin1Bytes(text));
    expect(challenge && [...challenge]).toEqual(expected);
    expect(latin1Text(latin1Bytes(text))).toBe(text);
  });
});
