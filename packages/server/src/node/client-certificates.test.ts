/** Who a client is by its certificate. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
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
import { startEnsemble } from "../index.js";

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

function certificate(name: string): string {
  return fileURLToPath(new URL(`../../../../test/tls/${name}.pem`, import.meta.url));
}
