/** Browsers that are installed: each request gets one that is started for it, without a window. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerRequest, WorkerResult } from "../worker-protocol.js";
import type { MeasuringHost } from "./host.js";
import { startPageServer, type PageServer } from "./page-server.js";

interface Kind {
  readonly id: string;
  readonly title: string;
  /** An environment variable with its path, then the names under which it may be found. */
  readonly variable: string;
  readonly commands: readonly string[];
  /** The arguments that open `url` with `profile`, a new empty folder. */
  readonly args: (profile: string, url: string) => readonly string[];
  readonly prepare?: (profile: string) => void;
}

const KINDS: readonly Kind[] = [
  {
    id: "chromium",
    title: "Chromium",
    variable: "CHROMIUM",
    commands: ["chromium", "chromium-browser", "google-chrome"],
    args: (profile, url) => [
      "--headless",
      "--no-sandbox",
      "--no-first-run",
      "--disable-extensions",
      "--disable-background-networking",
      `--user-data-dir=${profile}`,
      url,
    ],
  },
  {
    id: "firefox",
    title: "Firefox",
    variable: "FIREFOX",
    commands: ["firefox-esr", "firefox"],
    args: (profile, url) => ["--headless", "--no-remote", "--profile", profile, url],
    prepare(profile) {
      // A clock in full, and nothing that a first start would do beside the page.
      const settings = {
        "privacy.reduceTimerPrecision": false,
        "privacy.reduceTimerPrecision.unconditional": false,
        "browser.aboutwelcome.enabled": false,
        "browser.shell.checkDefaultBrowser": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "app.normandy.enabled": false,
      };
      const lines = Object.entries(settings).map(
        ([name, value]) => `user_pref(${JSON.stringify(name)}, ${String(value)});`,
      );
      writeFileSync(join(profile, "user.js"), lines.join("\n"));
    },
  },
];

/** How long one page may take; a full run takes two on a quiet machine. */
const PAGE_LIMIT_MS = 10 * 60_000;

/** The browsers that are here, and a line for people about each that is not. */
export async function findBrowsers(): Promise<{ hosts: MeasuringHost[]; missing: string[] }> {
  const hosts: MeasuringHost[] = [];
  const missing: string[] = [];
  for (const kind of KINDS) {
    const commands = commandsOf(kind);
    const command = findCommand(commands);
    if (command === undefined) {
      missing.push(`${kind.title} is not found: tried ${commands.join(", ")}.`);
    } else {
      hosts.push(browserHost(kind, command.path, command.version, await startPageServer()));
    }
  }
  return { hosts, missing };
}

function commandsOf({ variable, commands }: Kind): readonly string[] {
  const given = process.env[variable];
  return given === undefined ? commands : [given];
}

function findCommand(commands: readonly string[]): { path: string; version: string } | undefined {
  for (const path of commands) {
    const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    const version = /\d[\w.]*/.exec(status === 0 ? stdout : "");
    if (version !== null) return { path, version: version[0] };
  }
  return undefined;
}

function browserHost(
  kind: Kind,
  command: string,
  version: string,
  server: PageServer,
): MeasuringHost {
  return {
    id: kind.id,
    name: `${kind.title} ${version}, without a window`,
    isNode: false,
    run: (request) => runPage(kind, command, server, request),
    close() {
      server.close();
    },
  };
}

async function runPage(
  kind: Kind,
  command: string,
  server: PageServer,
  request: WorkerRequest,
): Promise<WorkerResult[]> {
  const profile = mkdtempSync(join(tmpdir(), `jute-bench-${kind.id}-`));
  kind.prepare?.(profile);
  const answer = server.ask(request);
  const browser = spawn(command, kind.args(profile, server.url), { stdio: "ignore" });
  const ended = once(browser, "exit");
  let limit: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      answer,
      ended.then(([code]) => {
        throw new Error(`${kind.title} ended with exit code ${String(code)} before it answered`);
      }),
      new Promise<never>((_resolve, reject) => {
        limit = setTimeout(() => {
          reject(new Error(`${kind.title} did not answer within ${String(PAGE_LIMIT_MS)} ms`));
        }, PAGE_LIMIT_MS);
      }),
    ]);
  } finally {
    clearTimeout(limit);
    if (browser.exitCode === null && browser.kill()) await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
