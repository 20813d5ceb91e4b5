/** What happens on the ways between servers. */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Layer } from "../world/reachability.js";
import { type Command, ScenarioError, type ScenarioStage } from "./stage.js";
import { sid, pairOf, duration, bytesOfHex, number } from "./words.js";

export const networkCommands: Readonly<Record<string, Command>> = {
  /** cut A-B [quorum|election]: breaks their connections. */
  cut: (stage, [pair, layer = "quorum"]) => {
    const [one, other] = pairOf(pair, "-");
    stage.faults.fire({ kind: "cut", layer: layer as Layer, one, other });
  },
  /** half-open A>B [DURATION]: the election link breaks, and A does not notice before it writes, or so much time has passed. */
  "half-open": (stage, [link, time = "3600s"]) => {
    const [believer, other] = pairOf(link, ">");
    stage.faults.fire({
      kind: "halfOpen",
      layer: "election",
      believer,
      other,
      forMs: duration(time),
    });
  },
  /** block A>B|A-B [quorum|election]: nothing gets through, in one or both directions. */
  block: (stage, [link, ...layers]) => {
    forEachDirection(stage, link, layers, (layer, from, to) => {
      stage.world.reachability.block(layer, from, to);
    });
  },
  unblock: (stage, [link, ...layers]) => {
    forEachDirection(stage, link, layers, (layer, from, to) => {
      stage.world.reachability.unblock(layer, from, to);
    });
  },
  /** isolate SID: both networks, both directions. */
  isolate: (stage, [word]) => {
    for (const other of stage.world.processes) {
      if (other.sid === sid(word)) continue;
      forEachDirection(stage, `${word ?? ""}-${other.sid}`, [], (layer, from, to) => {
        stage.world.reachability.block(layer, from, to);
      });
    }
  },
  /** take-port SID: another process has its quorum port, unless it listens now. */
  "take-port": (stage, [word]) => {
    stage.world.quorum.takePort(stage.world.process(sid(word)).index);
  },
  "free-port": (stage, [word]) => {
    stage.world.quorum.freePort(stage.world.process(sid(word)).index);
  },
  /** heal: nothing is blocked any more. */
  heal: (stage) => {
    stage.world.reachability.openAll();
  },
  /** hold A>B PACKET: packets of this kind, and what follows them, wait on the way. */
  hold: (stage, [link, kind]) => {
    const [from, to] = pairOf(link, ">");
    const { world } = stage;
    world.quorum.hold(
      world.process(from).index,
      world.process(to).index,
      kind as OutgoingPacket["kind"],
    );
  },
  release: (stage, [link]) => {
    const [from, to] = pairOf(link, ">");
    stage.world.quorum.release(stage.world.process(from).index, stage.world.process(to).index);
  },
  /** inject FROM>TO HEX: these bytes arrive at TO after all that FROM has sent so far on their quorum connection. */
  inject: (stage, [link, hex = ""]) => {
    const [from, to] = pairOf(link, ">");
    const { world } = stage;
    const connection = world.quorum.openEnd(world.process(from).index, world.process(to).index);
    if (connection === undefined) throw new ScenarioError("they are not connected");
    world.observe({ kind: "interference", sid: to });
    world.process(to).handle({ kind: "received", connection, bytes: bytesOfHex(hex) });
  },
  /** pose AS>TO +EPOCHS [history] [EVERY FOR]: a stranger tells TO that it is AS, and so many epochs ahead; once, or so often and so long. */
  pose: (stage, [link, ahead, ...more]) => {
    const [as, to] = pairOf(link, ">");
    const asksForHistory = more[0] === "history";
    const [every, span] = asksForHistory ? more.slice(1) : more;
    const everyMs = every === undefined ? 0 : duration(every);
    stage.faults.fire({
      kind: "impostor",
      target: { kind: "sid", sid: to },
      as,
      certificate: undefined,
      epochsAhead: number(ahead),
      asksForHistory,
      times: span === undefined ? 1 : Math.ceil(duration(span) / everyMs),
      everyMs,
      staysMs: 1000,
    });
  },
  /** notify FROM>TO HEX: these bytes reach the election port of TO, on the link of FROM. */
  notify: (stage, [link, hex = ""]) => {
    const [from, to] = pairOf(link, ">");
    stage.world.observe({ kind: "interference", sid: to });
    stage.world.process(to).handle({ kind: "notified", from, bytes: bytesOfHex(hex) });
  },
};

function forEachDirection(
  stage: ScenarioStage,
  link: string | undefined,
  layers: readonly string[],
  act: (layer: Layer, from: number, to: number) => void,
): void {
  const isBoth = link?.includes("-") ?? false;
  const [from, to] = pairOf(link, isBoth ? "-" : ">");
  const { world } = stage;
  const [one, other] = [world.process(from).index, world.process(to).index];
  for (const layer of layers.length === 0 ? (["quorum", "election"] as const) : layers) {
    act(layer as Layer, one, other);
    if (isBoth) act(layer as Layer, other, one);
  }
}
