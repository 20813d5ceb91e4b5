/** The keys of zoo.cfg that say who clients are: each by what clients see of it. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ACL,
  CREATOR_ALL_ACL,
  ErrorCode,
  Id,
  OpCode,
  Perms,
  SetSASLResponse,
} from "@jute-ts/zookeeper";
import { describe, expect, it, onTestFinished } from "vitest";
import { node, openClient } from "../../test/client-of.js";
import type { RawClient } from "../../test/raw-client.js";
import { type Ensemble, startEnsemble } from "../index.js";

type Settings = Readonly<Record<string, string | number | boolean>>;

const SUPER_DIGEST = "super:xQJmxLMiHGwaqBvst5y6rkB6HQs=";
const X509_PROVIDER = "org.apache.zookeeper.server.auth.X509AuthenticationProvider";
const SASL_PROVIDER = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider";
const ENSEMBLE_PROVIDER = "org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider";

describe("digest", () => {
  it("lets in those who know the password, at every server", async () => {
    const ensemble = await start({}, 3);
    const owner = await openClient(ensemble, 0);
    expect(await authenticate(owner, "digest", "bob:secret")).toBe(ErrorCode.OK);
    const create = { ...node("/own", "x"), acl: CREATOR_ALL_ACL };
    expect(await owner.ask(OpCode.create, create)).toMatchObject({ ok: true });
    const path = "/own";
    for (const index of [0, 1, 2]) {
      const client = await openClient(ensemble, index);
      await client.ask(OpCode.sync, { path });
      const read = async () => (await client.ask(OpCode.getData, { path, watch: false })).err;
      expect(await read()).toBe(ErrorCode.NOAUTH);
      await authenticate(client, "digest", "bob:wrong");
      expect(await read()).toBe(ErrorCode.NOAUTH);
      await authenticate(client, "digest", "bob:secret");
      expect(await read()).toBe(ErrorCode.OK);
      const written = await client.ask(OpCode.setData, { path, data: null, version: -1 });
      expect(written.err).toBe(ErrorCode.OK);
    }
  });

  it("makes a superuser of the holder of superDigest", async () => {
    const client = await serve({ "DigestAuthenticationProvider.superDigest": SUPER_DIGEST });
    await client.ask(OpCode.create, node("/closed"));
    const nobody = [new ACL({ perms: Perms.ALL, id: new Id({ scheme: "digest", id: "a:b" }) })];
    await client.ask(OpCode.setACL, { path: "/closed", acl: nobody, version: -1 });
    const read = async () =>
      (await client.ask(OpCode.getData, { path: "/closed", watch: false })).err;
    expect(await read()).toBe(ErrorCode.NOAUTH);
    await authenticate(client, "digest", "super:admin");
    expect(await read()).toBe(ErrorCode.OK);
  });

  it("hashes with digestAlg", async () => {
    const client = await serve({ "DigestAuthenticationProvider.digestAlg": "SHA-256" });
    await authenticate(client, "digest", "bob:secret");
    await client.ask(OpCode.create, { ...node("/own"), acl: CREATOR_ALL_ACL });
    const hash = createHash("sha256").update("bob:secret").digest("base64");
    const reply = await client.ask(OpCode.getACL, { path: "/own" });
    expect(reply.ok && reply.body.acl.map(({ id }) => id.id)).toEqual([`bob:${hash}`]);
  });

  it("is refused where it is not known, and the connection is closed", async () => {
    const client = await serve({ "DigestAuthenticationProvider.enabled": false });
    expect(await authenticate(client, "digest", "bob:secret")).toBe(ErrorCode.AUTHFAILED);
    expect(await client.frame()).toBeUndefined();
  });
});

describe("SASL", () => {
  it("logs in users of a JAAS file, some of them as superusers", async () => {
    const settings = await withUsers({ superUser: "admin" });
    const ensemble = await start(settings);
    const bob = await openClient(ensemble);
    expect(await logIn(bob, "bob", "bobsecret")).toBe(ErrorCode.OK);
    expect(await schemesOf(bob)).toEqual(["ip", "sasl"]);
    const admin = await openClient(ensemble);
    await logIn(admin, "admin", "adminsecret");
    expect(await schemesOf(admin)).toEqual(["ip", "sasl", "super"]);
  });

  it("takes other sections, more superusers, and another password of super", async () => {
    const client = await serve(
      await withUsers({
        "sasl.serverconfig": "Other",
        "superUser.1": "eve",
        "superUser.2": "super",
        "SASLAuthenticationProvider.superPassword": "changed",
      }),
    );
    expect(await logIn(client, "super", "changed")).toBe(ErrorCode.OK);
    expect(await schemesOf(client)).toEqual(["ip", "sasl", "super"]);
  });

  it("closes the connection of whoever fails, unless allowSaslFailedClients", async () => {
    const refused = await serve(await withUsers({}));
    expect(await logIn(refused, "bob", "wrong")).toBe(ErrorCode.AUTHFAILED);
    expect(await refused.frame()).toBeUndefined();
    const allowed = await serve(await withUsers({ allowSaslFailedClients: true }));
    expect(await logIn(allowed, "bob", "wrong")).toBe(ErrorCode.OK);
    expect(await schemesOf(allowed)).toEqual(["ip"]);
  });

  it("must come first with sessionRequireClientSASLAuth", async () => {
    const ensemble = await start(
      await withUsers({ "authProvider.1": SASL_PROVIDER, sessionRequireClientSASLAuth: true }),
    );
    const client = await openClient(ensemble);
    const early = await client.ask(OpCode.exists, { path: "/", watch: false });
    expect(early.err).toBe(ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH);
    expect(await client.frame()).toBeUndefined();
    const bob = await openClient(ensemble);
    await logIn(bob, "bob", "bobsecret");
    expect((await bob.ask(OpCode.ping)).err).toBe(ErrorCode.OK);
    const pings = await openClient(ensemble);
    const xid = pings.post(OpCode.ping);
    expect(await pings.response(OpCode.ping)).toMatchObject({
      xid,
      err: ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH,
    });
    const failed = await openClient(ensemble);
    expect(await logIn(failed, "bob", "x")).toBe(ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH);
  });

  it("is no error and no login where none is configured", async () => {
    const client = await serve({});
    const reply = await client.ask(OpCode.sasl, { token: new Uint8Array(0) });
    expect(reply.ok && reply.body.token).toBeNull();
  });
});

it("authentication must come first with enforce.auth", async () => {
  const ensemble = await start({
    "enforce.auth.enabled": true,
    "enforce.auth.schemes": "digest,x509",
    "authProvider.1": X509_PROVIDER,
  });
  const client = await openClient(ensemble);
  const early = await client.ask(OpCode.exists, { path: "/", watch: false });
  expect(early).toMatchObject({ err: ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH, zxid: 0n });
  expect(await client.frame()).toBeUndefined();
  const bob = await openClient(ensemble);
  await authenticate(bob, "digest", "bob:secret");
  expect((await bob.ask(OpCode.exists, { path: "/", watch: false })).err).toBe(ErrorCode.OK);
});

it("an ensemble of another name closes the connection without an answer", async () => {
  const ensemble = await start({ "authProvider.1": ENSEMBLE_PROVIDER, ensembleAuthName: "a,b" });
  const client = await openClient(ensemble);
  expect(await authenticate(client, "ensemble", "b")).toBe(ErrorCode.OK);
  client.post(OpCode.auth, { type: 0, scheme: "ensemble", auth: bytes("c") });
  expect(await client.frame()).toBeUndefined();
});

it.each([
  [{ "enforce.auth.enabled": true }, /no scheme is named/],
  [{ "enforce.auth.enabled": true, "enforce.auth.schemes": "sasl" }, /by sasl, which/],
  [{ sessionRequireClientSASLAuth: true }, /by sasl, which/],
  [{ "java.security.auth.login.config": "/none/jaas.conf" }, /does not exist/],
  [{ "DigestAuthenticationProvider.digestAlg": "CRC32" }, /is "CRC32"/],
])("a server with %j does not start", async (settings, message) => {
  await expect(startEnsemble({ size: 1, settings })).rejects.toThrow(message);
});

async function start(settings: Settings, size = 1): Promise<Ensemble> {
  const ensemble = await startEnsemble({ size, settings });
  onTestFinished(() => ensemble.stop());
  return ensemble;
}

/** A client of a server of its own. */
async function serve(settings: Settings): Promise<RawClient> {
  return await openClient(await start(settings));
}

/** With a JAAS file. */
async function withUsers(settings: Settings): Promise<Settings> {
  const directory = await mkdtemp(join(tmpdir(), "jute-ts-jaas-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "jaas.conf");
  const module = "org.apache.zookeeper.server.auth.DigestLoginModule required";
  await writeFile(
    path,
    `Server { ${module} user_bob="bobsecret" user_admin="adminsecret"; };\nOther { ${module} user_super="x"; };\n`,
  );
  return { ...settings, "java.security.auth.login.config": path };
}

async function authenticate(client: RawClient, scheme: string, data: string): Promise<number> {
  client.post(OpCode.auth, { type: 0, scheme, auth: bytes(data) });
  return (await client.header()).err;
}

async function schemesOf(client: RawClient): Promise<(string | null)[]> {
  const reply = await client.ask(OpCode.whoAmI);
  return reply.ok ? reply.body.clientInfo.map(({ authScheme }) => authScheme) : [];
}

/** By RFC 2831 and OpenSSL's MD5. Returns the error code of the last answer. */
async function logIn(client: RawClient, user: string, password: string): Promise<number> {
  const challenge = await client.ask(OpCode.sasl, { token: new Uint8Array(0) });
  const text = challenge.ok ? Buffer.from(challenge.body.token ?? []).toString() : "";
  const nonce = /nonce="([^"]*)"/.exec(text)?.[1] ?? "";
  const md5 = (...data: (string | Buffer)[]): Buffer => {
    const hash = createHash("md5");
    for (const each of data) hash.update(each);
    return hash.digest();
  };
  const uri = "zookeeper/zk-sasl-md5";
  const a1 = md5(md5(`${user}:zk-sasl-md5:${password}`), `:${nonce}:cnonce`).toString("hex");
  const a2 = md5(`AUTHENTICATE:${uri}`).toString("hex");
  const proof = md5(`${a1}:${nonce}:00000001:cnonce:auth:${a2}`).toString("hex");
  client.post(OpCode.sasl, {
    token: bytes(
      `charset=utf-8,username="${user}",realm="zk-sasl-md5",nonce="${nonce}",cnonce="cnonce",nc=00000001,qop=auth,digest-uri="${uri}",response=${proof}`,
    ),
  });
  const frame = await client.frame();
  if (frame === undefined) throw new Error("the connection was closed");
  // Also with an error there is a token.
  SetSASLResponse.decode(frame.subarray(16));
  return new DataView(frame.buffer, frame.byteOffset).getInt32(12);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
