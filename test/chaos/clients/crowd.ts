/**
 * The clients of one ensemble: sessions of Apache's client, of kazoo and of our own that
 * last as long as it does, and visitors that hold ephemerals for a while and go.
 */
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { CreateMode } from "@jute-ts/zookeeper";
import { Random } from "../../fuzz/random.js";
import { commandClient } from "../../interop/kit/apache-client.js";
import { CommandProcess } from "../../interop/kit/command-process.js";
import type { ClientAddress } from "../../interop/kit/four-letter-words.js";
import type { Java } from "../../interop/kit/java.js";
import { Violated } from "../server-trees.js";
import { Activity } from "./activity.js";
import { CommandSessions } from "./command-session.js";
import { type History, type Maker, nameOf } from "./history.js";
import type { RecordedSession } from "./recorded-session.js";
import { openSocketSession } from "./socket-session.js";
import { EPHEMERALS, ROOTS } from "./znodes.js";

export interface CrowdOptions {
  readonly java: Java;
  readonly servers: readonly ClientAddress[];
  readonly history: History;
  readonly seed: number;
}

/** A visitor, and what ends it without a word. */
interface Visitor {
  readonly session: RecordedSession;
  readonly abandon: () => Promise<void>;
}

export class Crowd {
  readonly #options: CrowdOptions;
  readonly #apache: CommandSessions;
  readonly #kazoo: CommandSessions;
  readonly #random: Random;
  #members: Activity[] = [];
  #lastIndex = 0;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#random = new Random(options.seed, 1);
    this.#apache = new CommandSessions(
      "apache",
      new CommandProcess("java", commandClient(options.java)),
    );
    this.#kazoo = newKazoo();
  }

  get sessions(): readonly RecordedSession[] {
    return this.#members.map(({ session }) => session);
  }

  /** Makes what the load needs, and opens the sessions that last. All servers must serve. */
  async open(): Promise<void> {
    const sessions = await Promise.all(MEMBERS.map((maker) => this.#open(maker, LASTING_MS)));
    const [first] = sessions;
    for (const path of ROOTS) {
      await first?.request({ op: "create", path, value: "", flags: CreateMode.PERSISTENT });
    }
    // Their servers may not have heard of that.
    await Promise.all(sessions.map((session) => session.request({ op: "sync" })));
    this.#members = sessions.map((session) => this.#activityOf(session));
    await Promise.all(this.#members.map((member) => member.watch()));
  }

  begin(): void {
    for (const member of this.#members) member.begin();
  }

  /** Resolves when every request is answered, with every session connected and up to date. Throws Violated if one does not come back. */
  async pause(): Promise<void> {
    await this.#each("has no answer", (member) => member.pause());
    await this.#each("does not come back", async (member) => {
      while (!member.session.isOver && !(await member.lookAgain())) await delay(RETRY_MS);
    });
  }

  /** Opens other sessions in place of those that have expired. */
  async replaceExpired(): Promise<void> {
    this.#members = await Promise.all(
      this.#members.map(async (member) => {
        const { session } = member;
        if (!session.isOver) return member;
        const next = this.#activityOf(await this.#open(session.info.maker, LASTING_MS));
        await next.watch();
        return next;
      }),
    );
  }

  /** Somebody comes, and holds ephemerals. */
  async visit(): Promise<Visitor> {
    // A process for each visitor with kazoo takes its time.
    const maker = this.#random.pick<Maker>([
      "socket",
      "socket",
      "socket",
      "apache",
      "apache",
      "kazoo",
    ]);
    const kazoo = maker === "kazoo" ? newKazoo() : undefined;
    const session = await this.#open(maker, VISIT_MS, kazoo);
    const creates = Array.from({ length: 3 }, (_, nth) => {
      const value = `${session.info.index}-v${nth}`;
      const path = `${EPHEMERALS}/n${value}`;
      return session.request({ op: "create", path, value, flags: CreateMode.EPHEMERAL });
    });
    await Promise.all(creates);
    const abandon = async (): Promise<void> => {
      await session.abandon();
      await kazoo?.kill();
    };
    return { session, abandon };
  }

  /** Ends a visit: by a close, or without a word. */
  async leave({ session, abandon }: Visitor): Promise<void> {
    const closes = this.#random.below(2) === 0;
    if (session.isOver) return;
    if (closes) await inTime(session, "has no answer", session.close());
    if (!closes || session.info.maker === "kazoo") await abandon();
  }

  /** Closes all sessions. */
  async close(): Promise<void> {
    await this.#each("has no answer", async ({ session }) => {
      if (!session.isOver) await session.close();
    });
    await this.end();
  }

  /** Ends the processes. */
  async end(): Promise<void> {
    for (const { session } of this.#members) {
      if (!session.isOver && session.info.maker === "socket") await session.abandon();
    }
    await Promise.all([this.#apache.kill(), this.#kazoo.kill()]);
  }

  async #open(maker: Maker, timeoutMs: number, kazoo = this.#kazoo): Promise<RecordedSession> {
    const { history, servers, seed } = this.#options;
    const index = this.#lastIndex++;
    switch (maker) {
      case "socket": {
        const random = new Random(seed, 2, index);
        return await openSocketSession({ servers, timeoutMs, index, history, random });
      }
      case "apache":
        return await this.#apache.open(servers, { index, timeoutMs, history });
      case "kazoo":
        return await kazoo.open(servers, { index, timeoutMs, history });
    }
  }

  #activityOf(session: RecordedSession): Activity {
    const random = new Random(this.#options.seed, 3, session.info.index);
    return new Activity(session, random, PAUSE_MS);
  }

  async #each(what: string, work: (member: Activity) => Promise<void>): Promise<void> {
    await Promise.all(this.#members.map((member) => inTime(member.session, what, work(member))));
  }
}

async function inTime(
  { info }: RecordedSession,
  what: string,
  work: Promise<unknown>,
): Promise<void> {
  const end = new AbortController();
  const late = delay(SETTLE_MS, undefined, { signal: end.signal }).then(
    () => {
      throw new Violated(`${nameOf(info)} ${what} within ${SETTLE_MS} ms`);
    },
    // Aborted: it was in time.
    () => undefined,
  );
  try {
    await Promise.race([work, late]);
  } finally {
    end.abort();
  }
}

function newKazoo(): CommandSessions {
  const process = new CommandProcess("/usr/bin/python3", [KAZOO_CLIENT]);
  return new CommandSessions("kazoo", process);
}

const KAZOO_CLIENT = fileURLToPath(new URL("kazoo_client.py", import.meta.url));
const MEMBERS: readonly Maker[] = [
  "socket",
  "socket",
  "socket",
  "apache",
  "apache",
  "kazoo",
  "kazoo",
];
/** Longer than any server is away. */
const LASTING_MS = 10_000;
/** Some visitors expire while there is no leader. */
const VISIT_MS = 2000;
const PAUSE_MS = 10;
const RETRY_MS = 20;
const SETTLE_MS = 60_000;
