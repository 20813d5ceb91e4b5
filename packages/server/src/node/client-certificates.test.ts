/** Who a client is by its certificate. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { FrameReader } from "@jute-ts/runtime";
import {
  decodeConnectResponse,
  decodeResponse,
  encodeConnectRequest,
  encodeRequest,
  OpCode,
} from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { findFreePorts } from "../ensemble/free-ports.js";
import { type Ensemble, startEnsemble } from "../index.js";
import { askFourLetterWord } from "./four-letter-word.js";

it("a client is the subject of its certificate, as Java writes it", async () => {
  const [port = 0] = await findFreePorts(1);
  const ensemble = await startEnsemble({
    size: 1,
    settings: {
      secureClientPort: port,
      secureClientPortAddress: "127.0.0.1",
      "ssl.keyStore.location": certificate("server1"),
      // It vouches for itself.
      "ssl.trustStore.location": certificate("client"),
      "authProvider.1": "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
    },
  });
  onTestFinished(() => ensemble.stop());
  const pem = readFileSync(certificate("client"));
  const socket = connect({
    host: "127.0.0.1",
    port,
    key: pem,
    cert: pem,
    rejectUnauthorized: false,
  });
  onTestFinished(() => {
    socket.destroy();
  });
  const frames = new FrameReader();
  const next = async (): Promise<NonNullable<ReturnType<FrameReader["next"]>>> => {
    for (;;) {
      const frame = frames.next();
      if (frame !== undefined) return frame;
      const [bytes] = (await once(socket, "data")) as [Uint8Array];
      frames.push(bytes);
    }
  };
  const framed = { framed: true };
  const hello = { timeOut: 4000, passwd: new Uint8Array(16), readOnly: false };
  socket.write(encodeConnectRequest(hello, framed));
  expect(decodeConnectResponse(await next()).timeOut).toBe(4000);
  socket.write(encodeRequest(OpCode.whoAmI, 1, null, framed));
  const { body } = decodeResponse(OpCode.whoAmI, await next());
  expect(body?.clientInfo.map(({ authScheme, user }) => `${authScheme}:${user}`)).toContain(
    "x509:2.5.4.5=#130137+CN=Ålice,O=Acme\\, Inc.,C=DE",
  );
});

it.each([
  ["issuer", 3],
  ["subject", 5],
])(
  "a client whose certificate has an %s that is no DER is refused, and nobody else",
  async (_name, field) => {
    const directory = mkdtempSync(join(tmpdir(), "jute-ts-certificate-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const pem = readFileSync(certificate("client"), "utf8");
    const odd = join(directory, "odd.pem");
    writeFileSync(odd, withIndefiniteLength(pem, field));
    const [port = 0] = await findFreePorts(1);
    const ensemble = await startEnsemble({
      size: 1,
      settings: {
        secureClientPort: port,
        secureClientPortAddress: "127.0.0.1",
        "ssl.keyStore.location": certificate("server1"),
        "ssl.trustStore.location": odd,
        "ssl.clientAuth": "want",
      },
    });
    onTestFinished(() => ensemble.stop());
    const cert = readFileSync(odd);
    const secure = { host: "127.0.0.1", port, rejectUnauthorized: false };
    const socket = connect({ ...secure, cert, key: pem });
    socket.on("error", () => undefined);
    socket.resume();
    await once(socket, "close");
    const other = connect(secure);
    onTestFinished(() => {
      other.destroy();
    });
    other.write("ruok");
    expect(String((await once(other, "data"))[0])).toBe("imok");
    const figures = await askFourLetterWord(
      { host: "127.0.0.1", port: plainPort(ensemble) },
      "mntr",
    );
    expect(figures).toMatch(/^zk_unsuccessful_handshake\t1$/mu);
  },
);

function plainPort({ servers }: Ensemble): number {
  return servers[0]?.client.port ?? 0;
}

/** The certificate with a field that ends with a mark, as BER allows: its issuer trusts itself, so nobody looks at the signature. */
function withIndefiniteLength(pem: string, index: number): string {
  const text = /-----BEGIN CERTIFICATE-----(?<base64>.*?)-----END/su.exec(pem)?.groups?.["base64"];
  const [signed = NOTHING, ...rest] = partsOf(contentOf(Buffer.from(text ?? "", "base64")));
  const fields = partsOf(contentOf(signed)).map((part, nth) =>
    nth === index
      ? Buffer.concat([Buffer.from([SEQUENCE, 0x80]), contentOf(part), Buffer.from([0, 0])])
      : part,
  );
  const der = sequenceOf([sequenceOf(fields), ...rest]).toString("base64");
  const lines = der.replaceAll(/.{64}/gu, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function sequenceOf(parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const head = Buffer.from([SEQUENCE, 0x82, content.length >> 8, content.length & 0xff]);
  return Buffer.concat([head, content]);
}

function partsOf(content: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < content.length; at += parts.at(-1)?.length ?? 0) {
    const { begin, length } = headOf(content.subarray(at));
    parts.push(content.subarray(at, at + begin + length));
  }
  return parts;
}

function contentOf(value: Buffer): Buffer {
  const { begin, length } = headOf(value);
  return value.subarray(begin, begin + length);
}

/** Of values of less than 64 KiB. */
function headOf(value: Buffer): { readonly begin: number; readonly length: number } {
  const first = value.readUInt8(1);
  if (first < 0x80) return { begin: 2, length: first };
  const bytes = first - 0x80;
  return { begin: 2 + bytes, length: value.readUIntBE(2, bytes) };
}

const SEQUENCE = 0x30;
const NOTHING = Buffer.alloc(0);

function certificate(name: string): string {
  return fileURLToPath(new URL(`../../../../test/tls/${name}.pem`, import.meta.url));
}
