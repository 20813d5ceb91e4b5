/** The log of a server on stdout: a line for each report, or a JSON object with named fields. */
import type { Sid } from "@jute-ts/zookeeper";
import { type ReportLevel, reportToJson } from "../admin/report-text.js";
import { reportWords } from "../admin/standalone-text.js";
import { auditFields, auditText } from "../clients/index.js";
import type { PeerReport } from "../node/network-report.js";
import type { Peer } from "../node/peer.js";
import type { CommandLine, OutputFormat } from "./command-line.js";

export interface ServerLogOptions {
  readonly sid: Sid;
  readonly isStandalone: boolean;
  readonly format: OutputFormat;
  /** Whether details are shown too. */
  readonly verbose: boolean;
  /** Whether changes by clients are shown, where they are audited. */
  readonly audits: boolean;
}

export class ServerLog {
  readonly #options: ServerLogOptions;
  readonly #line: CommandLine;

  constructor(options: ServerLogOptions, line: CommandLine) {
    this.#options = options;
    this.#line = line;
  }

  /** A line, or an object with these fields beside `time`, `level`, `server` and `text`. */
  say(level: ReportLevel, text: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const { format, sid } = this.#options;
    const time = new Date().toISOString();
    this.#line.write(
      format === "json"
        ? JSON.stringify({ time, level, server: String(sid), text, ...fields })
        : `${time} server ${sid} ${text}`,
    );
  }

  /** Shows what a peer does from now on. `isWanted`: which of its reports. */
  follow(peer: Peer, isWanted: (report: PeerReport) => boolean = () => true): void {
    const { verbose, audits, isStandalone } = this.#options;
    const words = reportWords(isStandalone);
    peer.on("report", (report) => {
      const level = words.level(report);
      if ((level === "detail" && !verbose) || !isWanted(report)) return;
      this.say(level, words.text(report), { report: reportToJson(report) });
    });
    if (!audits) return;
    peer.on("audited", (event) => {
      this.say("info", `audit: ${auditText(event)}`, { audit: auditFields(event) });
    });
  }
}
