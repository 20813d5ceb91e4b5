/**
 * A simulated world: an ensemble of peers with their disks, networks and clients,
 * and the checkers that watch them. Everything that happens follows from the seed
 * and the settings. The world makes things happen one after the other; what goes
 * wrong in it is decided elsewhere (faults.ts, or a scenario).
 */
import type { ConnectionId, ReplicatedState } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { QuorumRequest } from "@jute-ts/server/clients";
import { OpCode, type Sid } from "@jute-ts/zookeeper";
import type {
  Checker,
  ConnectionView,
  Observation,
  PeerView,
  WorldView,
} from "../checkers/checker.js";
import { ClientGateway } from "../clients/client-gateway.js";
import type { SimClient } from "../clients/client.js";
import { countFrame } from "../client-port/frame-coverage.js";
import type { FrameClient, FramePort } from "../client-port/frame-port.js";
import { Coverage } from "../trace/coverage.js";
import { EnsembleModel } from "../model/ensemble-model.js";
import type { DiskCopy } from "./disk.js";
import { ElectionNetwork } from "./election-network.js";
import { Changes } from "./changes.js";
import { ClientNetwork } from "./client-network.js";
import { EventQueue } from "./event-queue.js";
import { firstFiles } from "./first-files.js";
import type { PeerKit } from "./peer-kit.js";
import { Observers } from "../checkers/observers.js";
import { PeerProcess, type Surroundings } from "./peer-process.js";
import { QuorumNetwork } from "./quorum-network.js";
import { Random } from "./random.js";
import { Reachability, type Layer } from "./reachability.js";
import type { EnsembleShape, WorldSettings } from "./settings.js";
import { Trace, type TraceSink } from "../trace/trace.js";

export interface WorldOptions {
  readonly seed: number;
  readonly settings: WorldSettings;
  readonly kit: PeerKit;
  readonly checkers?: readonly Checker[];
  /** Takes the lines of the story; none are made when undefined. */
  readonly sink?: TraceSink | undefined;
  /** Operations of clients that do not happen: the nth (from 1) of a client. */
  readonly isLeftOut?: (client: string, nth: number) => boolean;
  readonly onInvoked?: (client: string, nth: number) => void;
  /** A peer stopped by itself. */
  readonly onStopped?: (process: PeerProcess) => void;
}

/** What a stranger says to a peer. */
export interface Pose {
  readonly to: Sid;
  /** In whose name it speaks. */
  readonly as: Sid;
  /** Whose certificate it has, where connections prove who they are; undefined: one of no member. */
  readonly certificate: Sid | undefined;
  readonly packets: readonly OutgoingPacket[];
}

export class World implements WorldView {
  readonly seed: number;
  readonly settings: WorldSettings;
  readonly ensemble: EnsembleModel;
  readonly queue: EventQueue = new EventQueue();
  /** What faults wait for. */
  readonly changes: Changes = new Changes();
  readonly trace: Trace;
  readonly coverage: Coverage = new Coverage();
  readonly reachability: Reachability;
  readonly quorum: QuorumNetwork;
  readonly election: ElectionNetwork;
  readonly gateway: ClientGateway;
  readonly clientNetwork: ClientNetwork;
  readonly processes: readonly PeerProcess[];
  readonly peers: ReadonlyMap<Sid, PeerView>;
  readonly #observers: Observers;
  readonly #kit: PeerKit;
  readonly #processBySid: ReadonlyMap<Sid, PeerProcess>;
  readonly #clients: SimClient[] = [];
  readonly frameClients: FrameClient[] = [];
  readonly #options: WorldOptions;
  /** Configurations of single peers, where they differ. */
  readonly #configured = new Map<Sid, EnsembleShape>();
  readonly #onStopped: ((process: PeerProcess) => void) | undefined;
  #phase: "safety" | "healing" = "safety";

  constructor(options: WorldOptions) {
    const { seed, settings, kit } = options;
    this.#options = options;
    this.seed = seed;
    this.settings = settings;
    this.#kit = kit;
    this.#observers = new Observers(options.checkers ?? []);
    this.#onStopped = options.onStopped;
    this.trace = new Trace(options.sink);
    this.ensemble = new EnsembleModel(settings.ensemble);
    const ensemble = kit.newEnsemble(settings.ensemble);
    const sids = [...this.ensemble.members].sort((one, other) => (one < other ? -1 : 1));
    this.reachability = new Reachability(sids.length, (layer, from, to) => {
      this.#onOpened(layer, from, to);
    });
    const randoms = new Map<string, Random>();
    const randomOf =
      (layer: Layer) =>
      (from: number, to: number): Random => {
        const name = `${layer} ${from} ${to}`;
        let random = randoms.get(name);
        if (random === undefined) randoms.set(name, (random = Random.named(seed, name)));
        return random;
      };
    const process = (index: number): PeerProcess => this.#processAt(index);
    this.quorum = new QuorumNetwork(
      this.queue,
      randomOf("quorum"),
      this.reachability,
      settings.quorum,
      (packet) => kit.encodePacket(packet),
      {
        sids,
        isUp: (index) => process(index).up,
        isRunning: (index) => process(index).isRunning,
        afterInLife: (index, delayMs, call) => {
          const { life } = process(index);
          this.queue.after(delayMs, () => {
            if (process(index).life === life) call();
          });
        },
        deliver: (index, event) => {
          process(index).handle(event);
        },
        onPacketRead: (from, to, connection, packet) => {
          this.coverage.count("packet read", packet.kind);
          const [fromSid, toSid] = [process(from).sid, process(to).sid];
          this.trace.onPacketRead(this.queue.nowMs, fromSid, toSid, packet);
          this.observe({ kind: "delivered", from: fromSid, to: toSid, connection, packet });
        },
        onMisstatementRead: (from, to, connection, misstatement) => {
          const [fromSid, toSid] = [process(from).sid, process(to).sid];
          this.trace.onWorld(this.queue.nowMs, toSid, `reads from ${fromSid} ${misstatement.what}`);
          this.observe({ kind: "misstated", from: fromSid, to: toSid, connection, misstatement });
        },
      },
    );
    this.election = new ElectionNetwork(
      this.queue,
      randomOf("election"),
      this.reachability,
      settings.election,
      {
        sids,
        isUp: (index) => process(index).up,
        isRunning: (index) => process(index).isRunning,
        lifeOf: (index) => process(index).life,
        deliver: (index, event) => {
          process(index).handle(event);
        },
      },
    );
    this.gateway = new ClientGateway({
      seed,
      sids,
      meanLatencyMs: settings.clientLatencyMs,
      queue: this.queue,
      trace: this.trace,
      server: (sid) => this.process(sid),
      observe: (observation) => {
        this.observe(observation);
      },
      isLeftOut: options.isLeftOut ?? (() => false),
      onInvoked: options.onInvoked ?? (() => undefined),
    });
    this.clientNetwork = new ClientNetwork({
      seed,
      pipe: { ...settings.quorum.pipe, windowBytes: settings.clientWindowBytes },
      queue: this.queue,
      port: (sid) => this.process(sid),
    });
    const surroundings: Surroundings = {
      queue: this.queue,
      changes: this.changes,
      kit,
      settings,
      seed,
      trace: this.trace,
      coverage: this.coverage,
      quorum: this.quorum,
      election: this.election,
      clients: this.gateway,
      clientNetwork: this.clientNetwork,
      indexOf: (sid) => this.process(sid).index,
      sidOf: (index) => process(index).sid,
      shapeOf: (sid) => this.#configured.get(sid) ?? settings.ensemble,
      optionsOf: (sid, random) => {
        const own = this.#configured.get(sid);
        const verifier = own === undefined ? ensemble : kit.newEnsemble(own);
        return { ...settings.peer, sid, ensemble: verifier, random: () => random.fraction() };
      },
      observe: (observation) => {
        this.observe(observation);
      },
      onAsked: (sid, request) => {
        this.#onAsked(sid, request);
      },
      onStopped: (stopped) => this.#onStopped?.(stopped),
    };
    this.processes = sids.map((sid, index) => new PeerProcess(sid, index, surroundings));
    this.#processBySid = new Map(this.processes.map((each) => [each.sid, each]));
    this.peers = this.#processBySid;
    for (const { disk } of this.processes)
      for (const [path, bytes] of firstFiles(settings, this.newState())) disk.place(path, bytes);
  }

  get nowMs(): number {
    return this.queue.nowMs;
  }

  get phase(): "safety" | "healing" {
    return this.#phase;
  }

  /** The checker that was asked last: the one whose violation is on its way, when one is. */
  get judging(): string | undefined {
    return this.#observers.judging;
  }

  newState(): ReplicatedState {
    return this.#kit.newState(this.settings);
  }

  process(sid: Sid): PeerProcess {
    const process = this.#processBySid.get(sid);
    if (process === undefined) throw new RangeError(`there is no peer ${sid}`);
    return process;
  }

  connection(id: ConnectionId): ConnectionView {
    const { owner, remote, remoteId, side } = this.quorum.endpoint(id);
    return {
      owner: this.#processAt(owner).sid,
      remote: this.#processAt(remote).sid,
      remoteConnection: remoteId,
      side,
    };
  }

  /** From its next start on, a peer has a configuration of its own. */
  configure(sid: Sid, shape: EnsembleShape): void {
    this.#configured.set(sid, shape);
  }

  /**
   * A stranger connects to a peer and says things in the name of another one.
   * Returns how it leaves; undefined when nobody listens there.
   */
  pose({ to, as, certificate, packets }: Pose): (() => void) | undefined {
    this.observe({ kind: "interference", sid: to });
    const provenSids = certificate === undefined ? [] : [certificate];
    const stranger = { as: this.process(as).index, provenSids };
    return this.quorum.pose(stranger, this.process(to).index, packets);
  }

  /** Replaces the disk of a process that is down by one that holds these files. */
  replaceDisk(sid: Sid, files: DiskCopy): void {
    const what = files.length === 0 ? "an empty one" : "another one";
    this.trace.onWorld(this.nowMs, sid, `its disk is replaced by ${what}`);
    this.observe({ kind: "newDisk", sid });
    this.process(sid).disk.replace(files);
  }

  join(client: SimClient): void {
    this.#clients.push(client);
    this.gateway.join(client);
  }

  /** Lets a client of the client port begin. `address`: as servers see it. */
  joinFrames(client: FrameClient, address: string): void {
    this.frameClients.push(client);
    client.start(this.#framePort(client, address));
  }

  #framePort({ name }: FrameClient, address: string): FramePort {
    const { queue, clientNetwork, gateway } = this;
    const { isLeftOut = () => false, onInvoked } = this.#options;
    let begun = 0;
    return {
      get nowMs() {
        return queue.nowMs;
      },
      random: Random.named(this.seed, `client ${name}`),
      oddRandom: Random.named(this.seed, `odd client ${name}`),
      sids: this.processes.map(({ sid }) => sid),
      rulesOf: (sid) => this.process(sid).clientRules,
      after: (delayMs, call) => {
        queue.after(delayMs, call);
      },
      logins: this.settings.clientPorts.logins,
      connect: (sid, end, certificate) =>
        clientNetwork.connect(name, address, sid, end, certificate),
      send: (socket, bytes) => {
        clientNetwork.sendUp(socket, bytes);
      },
      close: (socket, graceful) => {
        clientNetwork.closeByClient(socket, graceful);
      },
      readSlowly: (everyMs) => {
        clientNetwork.readSlowly(name, everyMs);
      },
      begins: () => {
        begun += 1;
        onInvoked?.(name, begun);
        return !isLeftOut(name, begun);
      },
      submitted: (sid, change) => {
        const operation = gateway.nextOperation();
        const request = { kind: "submit", change } as const;
        this.observe({ kind: "invoke", operation, client: name, sid, request });
        return operation;
      },
      revalidates: (sid, sessionId, timeoutMs) => {
        const request = { kind: "revalidate", sessionId, timeoutMs } as const;
        const operation = gateway.nextOperation();
        this.observe({ kind: "invoke", operation, client: name, sid, request });
      },
      observe: (sid, happening) => {
        this.trace.onFrame(queue.nowMs, sid, happening);
        countFrame(this.coverage, happening.event);
        this.observe({ kind: "frame", sid, happening });
      },
    };
  }

  /** The faults are over: clients and checkers are told. */
  beginHealing(): void {
    this.#phase = "healing";
    this.trace.onWorld(this.nowMs, undefined, "healing begins");
    this.observe({ kind: "healing" });
    for (const client of this.#clients) client.onHealing?.();
    for (const client of this.frameClients) client.onHealing();
  }

  /**
   * Nothing that is sent from now on is so late that a client may take its server for dead,
   * or a server its leader or its follower, as the tail of a slow network is now and then.
   */
  boundLatency(): void {
    const maxExtraLatencyMs = MAX_LATE_TICKS * this.settings.peer.tickTimeMs;
    this.clientNetwork.boundLatency(maxExtraLatencyMs);
    this.quorum.boundLatency(maxExtraLatencyMs);
  }

  /** All is repaired, nothing is late, and every client of the client port is served. */
  beginCalm(): void {
    this.trace.onWorld(this.nowMs, undefined, "all is calm");
    this.observe({ kind: "calm" });
  }

  /** Lets everything happen that happens before a time. */
  runUntil(timeMs: number): void {
    for (;;) {
      const nextMs = this.queue.nextMs();
      if (nextMs === undefined || nextMs > timeMs) break;
      this.queue.advance();
    }
    this.queue.idleUntil(timeMs);
  }

  /** Lets things happen until something holds; looks after every event. False when it does not hold in time. */
  runUntilHolds(timeMs: number, holds: () => boolean): boolean {
    while (!holds()) {
      const nextMs = this.queue.nextMs();
      if (nextMs === undefined || nextMs > timeMs) {
        this.queue.idleUntil(timeMs);
        return holds();
      }
      this.queue.advance();
    }
    return true;
  }

  observe(observation: Observation): void {
    this.#observers.observe(observation, this);
  }

  /** The checkers' last word, when the ensemble is healed and at rest. */
  judgeEnd(): void {
    this.#observers.judgeEnd(this);
  }

  /** A session is new to everybody but the server that it begins at, so the server asks in its name. */
  #onAsked(sid: Sid, request: QuorumRequest): void {
    if (request.kind !== "submit" || request.change.opCode !== OpCode.createSession) return;
    const { change } = request;
    // Nobody is there when a session begins; somebody is whose session was there before.
    if (change.authInfo.length > 0) this.coverage.count("connection", "local session upgraded");
    const operation = this.gateway.nextOperation();
    const asked = { kind: "submit", change } as const;
    this.observe({ kind: "invoke", operation, client: `server ${sid}`, sid, request: asked });
  }

  #onOpened(layer: Layer, from: number, to: number): void {
    if (layer === "quorum") {
      this.quorum.kick(from, to);
    } else {
      this.election.kick(to);
    }
  }

  #processAt(index: number): PeerProcess {
    const process = this.processes[index];
    if (process === undefined) throw new RangeError(`no peer has the index ${index}`);
    return process;
  }
}

/**
 * How late a message may be once that is bounded, in ticks. The shortest session lasts for 4, and its client
 * waits for an answer for 7/24 of that at least. An answer that waits for the leader takes 4 messages, and 2
 * more where a txn is to be committed first. Servers give each other more time: 2 ticks at least, of which
 * they are silent for half a tick between pings.
 */
const MAX_LATE_TICKS = 0.15;
