/** All commands of the admin server, asked of Apache's servers and of ours: the same fields with values of the same types. */
import { expect, it } from "vitest";
import { findFreePorts } from "../../../packages/server/src/ensemble/free-ports.js";
import type { Java } from "../kit/java.js";
import { type Maker, withMixedEnsemble } from "../kit/mixed-ensemble.js";
import { describeWithApache } from "../kit/test-with-apache.js";
import { whileClientsHold } from "./holding-client.js";

/** What a server answers: raw texts by command. */
type Answers = ReadonlyMap<string, string>;

describeWithApache("the admin server", (java) => {
  it("has Java's commands, fields and types on a leader, a follower and an observer", async () => {
    const apache = await answersByRole(java, "apache");
    const own = await answersByRole(java, "ownCommand");
    expect([...own.keys()].sort()).toEqual(["follower", "leader", "observer"]);
    for (const [role, answers] of own) {
      const expected = apache.get(role);
      expect(answers.get(""), `links of a ${role}`).toBe(expected?.get(""));
      for (const [command, answer] of answers) {
        if (command === "") continue;
        const theirs = expected?.get(command) ?? "";
        expect(shapeOf(command, answer), `${command} of a ${role}`).toEqual(
          shapeOf(command, theirs),
        );
      }
    }
  });
});

async function answersByRole(java: Java, maker: Maker): Promise<ReadonlyMap<string, Answers>> {
  const ports = await findFreePorts(3);
  const each = ports.map((port) => ({
    "admin.enableServer": true,
    "admin.serverAddress": "127.0.0.1",
    "admin.serverPort": port,
  }));
  const servers = [maker, maker, { maker, role: "observer" as const }];
  return await withMixedEnsemble({ java, servers, each }, async (ensemble) => {
    await ensemble.start(1, 2, 3);
    await ensemble.ready();
    const client = ensemble.members[1]?.client;
    if (client === undefined) throw new Error("server 2 has no client port");
    return await whileClientsHold(client, async () => {
      await ensemble.converged();
      const byRole = new Map<string, Answers>();
      for (const [sid, mode] of await ensemble.modes()) {
        byRole.set(mode ?? "none", await answersOf(ports[Number(sid) - 1] ?? 0));
      }
      return byRole;
    });
  });
}

async function answersOf(port: number): Promise<Answers> {
  const get = async (command: string): Promise<string> => {
    const path = command === "" ? "" : `/${command}`;
    const response = await fetch(`http://127.0.0.1:${port}/commands${path}`);
    expect(response.status).toBe(200);
    return await response.text();
  };
  const links = await get("");
  const names = [...links.matchAll(/<a href="\/commands\/(\w+)">/gu)].map(([, name = ""]) => name);
  const answers = new Map([["", links]]);
  const further = ["set_trace_mask?traceMask=306", "set_trace_mask?traceMask=x", "conf", "srvr"];
  for (const command of [...names, ...further, "nothing"]) {
    answers.set(command, await get(command));
  }
  return answers;
}

/** The fields and the types of their values. Groups whose keys are ids or paths have one shape, as lists do. */
function shapeOf(command: string, text: string): unknown {
  const typed = text
    .replaceAll(/(?<=[:[,] )-?\d+\.\d+(E-?\d+)?(?=[,\s])/gu, '"#double"')
    .replaceAll(/(?<=[:[,] )-?\d+(?=[,\s])/gu, '"#long"');
  const answer: unknown = JSON.parse(typed);
  if (typeof answer !== "object" || answer === null) return answer;
  const own = Object.entries(answer).filter(([name]) => {
    if (command === "monitor") return !OWN_FIGURES.test(name) && !FAMILIES.test(name);
    // What Java's machine has, and what the two were started with.
    return command !== "system_properties" || /^(command|error|os\.name|user\.name)$/u.test(name);
  });
  return typesOf(Object.fromEntries(own));
}

function typesOf(value: unknown): unknown {
  if (Array.isArray(value)) return unique(value.map(typesOf));
  if (typeof value !== "object" || value === null) {
    if (value === null || typeof value === "boolean") return String(value).replace("false", "true");
    return typeof value === "string" && value.startsWith("#") ? value : "#text";
  }
  const entries = Object.entries(value);
  const isGroup = entries.length > 0 && entries.every(([name]) => /^(-?\d+$|\/)/u.test(name));
  if (isGroup) return { "#key": unique(entries.map(([, each]) => typesOf(each)).flat()) };
  return Object.fromEntries(
    entries.map(([name, each]) => [
      name,
      name === "command" || name === "error" ? each : typesOf(each),
    ]),
  );
}

function unique(shapes: readonly unknown[]): unknown[] {
  const texts = new Set(shapes.map((shape) => JSON.stringify(shape)));
  return [...texts].sort().map((text) => JSON.parse(text) as unknown);
}

/** Those that Apache's servers do not have. */
const OWN_FIGURES =
  /^(epoch|accepted_epoch|current_epoch|serving|outstanding_proposals|last_election_time_ms|txns_applied|quorum_packets_sent|fsyncs_in_place|trunc_count|protocol_violations|unreachable_servers|listen_failures|connect_failures|handshake_failures|certificates_refused|connections_refused|server_id|zxid|digest)$/u;
/** Whose keys are what the servers had to do with. */
const FAMILIES = /_per_namespace$|learner_handler_qp|^p?\w+_ack_latency$/u;
