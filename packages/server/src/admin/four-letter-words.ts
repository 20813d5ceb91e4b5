/** ZooKeeper's four-letter words, answered as Java's servers answer them. */
import { connectionLine } from "./connection-lines.js";
import { dumpText } from "./dump-text.js";
import { environmentText } from "./environment.js";
import { figuresOf } from "./figures.js";
import { hex } from "./java-format.js";
import { mntrText } from "./monitor-text.js";
import type { PeerMetrics } from "./peer-metrics.js";
import { serverText } from "./server-text.js";
import type { FourLetterAnswers, ServerView } from "./server-view.js";
import { settingsText } from "./settings-text.js";
import type { TraceMask } from "./trace-mask.js";
import { watchesByPathText, watchesBySessionText, watchSummaryText } from "./watch-text.js";

export interface FourLetterWordsOptions {
  /** The words that are answered; `*` for all. As `4lw.commands.whitelist`, to which `srvr` is added. */
  readonly allowed: ReadonlySet<string>;
  /** `readonlymode.enabled`: `isro` is answered even if it is not among the allowed. Default false. */
  readonly readOnlyMode?: boolean | undefined;
  readonly view: () => ServerView;
  readonly metrics: () => PeerMetrics;
  readonly traceMask: TraceMask;
}

type Answer = (options: FourLetterWordsOptions, bytes: Uint8Array) => string;

export class FourLetterWords implements FourLetterAnswers {
  readonly #options: FourLetterWordsOptions;

  constructor(options: FourLetterWordsOptions) {
    this.#options = options;
  }

  answer(bytes: Uint8Array): string | undefined {
    const name = nameOf(bytes);
    const word = WORDS.get(name);
    if (word === undefined) return isTelnetsGoodbye(bytes) ? "" : undefined;
    if (!this.#isAllowed(name)) {
      return `${name} is not executed because it is not in the whitelist.\n`;
    }
    const isServing = this.#options.view().mode !== undefined;
    return isServing || word.always === true
      ? word.answer(this.#options, bytes)
      : (word.notServing ?? `${NOT_SERVING}\n`);
  }

  #isAllowed(name: string): boolean {
    const { allowed, readOnlyMode } = this.#options;
    if (name === "srvr" || allowed.has("*") || allowed.has(name)) return true;
    return name === "isro" && readOnlyMode === true;
  }
}

function nameOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, WORD_LENGTH));
}

/** What telnet sends when its user ends it: it gets nothing and is closed. */
function isTelnetsGoodbye(bytes: Uint8Array): boolean {
  return TELNET_GOODBYE.every((byte, index) => bytes[index] === byte);
}

interface Word {
  readonly answer: Answer;
  /** Also while the server does not serve. */
  readonly always?: true;
  /** What is said meanwhile, where it is not what most words say. */
  readonly notServing?: string;
}

/** What Java says while it looks for a leader or is not up to date yet. */
export const NOT_SERVING = "This ZooKeeper instance is not currently serving requests";

const WORDS: ReadonlyMap<string, Word> = new Map<string, Word>([
  ["ruok", { answer: () => "imok", always: true }],
  [
    "isro",
    {
      answer: ({ view }) => (view().mode === "read-only" ? "ro" : "rw"),
      notServing: "null",
    },
  ],
  ["srvr", { answer: ({ view, metrics }) => serverText(view(), metrics().server, "srvr") }],
  ["stat", { answer: ({ view, metrics }) => serverText(view(), metrics().server, "stat") }],
  ["cons", { answer: ({ view }) => connectionsText(view()) }],
  ["mntr", { answer: monitorText }],
  ["conf", { answer: ({ view }) => settingsText(view().settings, view().files) }],
  ["envi", { answer: ({ view }) => environmentText(view().version), always: true }],
  ["dump", { answer: ({ view }) => dumpText(view(), performance.now(), Date.now()) }],
  ["wchs", { answer: ({ view }) => watchSummaryText(view().clients) }],
  ["wchc", { answer: ({ view }) => watchesBySessionText(view().clients) }],
  ["wchp", { answer: ({ view }) => watchesByPathText(view().clients) }],
  ["dirs", { answer: ({ view }) => directoriesText(view()) }],
  ["hash", { answer: ({ view }) => digestsText(view()), notServing: NOT_SERVING }],
  ["srst", { answer: resetServer }],
  ["crst", { answer: resetConnections }],
  ["gtmk", { answer: ({ traceMask }) => String(traceMask.value), always: true }],
  ["stmk", { answer: setTraceMask, always: true }],
]);

/** The names of all words, in the order in which they are documented. */
export const FOUR_LETTER_WORDS: readonly string[] = [...WORDS.keys()];

function connectionsText({ clients }: ServerView): string {
  const lines = Array.from(clients.connections(), (each) => `${connectionLine(each, "full")}\n`);
  return `${lines.join("")}\n`;
}

function monitorText({ view, metrics }: FourLetterWordsOptions): string {
  const [server, peer] = [view(), metrics()];
  return mntrText(server, figuresOf(server, peer.server, peer.list()), peer.texts());
}

function directoriesText({ files }: ServerView): string {
  return `datadir_size: ${files.snapshotBytes}\nlogdir_size: ${files.logBytes}\n`;
}

function digestsText({ tree }: ServerView): string {
  return Array.from(
    tree.digests(),
    ({ zxid, digest }) => `${hex(zxid).slice(2)}: ${digest}\n`,
  ).join("");
}

function resetServer({ metrics }: FourLetterWordsOptions): string {
  metrics().server.reset();
  return "Server stats reset.\n";
}

function resetConnections({ view }: FourLetterWordsOptions): string {
  view().clients.resetConnectionStatistics();
  return "Connection stats reset.\n";
}

/** Nothing is said where the mask is missing. */
function setTraceMask({ traceMask }: FourLetterWordsOptions, bytes: Uint8Array): string {
  if (bytes.length < WORD_LENGTH + MASK_LENGTH) return "";
  const mask = new DataView(bytes.buffer, bytes.byteOffset + WORD_LENGTH).getBigInt64(0);
  traceMask.value = mask;
  return String(mask);
}

const WORD_LENGTH = 4;
const MASK_LENGTH = 8;
const TELNET_GOODBYE = [0xff, 0xf4, 0xff, 0xfd];
