/** All four-letter words, asked of Apache's servers and of ours in the same state: the same but for values. */
import { expect, it } from "vitest";
import { FOUR_LETTER_WORDS } from "../../../packages/server/src/admin/four-letter-words.js";
import { ask, type ClientAddress } from "../kit/four-letter-words.js";
import { type Maker, type MixedEnsemble, withMixedEnsemble } from "../kit/mixed-ensemble.js";
import { describeWithApache } from "../kit/test-with-apache.js";
import { whileClientsHold } from "./holding-client.js";

type Answers = ReadonlyMap<string, string>;
/** What a server answers to all words, by its role. */
type ByRole = ReadonlyMap<string, Answers>;

describeWithApache("four-letter words", (java) => {
  it("have Java's form on a leader, a follower and an observer, and its values where the state is the same", async () => {
    const askAll = async (makers: readonly [Maker, Maker, Maker]): Promise<ByRole> => {
      const [first, second, third] = makers;
      const servers = [first, second, { maker: third, role: "observer" as const }];
      return await withMixedEnsemble({ java, servers }, async (ensemble) => {
        await ensemble.start(1, 2, 3);
        await ensemble.ready();
        return await whileClientsHold(addressOf(ensemble, 2), () => answersByRole(ensemble));
      });
    };
    const apache = await askAll(["apache", "apache", "apache"]);
    const own = await askAll(["ownCommand", "ownCommand", "ownCommand"]);
    expect([...own.keys()].sort()).toEqual(["follower", "leader", "observer"]);
    for (const [role, answers] of own) {
      const expected = apache.get(role) ?? new Map<string, string>();
      for (const word of FOUR_LETTER_WORDS) {
        const [ours, theirs] = [answers.get(word) ?? "", expected.get(word) ?? ""];
        expect(shapeOf(word, ours), `${word} of a ${role}`).toEqual(shapeOf(word, theirs));
      }
      const figures = SAME_FIGURES.map((name) => [name, figure(answers, name)]);
      expect(figures, role).toEqual(SAME_FIGURES.map((name) => [name, figure(expected, name)]));
      expect(figure(answers, "watch_count")).toBe(figure(expected, "watch_count"));
    }
  });

  it("have Java's digests and size in one ensemble", async () => {
    const servers = ["ownCommand", "apache", "apache"] as const;
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      await ensemble.start(1, 2, 3);
      await ensemble.ready();
      await whileClientsHold(addressOf(ensemble, 1), async () => {
        await ensemble.converged();
        const [ours, theirs] = await Promise.all(
          [1, 2].map((sid) => answersOf(addressOf(ensemble, sid))),
        );
        expect(ours?.get("hash")).toBe(theirs?.get("hash"));
        expect(ours?.get("hash")).toMatch(/^[0-9a-f]+: -?\d+\n/u);
        for (const name of ["znode_count", "approximate_data_size", "ephemerals_count"]) {
          expect(figure(ours, name), name).toBe(figure(theirs, name));
        }
      });
    });
  });
});

function addressOf(ensemble: MixedEnsemble, sid: number): ClientAddress {
  const client = ensemble.members.find((member) => member.sid === BigInt(sid))?.client;
  if (client === undefined) throw new Error(`server ${sid} has no client port`);
  return client;
}

async function answersByRole(ensemble: MixedEnsemble): Promise<ByRole> {
  await ensemble.converged();
  const modes = await ensemble.modes();
  const byRole = new Map<string, Answers>();
  for (const [sid, mode] of modes) {
    byRole.set(mode ?? "none", await answersOf(addressOf(ensemble, Number(sid))));
  }
  return byRole;
}

async function answersOf(address: ClientAddress): Promise<Answers> {
  const answers = new Map<string, string>();
  // Those that reset what others tell come last, as the table has them.
  for (const word of FOUR_LETTER_WORDS) {
    const mask = word === "stmk" ? "\0\0\0\0\0\0\x01\x32" : "";
    answers.set(word, await ask(address, word + mask));
  }
  return answers;
}

function figure(answers: Answers | undefined, name: string): string | undefined {
  return new RegExp(`^zk_${name}\t(.*)$`, "mu").exec(answers?.get("mntr") ?? "")?.[1];
}

/** The lines of an answer without their values: what a script relies on. */
function shapeOf(word: string, answer: string): unknown {
  const lines = answer.split("\n").map(withoutValues);
  switch (word) {
    case "cons":
      // Java walks through a hash set: the asking connection may stand before or after the session's.
      return [...new Set(lines)].sort();
    case "dump":
    case "stat":
    case "wchc":
    case "wchp":
    case "hash":
      // How many sessions, connections or paths there are in a group is a matter of time.
      return lines.filter((line, at) => lines.indexOf(line) === at);
    case "envi":
      return answer.split("\n").map((line) => line.replace(/=.*$/u, ""));
    case "mntr": {
      // Families have the keys that they had to do with; ours adds figures of its own.
      const own = lines.findIndex((line) => line.startsWith("zk_epoch"));
      return lines
        .slice(0, own === -1 ? undefined : own)
        .filter((line) => line !== "" && !/_per_namespace|learner_handler_qp/u.test(line));
    }
    default:
      return lines;
  }
}

function withoutValues(line: string): string {
  return line
    .replace(/^(Zookeeper version: |zk_version\t)\d+\.\d+\.\d+-\S+, built on \S+ \S+ UTC$/u, "$1#")
    .replace(/[A-Z]\w{2} [A-Z]\w{2} \d\d [\d:]{8} \S+ \d{4}/u, "#date")
    .replace(/^(data(?:Log)?Dir=)\/.*\/version-2$/u, "$1#")
    .replace(/lop=\w+/u, "lop=#")
    .replace(/^(\t|)\/[a-z0-9/]+$/u, "$1#path")
    .replace(/0x[0-9a-f]+/gu, "0x#")
    .replace(/^[0-9a-f]+: -?\d+$/u, "#hash")
    .replace(/-?\d+\.\d+(E-?\d+)?(?![\d.])/gu, "#.#")
    .replace(/(?<![\w])-?\d+(?=\D|$)/gu, "#")
    .replace(/\[#\]/u, "[#]");
}

/** The same tree and the same sessions give the same figures. */
const SAME_FIGURES = [
  "server_state",
  "peer_state",
  "ephemerals_count",
  "znode_count",
  "global_sessions",
  "local_sessions",
  "quorum_size",
  "learners",
  "synced_followers",
  "synced_observers",
  "synced_non_voting_followers",
  "observer_master_id",
  "connection_drop_probability",
];
