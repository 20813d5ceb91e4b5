/** The admin server: Apache's commands over HTTP, and what else is served there. */
import { TLSSocket } from "node:tls";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AdminCommandContext } from "./admin-command-context.js";
import { ADMIN_COMMANDS, runAdminCommand } from "./admin-commands.js";
import { HttpPort, type HttpTls } from "./http-port.js";
import { jsonText } from "./json-text.js";
import { RestoreCommand, type RestoreCommandOptions } from "./restore-command.js";
import { refusalFields, SnapshotCommand, type SnapshotCommandOptions } from "./snapshot-command.js";
import type { ListenError } from "../node/open-ports.js";
import { LiveView } from "./page/live.js";
import { PAGE_POLICY, pageText } from "./page/page.js";
import { treeNodeFields } from "./page/tree-node.js";
import { canonicalHost } from "@jute-ts/quorum/membership";
import type { ReplicatedState } from "@jute-ts/quorum";
import type { AdminSettings } from "../configuration/index.js";

export interface AdminServerOptions {
  readonly settings: AdminSettings;
  /** Made for each request. */
  readonly context: () => Omit<AdminCommandContext, "parameters">;
  /** What is replicated, for those who may browse it. */
  readonly state: ReplicatedState;
  readonly tls: HttpTls | undefined;
  readonly snapshots: Omit<SnapshotCommandOptions, "state" | "isEnabled" | "intervalMs">;
  readonly restores: Omit<RestoreCommandOptions, "state" | "isEnabled" | "intervalMs">;
  readonly onProblem: (error: ListenError) => void;
}

export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #port: HttpPort;
  readonly #live = new LiveView();
  readonly #snapshots: SnapshotCommand;
  readonly #restores: RestoreCommand;

  constructor(options: AdminServerOptions) {
    const { settings, onProblem } = options;
    this.#options = options;
    this.#snapshots = new SnapshotCommand({
      ...options.snapshots,
      state: options.state,
      isEnabled: settings.takesSnapshots,
      intervalMs: settings.snapshotIntervalMs,
    });
    this.#restores = new RestoreCommand({
      ...options.restores,
      state: options.state,
      isEnabled: settings.restores,
      intervalMs: settings.snapshotIntervalMs,
    });
    this.#port = new HttpPort({
      name: "admin",
      host: settings.host,
      port: settings.port,
      idleTimeoutMs: settings.idleTimeoutMs,
      takesUploads: this.#restores.isOffered,
      tls: options.tls,
      onRequest: (request, response) => this.#answer(request, response),
      onProblem,
    });
  }

  get port(): number | undefined {
    return this.#port.port;
  }

  async open(): Promise<void> {
    await this.#port.open();
  }

  async close(): Promise<void> {
    await this.#port.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "" } = request;
    // As in Java: what is sent back as it came is of use to nobody but attackers.
    if (method === "TRACE") send(response, 403, undefined, "");
    else if (method === "POST" && this.#isRestore(request)) await this.#restore(request, response);
    else if (method !== "GET" && method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      send(response, 405, "text/plain", `${method} is not supported here\n`);
    } else await this.#get(request, response);
  }

  #isRestore(request: IncomingMessage): boolean {
    const { commandUrl } = this.#options.settings;
    const pathname = urlOf(request)?.pathname ?? "";
    return (
      pathname.startsWith(`${commandUrl}/`) && RESTORE.has(pathname.slice(commandUrl.length + 1))
    );
  }

  async #restore(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { mode } = this.#context(request).view;
    const refusal = await this.#restores.answer(request, response, mode);
    if (refusal !== undefined) sendRefusal(response, { ...refusal, command: "restore" });
  }

  #context({ socket }: IncomingMessage): Omit<AdminCommandContext, "parameters"> {
    const context = this.#options.context();
    if (!(socket instanceof TLSSocket)) context.metrics.server.count("insecure_admin_count");
    return context;
  }

  async #get(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { commandUrl, browsesTree } = this.#options.settings;
    const url = urlOf(request);
    if (url === undefined) {
      send(response, 400, "text/plain", "the path cannot be read\n");
      return;
    }
    const { pathname, searchParams } = url;
    if (pathname === commandUrl || pathname === `${commandUrl}/`) {
      send(response, 200, "text/html; charset=utf-8", linksText(commandUrl));
      return;
    }
    if (pathname === "/") {
      response.setHeader("Content-Security-Policy", PAGE_POLICY);
      send(response, 200, "text/html; charset=utf-8", pageText(browsesTree));
      return;
    }
    if (pathname === "/live") {
      const { view, metrics } = this.#options.context();
      send(response, 200, "application/json", jsonText(await this.#live.fields(view, metrics)));
      return;
    }
    if (pathname === "/tree" && browsesTree) {
      const path = searchParams.get("path") ?? "/";
      const address = canonicalHost((request.socket.remoteAddress ?? "").replace(/%.*$/u, ""));
      const node = treeNodeFields(this.#options.state, path, address);
      send(response, 200, "application/json", jsonText(node));
      return;
    }
    if (!pathname.startsWith(`${commandUrl}/`)) {
      send(
        response,
        404,
        "text/plain",
        `nothing is here; the page is at /, the commands at ${commandUrl}\n`,
      );
      return;
    }
    const name = pathname.slice(commandUrl.length + 1);
    if (RESTORE.has(name)) {
      await this.#restore(request, response);
      return;
    }
    const context = this.#context(request);
    if (SNAPSHOT.has(name)) {
      const { mode } = context.view;
      const refusal = await this.#snapshots.answer(request, response, searchParams, mode);
      if (refusal !== undefined) sendRefusal(response, { ...refusal, command: "snapshot" });
      return;
    }
    const answer = runAdminCommand(name, { ...context, parameters: searchParams });
    send(response, 200, "application/json", jsonText(answer));
  }
}

interface CommandRefusal {
  readonly command: string;
  readonly status: number;
  readonly error: string;
}

function sendRefusal(response: ServerResponse, refusal: CommandRefusal): void {
  if (refusal.status === 405) response.setHeader("Allow", "POST");
  if (refusal.status === 401) response.setHeader("WWW-Authenticate", "digest");
  const text = jsonText(refusalFields(refusal.command, refusal));
  send(response, refusal.status, "application/json", text);
}

/** What is asked for, by a path or, as proxies do, by a whole address. Undefined for what is neither. */
function urlOf({ url = "" }: IncomingMessage): URL | undefined {
  const whole = url.startsWith("/") ? `http://localhost${url}` : url;
  return /^https?:/iu.test(whole) && URL.canParse(whole) ? new URL(whole) : undefined;
}

function linksText(commandUrl: string): string {
  return ADMIN_COMMANDS.map(
    ({ names: [name] }) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`,
  ).join("");
}

function send(
  response: ServerResponse,
  status: number,
  contentType: string | undefined,
  body: string,
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...(contentType === undefined ? {} : { "Content-Type": contentType }),
    "Content-Length": bytes.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(bytes);
}

/** Not among the links: Apache's 3.8 has neither. */
const SNAPSHOT: ReadonlySet<string> = new Set(["snapshot", "snap"]);
const RESTORE: ReadonlySet<string> = new Set(["restore", "rest"]);
