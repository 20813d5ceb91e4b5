/** Serves the page, the bundled code and one request at a time on loopback, and takes the answers. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { WorkerRequest, WorkerResult } from "../worker-protocol.js";

export interface PageServer {
  readonly url: string;
  /** What the page that is opened next is asked. Resolves with its answer. */
  ask(request: WorkerRequest): Promise<WorkerResult[]>;
  close(): void;
}

interface Question {
  readonly request: WorkerRequest;
  readonly resolve: (results: WorkerResult[]) => void;
  readonly reject: (error: Error) => void;
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>jute-ts benchmark</title>
<link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`;

/** Peers load only where they are asked for; these never are, so a bundle need not hold them. */
const NODE_ONLY = ["node:*", "node-zookeeper-client", "avsc"];

export async function startPageServer(): Promise<PageServer> {
  const files = await bundle();
  let question: Question | undefined;
  const server = createServer((request, response) => {
    // Isolated from other origins, the page has a clock of five microseconds.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/") send(response, "text/html", PAGE);
    else if (pathname === "/request") {
      send(response, "application/json", JSON.stringify(question?.request));
    } else if (pathname === "/answer" && request.method === "POST") {
      void take(request, question).then(() => response.end());
    } else {
      const file = files.get(basename(pathname));
      if (file === undefined) response.writeHead(404).end();
      else send(response, "text/javascript", file);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    ask: async (request) =>
      new Promise((resolve, reject) => {
        question = { request, resolve, reject };
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bundle(): Promise<Map<string, Uint8Array>> {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [path("./page.js")],
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    external: NODE_ONLY,
    outdir: "/",
    write: false,
    logLevel: "error",
  });
  // The functions that touch fields are loaded once for each peer, so they stay a file of their own.
  const touch = readFileSync(path("../peers/touch.js"));
  return new Map([
    ["touch.js", touch],
    ...outputFiles.map((file) => [basename(file.path), file.contents] as const),
  ]);
}

function send(response: ServerResponse, type: string, body: string | Uint8Array): void {
  response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" }).end(body);
}

async function take(message: IncomingMessage, question: Question | undefined): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const answer = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
    results?: WorkerResult[];
    error?: string;
  };
  if (answer.results !== undefined) question?.resolve(answer.results);
  else question?.reject(new Error(`The page failed: ${answer.error ?? "no reason given"}`));
}
