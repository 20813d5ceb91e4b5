/** What is told of providers in ZooKeeper's administrator's guide and shown by Apache's server, by scheme. */
import { createHash } from "node:crypto";
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import {
  type AuthenticationOptions,
  ClientAuthentication,
  digestAlgorithms,
  digestId,
  isDigestAlgorithm,
  type ClientOrigin,
} from "./index.js";

const ORIGIN = { address: "10.0.0.1" };
const IP = { scheme: "ip", id: "10.0.0.1" };
const ACCEPTED = { kind: "reply", err: ErrorCode.OK, closes: false };
const REFUSED = { kind: "reply", err: ErrorCode.AUTHFAILED, closes: true };
const SUPER_DIGEST = "super:xQJmxLMiHGwaqBvst5y6rkB6HQs=";

describe("a connection", () => {
  it("has its address from the start, and once", () => {
    const client = open({});
    expect(client.ids).toEqual([IP]);
    expect(client.authenticate("ip", null)).toEqual(ACCEPTED);
    expect(client.ids).toEqual([IP]);
  });

  it("keeps the ids that a request was made with", () => {
    const client = open({});
    const before = client.ids;
    client.authenticate("digest", bytes("a:b"));
    expect(before).toEqual([IP]);
    expect(client.ids).toHaveLength(2);
  });

  it.each(["world", "auth", "super", "sasl", "ensemble", "x509", "", "Digest", null])(
    "proves nothing by the scheme %j",
    (scheme) => {
      const client = open({});
      expect(client.authenticate(scheme, bytes("anyone"))).toEqual(REFUSED);
      expect(client.ids).toEqual([IP]);
    },
  );
});

describe("digest", () => {
  it.each([
    ["super:admin", SUPER_DIGEST],
    ["user:pass", "user:smGaoVKd/cQkjm7b88GyorAUz20="],
  ])("makes of %s Apache's id", (credentials, id) => {
    const client = open({});
    expect(client.authenticate("digest", bytes(credentials))).toEqual(ACCEPTED);
    expect(client.ids).toEqual([IP, { scheme: "digest", id }]);
  });

  it("takes any bytes: all of them are the user where there is no colon, and a password may have colons", () => {
    expect(digestId(bytes(""), "SHA1")).toBe(`:${sha1("")}`);
    expect(digestId(bytes("nobody"), "SHA1")).toBe(`nobody:${sha1("nobody")}`);
    expect(digestId(bytes("a:b:c"), "SHA1")).toBe(`a:${sha1("a:b:c")}`);
    expect(digestId(Uint8Array.of(0xff, 0x3a), "SHA1")).toBe(`\ufffd:${sha1("\ufffd:")}`);
    // As Apache's 3.8.0 answers for a surrogate by itself.
    const surrogate = Uint8Array.of(0xed, 0xa0, 0x80, 0x3a, 0x78);
    expect(digestId(surrogate, "SHA1")).toBe("\ufffd:MRJvuUNgOr/X35TrsstivNIZKtg=");
    expect(digestId(bytes("käthe:grün"), "SHA1")).toBe(`käthe:${sha1("käthe:grün")}`);
  });

  it("refuses what is null (ZOOKEEPER-1152)", () => {
    expect(open({}).authenticate("digest", null)).toEqual(REFUSED);
  });

  it("makes a superuser of the holder of superDigest, and of nobody else", () => {
    const client = open({ digest: { superDigest: SUPER_DIGEST } });
    client.authenticate("digest", bytes("super:guess"));
    expect(client.ids.map(({ scheme }) => scheme)).toEqual(["ip", "digest"]);
    client.authenticate("digest", bytes("super:admin"));
    expect(client.ids).toContainEqual({ scheme: "super", id: "" });
  });

  it("is not known where it is disabled", () => {
    expect(open({ digest: null }).authenticate("digest", bytes("a:b"))).toEqual(REFUSED);
  });

  it.each(digestAlgorithms)("hashes with %s", (name) => {
    if (!isDigestAlgorithm(name)) throw new Error(name);
    // OpenSSL has the same names but for the first dash.
    const algorithm = name.replace(/^SHA-/, "SHA");
    const hash = createHash(algorithm).update("user:pass").digest("base64");
    expect(digestId(bytes("user:pass"), name)).toBe(`user:${hash}`);
  });
});

describe("the ids of a connection", () => {
  it("are a thousand at most", () => {
    const client = open({});
    for (let nth = 1; nth < 1000; nth++) {
      expect(client.authenticate("digest", bytes(`user${nth}:x`))).toEqual(ACCEPTED);
    }
    const before = client.ids;
    expect(client.authenticate("digest", bytes("user1:x"))).toEqual(ACCEPTED);
    expect(client.authenticate("digest", bytes("one:more"))).toEqual(REFUSED);
    expect(client.ids).toBe(before);
  });

  it("are as many, of as many characters, as the server's options say", () => {
    const three = open({ mostIds: 3 });
    for (const user of ["a", "b", "a"])
      expect(three.authenticate("digest", bytes(`${user}:x`))).toEqual(ACCEPTED);
    expect(three.authenticate("digest", bytes("c:x"))).toEqual(REFUSED);
    expect(three.ids).toHaveLength(3);
    // An address of 8, and a digest of 30.
    expect(open({ mostIdCharacters: 38 }).authenticate("digest", bytes("a:x"))).toEqual(ACCEPTED);
    expect(open({ mostIdCharacters: 37 }).authenticate("digest", bytes("a:x"))).toEqual(REFUSED);
  });

  it("have 262144 characters at most", () => {
    const client = open({});
    expect(client.authenticate("digest", bytes(`${"x".repeat(200_000)}:x`))).toEqual(ACCEPTED);
    expect(client.authenticate("digest", bytes(`${"y".repeat(70_000)}:x`))).toEqual(REFUSED);
  });
});

describe("x509", () => {
  const subject = "CN=client,OU=test,O=example";

  it("is proven by a certificate, and an auth packet looks at it again", () => {
    const client = open({ x509: true }, { ...ORIGIN, certificateSubject: subject });
    expect(client.ids).toEqual([IP, { scheme: "x509", id: subject }]);
    expect(client.authenticate("x509", null)).toEqual(ACCEPTED);
    expect(open({ x509: true }).authenticate("x509", bytes(subject))).toEqual(REFUSED);
  });

  it("makes a superuser of one subject", () => {
    const options = { x509: true, x509SuperUser: subject };
    const client = open(options, { ...ORIGIN, certificateSubject: subject });
    expect(client.ids).toContainEqual({ scheme: "super", id: subject });
    const other = open(options, { ...ORIGIN, certificateSubject: "CN=other" });
    expect(other.ids.some(({ scheme }) => scheme === "super")).toBe(false);
  });
});

describe("ensemble", () => {
  it("accepts its names and no name, and closes without a reply for another", () => {
    const options = { ensemble: { names: new Set(["prod", "blue"]) } };
    for (const data of [null, bytes(""), bytes("prod"), bytes("blue")]) {
      expect(open(options).authenticate("ensemble", data)).toEqual(ACCEPTED);
    }
    const client = open(options);
    expect(client.authenticate("ensemble", bytes("test"))).toEqual({ kind: "close" });
    expect(client.ids).toEqual([IP]);
  });

  it("accepts every name where none is set", () => {
    expect(open({ ensemble: {} }).authenticate("ensemble", bytes("any"))).toEqual(ACCEPTED);
  });
});

describe("sasl", () => {
  const users = new Map([
    ["bob", "secret"],
    ["admin", "secret"],
  ]);
  const sasl = { users, newNonce: () => "nonce" };

  it("answers with no token and no error where none is configured, as Apache's server", () => {
    expect(open({}).takeToken(bytes(""))).toEqual({ err: 0, token: null, closes: false });
  });

  it("adds the user, and makes superusers", () => {
    const options = { sasl: { ...sasl, superUsers: new Set(["admin"]) } };
    const bob = open(options);
    expect(logIn(bob, "bob", "secret").err).toBe(ErrorCode.OK);
    expect(bob.ids).toEqual([IP, { scheme: "sasl", id: "bob" }]);
    const admin = open(options);
    logIn(admin, "admin", "secret");
    expect(admin.ids).toContainEqual({ scheme: "super", id: "" });
  });

  it("takes superPassword for the user super", () => {
    const options = { sasl: { ...sasl, superPassword: "other" } };
    expect(logIn(open(options), "super", "other").err).toBe(ErrorCode.OK);
    expect(logIn(open(options), "super", "secret").err).toBe(ErrorCode.AUTHFAILED);
  });

  it("keeps the logins of two connections apart (ZOOKEEPER-4839)", () => {
    const [right, wrong] = [open({ sasl }), open({ sasl })];
    right.takeToken(bytes(""));
    wrong.takeToken(bytes(""));
    expect(right.takeToken(response("bob", "secret")).err).toBe(ErrorCode.OK);
    expect(wrong.takeToken(response("bob", "wrong")).err).toBe(ErrorCode.AUTHFAILED);
    expect(wrong.ids).toEqual([IP]);
  });

  it.each([
    [{}, { err: ErrorCode.AUTHFAILED, closes: true }],
    [{ allowsFailedSasl: true }, { err: ErrorCode.OK, closes: false }],
    [
      { allowsFailedSasl: true, requiredSchemes: new Set(["sasl"]) },
      { err: ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH, closes: true },
    ],
  ])("answers to a wrong password under %j", (options, expected) => {
    const client = open({ sasl, ...options });
    const answer = logIn(client, "bob", "wrong");
    expect(answer).toMatchObject({ ...expected, token: null });
    expect(answer.failure).not.toContain("secret");
    expect(client.ids).toEqual([IP]);
  });
});

describe("required authentication", () => {
  it("lets auth and sasl through, and everything once there is an id of one of the schemes", () => {
    const client = open({ requiredSchemes: new Set(["digest", "sasl"]) });
    expect([OpCode.auth, OpCode.sasl].every((op) => client.isSufficientFor(op))).toBe(true);
    expect(
      [OpCode.ping, OpCode.getData, OpCode.closeSession].some((op) => client.isSufficientFor(op)),
    ).toBe(false);
    client.authenticate("digest", bytes("a:b"));
    expect(client.isSufficientFor(OpCode.ping)).toBe(true);
  });

  it("is met by an address only where it says so", () => {
    expect(open({ requiredSchemes: new Set(["ip"]) }).isSufficientFor(OpCode.ping)).toBe(true);
    expect(open({ requiredSchemes: new Set() }).isSufficientFor(OpCode.ping)).toBe(true);
  });
});

function open(options: AuthenticationOptions, origin: ClientOrigin = ORIGIN) {
  return new ClientAuthentication(options, origin);
}

function logIn(client: ReturnType<typeof open>, user: string, password: string) {
  client.takeToken(bytes(""));
  return client.takeToken(response(user, password));
}

/** What a client of DIGEST-MD5 says, by RFC 2831 and OpenSSL's MD5. */
function response(user: string, password: string): Uint8Array {
  const md5 = (...data: (string | Buffer)[]) =>
    data
      .reduce<ReturnType<typeof createHash>>((hash, each) => hash.update(each), createHash("md5"))
      .digest();
  const a1 = md5(md5(`${user}:zk-sasl-md5:${password}`), ":nonce:cnonce").toString("hex");
  const a2 = md5("AUTHENTICATE:zookeeper/zk-sasl-md5").toString("hex");
  const proof = md5(`${a1}:nonce:00000001:cnonce:auth:${a2}`).toString("hex");
  return bytes(
    `username="${user}",realm="zk-sasl-md5",nonce="nonce",cnonce="cnonce",nc=00000001,qop=auth,digest-uri="zookeeper/zk-sasl-md5",response=${proof}`,
  );
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("base64");
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
