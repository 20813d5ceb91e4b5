/**
 * What Apache's classes say of the corpus, recorded in verdicts.jsonl, against
 * what ours say. Runs without Java; record.sh asks again.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ConfigurationError,
  parseProperties,
  parseZooCfg,
  type PeerSettings,
} from "@jute-ts/server/configuration";
import { parseConfigurationText } from "../../../packages/quorum/src/membership/configuration-text.js";
import { sameEnsemble } from "../../../packages/quorum/src/membership/equality.js";
import { canonicalHost } from "../../../packages/quorum/src/membership/host-name.js";
import type { ConfigurationCase } from "./corpus.js";
import { allQuestions, type Question } from "./questions.js";

type Answer = Readonly<Record<string, unknown>>;

const answers = readFileSync(new URL("verdicts.jsonl", import.meta.url), "utf8")
  .split("\n")
  .slice(0, -1)
  .map((line) => JSON.parse(line) as Answer);
const questions = allQuestions();

function asked<K extends Question["kind"]>(
  kind: K,
): readonly { readonly question: Extract<Question, { kind: K }>; readonly answer: Answer }[] {
  return questions.flatMap((question, index) => {
    const answer = answers[index];
    if (question.kind !== kind || answer === undefined) return [];
    return [{ question: question as Extract<Question, { kind: K }>, answer }];
  });
}

it("has an answer to every question", () => {
  expect(answers.length).toBe(questions.length);
});

describe("properties", () => {
  it("are read as Java reads them", () => {
    const cases = asked("properties");
    expect(cases.length).toBeGreaterThan(600);
    for (const { question, answer } of cases) {
      const { entries, problems } = parseProperties(question.text);
      const ours =
        problems.length > 0
          ? { refused: "IllegalArgumentException" }
          : { properties: Object.fromEntries(entries.map(({ key, value }) => [key, value])) };
      expect(ours, JSON.stringify(question.text)).toEqual(answer);
    }
  });
});

describe("configurations", () => {
  const cases = asked("configuration").map(({ question, answer }) => ({
    question,
    answer: withoutKeysOfNoEffect(answer),
  }));

  it("are many", () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
    const refused = cases.filter(({ answer }) => "refused" in answer).length;
    expect(refused).toBeGreaterThan(80);
    expect(cases.length - refused).toBeGreaterThan(60);
  });

  it.each(
    cases.map(({ question, answer }) => [question.case.name, question.case, answer] as const),
  )("%s", (_, item, answer) => {
    const ours = judge(item);
    expect(ours.positions).toEqual(item.at ?? []);
    const bothRefuse = ours.settings === undefined && "refused" in answer;
    if (item.difference !== undefined) {
      expect(bothRefuse, "the difference is gone: remove it, here and in DIVERGENCE.md").toBe(
        false,
      );
      expect(describeVerdict(ours)).not.toEqual(answer);
    } else if (!bothRefuse) expect(describeVerdict(ours)).toEqual(answer);
  });
});

describe("verifiers", () => {
  it("decide as Java's do, for random groups, weights and sets", () => {
    const cases = asked("verifier");
    let deciding = 0;
    let asking = 0;
    for (const { question, answer } of cases) {
      const { verifier, sets } = question;
      const quorums = sets.map((set) => (verifier.containsQuorum(set) ? "1" : "0")).join("");
      expect(quorums, verifier.toString()).toBe(answer["quorums"]);
      asking += quorums.length;
      deciding += quorums.split("1").length - 1;
      const weights = [...verifier.voters].map((sid) => [String(sid), verifier.weightOf(sid)]);
      expect(Object.fromEntries(weights)).toEqual(answer["weights"]);
      expect(verifier.toString().split("\n").sort().join("\n")).toBe(answer["ensemble"]);
    }
    // Both answers must be common, or the sets show nothing.
    expect(deciding).toBeGreaterThan(asking / 5);
    expect(deciding).toBeLessThan((asking * 4) / 5);
  });

  it("are read back from the texts that Java prints", () => {
    for (const { question, answer } of asked("verifier")) {
      const text = String(answer["ensemble"]);
      expect(parseConfigurationText(text).toString()).toBe(question.verifier.toString());
    }
  });

  it.each(
    asked("equality").map(({ question, answer }) => [question.name, question, answer] as const),
  )("are compared as Java compares them: %s", (_, { first, second }, answer) => {
    const equal = sameEnsemble(parseConfigurationText(first), parseConfigurationText(second));
    expect({ equal }).toEqual(answer);
  });
});

interface Judgement {
  readonly settings: PeerSettings | undefined;
  readonly positions: readonly string[];
}

function judge({ zooCfg, dynamic, myid }: ConfigurationCase): Judgement {
  try {
    const { settings } = parseZooCfg(zooCfg, { fileName: "zoo.cfg", dynamic, myid });
    return { settings, positions: [] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const positions = error.problems.map(({ fileName, line }) =>
      line === 0 ? fileName : `${fileName}:${String(line)}`,
    );
    return { settings: undefined, positions };
  }
}

/** What Java makes of keys that do nothing here has nothing to be compared with. */
function withoutKeysOfNoEffect(answer: Answer): Answer {
  return Object.fromEntries(Object.entries(answer).filter(([name]) => name !== "syncEnabled"));
}

/** Our settings under the names of Java's getters. */
function describeVerdict({ settings }: Judgement): unknown {
  if (settings === undefined) return { refused: "ConfigurationError" };
  const { client, storage, ensemble } = settings;
  const connect = settings.connectToLearnerMasterLimitTicks;
  return {
    tickTime: settings.tickTimeMs,
    initLimit: settings.initLimitTicks,
    syncLimit: settings.syncLimitTicks,
    connectToLearnerMasterLimit: connect === settings.initLimitTicks ? 0 : connect,
    dataDir: settings.dataDir,
    dataLogDir: settings.dataLogDir,
    clientHost: client === undefined ? null : canonicalHost(client.host),
    clientPort: client?.port ?? null,
    maxClientCnxns: settings.serving.maxConnectionsPerAddress,
    minSessionTimeout: settings.minSessionTimeoutMs,
    maxSessionTimeout: settings.maxSessionTimeoutMs,
    snapRetainCount: storage.retainSnapshots ?? 3,
    purgeInterval: (storage.purgeIntervalMs ?? 0) / 3_600_000,
    quorumListenOnAllIPs: settings.listensOnAllAddresses,
    serverId: Number(settings.sid),
    peerType: settings.role.toUpperCase(),
    ensemble: canonicalLines(ensemble.toString()),
  };
}

/** Sorted lines in which every IPv6 address has eight numbers, as Java prints them. */
function canonicalLines(text: string): string {
  const lines = text.replace(/\[([^\]]+)\]/g, (_, host: string) => {
    const canonical = canonicalHost(host);
    return canonical.includes(":") ? `[${canonical}]` : canonical;
  });
  return lines.split("\n").sort().join("\n");
}
