/** Where Prometheus scrapes, as Apache's provider serves it. */
import type { MetricsSettings } from "../configuration/index.js";
import type { ListenError } from "../node/open-ports.js";
import type { Figure } from "./figures.js";
import { HttpPort } from "./http-port.js";

export interface MetricsServerOptions {
  readonly settings: MetricsSettings;
  readonly figures: () => readonly Figure[];
  readonly onProblem: (error: ListenError) => void;
}

/** A port that answers `/metrics`; not open yet. The library comes with it: who has no such port does not load it. */
export async function metricsServer(options: MetricsServerOptions): Promise<HttpPort> {
  const { settings, figures, onProblem } = options;
  const { scrapeOf, processScrape } = await import("./prometheus.js");
  const ofProcess = settings.exportsProcess ? processScrape() : undefined;
  return new HttpPort({
    name: "metrics",
    host: settings.host,
    port: settings.port,
    idleTimeoutMs: IDLE_MS,
    onRequest: async ({ url = "", method }, response) => {
      const isScrape = /^\/metrics(\?|$)/u.test(url) && (method === "GET" || method === "HEAD");
      if (!isScrape) {
        response.writeHead(404, { "Content-Type": "text/plain" });
        response.end("the metrics are at /metrics\n");
        return;
      }
      const { contentType, text } = await scrapeOf(figures());
      response.writeHead(200, { "Content-Type": contentType });
      response.end(text + ((await ofProcess?.()) ?? ""));
    },
    onProblem,
  });
}

const IDLE_MS = 60_000;
