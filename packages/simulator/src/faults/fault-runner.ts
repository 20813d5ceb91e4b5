/**
 * Makes planned faults happen, and their ends: crashed peers are started again,
 * blocks are lifted. When the ensemble is to heal, everything that is still
 * broken is repaired at once. Also the operator: starts peers that stopped
 * because of a disk, after a while.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { InvariantViolation } from "../checkers/checker.js";
import { DiskFaults } from "./disk-faults.js";
import type { FaultSupport } from "./fault-support.js";
import type { Direction, Fault, FaultyWorld, PlannedFault, Target } from "./faults.js";
import { Lookout } from "./lookout.js";
import { misstate } from "./misstate.js";
import { pose } from "./strangers.js";
import type { PeerProcess } from "../world/peer-process.js";
import type { Layer } from "../world/reachability.js";

export class FaultRunner {
  readonly #world: FaultyWorld;
  readonly #operatorDelayMs: number;
  readonly #lookout: Lookout;
  /** Peers whose disk was told to fail at some time, so that stopping over it is right. */
  readonly #failedDisks = new Set<Sid>();
  /** How long those stay down that were asked to stop. */
  readonly #downMs = new Map<Sid, number>();
  readonly #support: FaultSupport;
  readonly #disks: DiskFaults;
  /** What ends custom faults that have begun. */
  readonly #repairs = new Set<() => void>();
  #isOver = false;

  constructor(world: FaultyWorld, operatorDelayMs: number) {
    this.#world = world;
    this.#operatorDelayMs = operatorDelayMs;
    this.#lookout = new Lookout(world, operatorDelayMs / LOOKS_PER_DELAY, () => this.#isOver);
    this.#support = {
      later: (delayMs, act) => {
        this.#later(delayMs, act);
      },
      restartLater: (process, delayMs) => {
        this.#restartLater(process, delayMs);
      },
      count: (fault, detail) => {
        this.#count(fault, detail);
      },
      tell: (sid, text) => {
        this.#tell(sid, text);
      },
      lookout: this.#lookout,
    };
    this.#disks = new DiskFaults(world, this.#support);
  }

  schedule(plan: readonly PlannedFault[]): void {
    for (const { atMs, fault } of plan) {
      this.#world.queue.at(atMs, () => {
        if (!this.#isOver) this.fire(fault);
      });
    }
  }

  /** Makes a fault happen now, or when the one is there whom it waits for. */
  fire(fault: Fault): void {
    if ("target" in fault && fault.target.kind === "candidate")
      this.#await(fault.target, () => {
        this.#fireNow(fault);
      });
    else this.#fireNow(fault);
  }

  #fireNow(fault: Fault): void {
    const world = this.#world;
    switch (fault.kind) {
      case "crash":
        this.#crash(this.#hit(fault.target), fault);
        break;
      case "pause": {
        const process = this.#hit(fault.target);
        if (!process.isRunning) break;
        this.#count(fault, `clock ${fault.clock}`);
        process.pause(fault.clock);
        const { life } = process;
        this.#later(fault.forMs, () => {
          if (process.life === life) process.resume();
        });
        break;
      }
      case "partition":
        this.#count(fault, fault.shape);
        this.#block(fault.layers, fault.blocked, fault.forMs, `partition (${fault.shape})`);
        break;
      case "isolate": {
        const { sid } = this.#hit(fault.target);
        const others = world.processes
          .map((process) => process.sid)
          .filter((other) => other !== sid);
        const outgoing = others.map((to) => ({ from: sid, to }));
        const incoming = others.map((from) => ({ from, to: sid }));
        const blocked = [
          ...(fault.directions === "incoming" ? [] : outgoing),
          ...(fault.directions === "outgoing" ? [] : incoming),
        ];
        this.#count(fault, fault.directions);
        this.#block(fault.layers, blocked, fault.forMs, `${sid} is isolated (${fault.directions})`);
        break;
      }
      case "cut": {
        const [one, other] = [world.process(fault.one), world.process(fault.other)];
        if (fault.layer === "election") world.election.cut(one.index, other.index);
        else if (world.quorum.cut(one.index, other.index) === 0) break;
        this.#count(fault, fault.layer);
        this.#tell(undefined, `${fault.layer} connection ${fault.one}-${fault.other} is cut`);
        break;
      }
      case "halfOpen": {
        const [believer, other] = [world.process(fault.believer), world.process(fault.other)];
        const layer = fault.layer === "quorum" ? world.quorum : world.election;
        const role = believer.status?.role ?? "down";
        const towards = other.status?.role === "looking" ? "looking" : "settled";
        if (!layer.halfOpen(believer.index, other.index, fault.forMs)) break;
        this.#count(
          fault,
          fault.layer === "quorum" ? `of one ${role}` : `towards a ${towards} peer`,
        );
        const what = `its ${fault.layer} link to ${other.sid} is gone`;
        this.#tell(believer.sid, `does not know that ${what}`);
        break;
      }
      case "impostor":
        pose(this.#world, this.#support, this.#hit(fault.target), fault);
        break;
      case "breakOff":
        world.quorum.breakAt(fault.packet, fault.nth, () => {
          this.#count(fault, fault.packet);
          this.#tell(undefined, `the connection breaks on which ${fault.packet} is sent`);
        });
        break;
      case "misstatement":
        misstate(this.#world, this.#support, fault);
        break;
      case "slowReader": {
        const { from, to } = fault.direction;
        const [sender, reader] = [world.process(from).index, world.process(to).index];
        this.#count(fault);
        this.#tell(to, `reads slowly what ${from} sends`);
        world.quorum.readSlowly(sender, reader, fault.everyMs);
        this.#later(fault.forMs, () => {
          world.quorum.readSlowly(sender, reader, 0);
        });
        break;
      }
      case "electionNoise":
        this.#count(fault);
        this.#tell(undefined, "election messages are lost and doubled");
        world.election.setNoise(fault.noise);
        this.#later(fault.forMs, () => {
          world.election.setNoise(undefined);
        });
        break;
      case "slowDisk": {
        const process = this.#hit(fault.target);
        this.#count(fault);
        this.#tell(process.sid, `disk is ${fault.factor} times as slow`);
        process.disk.slowDown(fault.factor);
        this.#later(fault.forMs, () => {
          process.disk.slowDown(1);
        });
        break;
      }
      case "hungDisk": {
        const { sid, disk } = this.#hit(fault.target);
        this.#count(fault, fault.allButOne ? "of all but one" : "alone");
        this.#tell(sid, "disk hangs");
        disk.hang();
        this.#later(fault.forMs, () => {
          this.#tell(sid, "disk goes on");
          disk.goOn();
        });
        break;
      }
      case "failFile": {
        const process = this.#hit(fault.target);
        this.#count(fault, `${fault.fault.operation} ${fault.fault.reason}`);
        this.#tell(
          process.sid,
          `the next ${fault.fault.operation} will fail: ${fault.fault.reason}`,
        );
        this.#failedDisks.add(process.sid);
        process.disk.failNext(fault.fault);
        break;
      }
      case "stop": {
        const process = this.#hit(fault.target);
        if (!process.up) break;
        this.#count(fault, fault.inTurn ? "in turn" : "alone");
        this.#tell(process.sid, "is to stop");
        this.#downMs.set(process.sid, fault.downMs);
        process.handle({ kind: "stop" });
        break;
      }
      case "takenPort":
        this.#takePort(this.#hit(fault.target), fault);
        break;
      case "fullDisk": {
        const process = this.#hit(fault.target);
        this.#count(fault);
        this.#tell(process.sid, "disk is full");
        this.#failedDisks.add(process.sid);
        process.setDiskFull(true);
        this.#later(fault.forMs, () => {
          process.setDiskFull(false);
        });
        break;
      }
      case "wipe":
        this.#disks.wipe(this.#hit(fault.target), fault);
        break;
      case "rot":
        this.#disks.rot(this.#hit(fault.target), fault);
        break;
      case "olderDisk":
        this.#disks.olderDisk(this.#hit(fault.target), fault);
        break;
      case "damage":
        this.#disks.damage(this.#hit(fault.target), fault);
        break;
      case "wallClockJump": {
        const process = this.#hit(fault.target);
        this.#count(fault);
        this.#tell(process.sid, `wall clock jumps by ${fault.deltaMs} ms`);
        process.jumpWallClock(fault.deltaMs);
        break;
      }
      case "custom": {
        this.#count(fault, fault.name);
        this.#tell(undefined, `${fault.name} begins`);
        const repair = fault.begin(world);
        this.#repairs.add(repair);
        this.#later(fault.forMs, () => {
          this.#tell(undefined, `${fault.name} ends`);
          this.#repairs.delete(repair);
          repair();
        });
        break;
      }
    }
  }

  /** A peer has stopped by itself. When its disk is to blame, somebody will start it again. */
  onStopped(process: PeerProcess): void {
    const reason = process.stopReason;
    if (reason === "disk" && this.#failedDisks.has(process.sid)) {
      if (process.isDiskFull) this.#world.coverage.count("fault", "fullDisk outlasts a process");
      this.#restartLater(process, this.#operatorDelayMs);
    } else if (reason === "refusedToStart" && this.#disks.onRefused(process)) {
      this.#world.queue.after(this.#operatorDelayMs, () => {
        if (!process.up) process.start();
      });
    } else if (reason === "asked") {
      const downMs = this.#downMs.get(process.sid);
      if (downMs !== undefined) this.#restartLater(process, downMs);
    } else {
      throw new InvariantViolation(
        "KeepsRunning",
        `peer ${process.sid} stopped (${reason ?? "without a reason"}), which nothing called for`,
      );
    }
  }

  /** Repairs everything. No fault happens any more. */
  heal(): void {
    const { reachability, election, quorum, processes } = this.#world;
    this.#isOver = true;
    for (const repair of this.#repairs) repair();
    this.#repairs.clear();
    reachability.openAll();
    election.setNoise(undefined);
    quorum.forgetAwaited();
    for (const process of processes) {
      for (const other of processes) quorum.readSlowly(other.index, process.index, 0);
      quorum.freePort(process.index);
      process.disarmTrap();
      process.setDiskFull(false);
      process.disk.heal();
      process.disk.goOn();
      process.resume();
    }
    this.#disks.heal();
    for (const process of processes) if (!process.up) process.start();
  }

  #crash(process: PeerProcess, fault: Fault & { readonly kind: "crash" }): void {
    if (!process.up) return;
    const { trap, manner } = fault;
    const onCrashed = (): void => {
      this.#count(fault, manner.loss.kind);
      this.#restartAfter(process, fault);
    };
    if (trap !== undefined) {
      process.setTrap(trap, manner, onCrashed);
      return;
    }
    process.crash(manner);
    onCrashed();
  }

  /** Whoever listens goes on, and finds the port taken when it is to listen again. */
  #takePort({ sid, index }: PeerProcess, fault: Fault & { readonly kind: "takenPort" }): void {
    const { quorum } = this.#world;
    if (quorum.isTaken(index)) return;
    this.#count(fault);
    this.#tell(sid, "port is taken by another process");
    quorum.takePort(index);
    this.#later(fault.forMs, () => {
      this.#tell(sid, "port is free again");
      quorum.freePort(index);
    });
  }

  #restartAfter(process: PeerProcess, fault: Fault & { readonly kind: "crash" }): void {
    const { downMs, comesBack } = fault;
    this.#restartLater(process, downMs);
    if (comesBack === "afterwards") return;
    const { life } = process;
    const untilMs = this.#world.queue.nowMs + downMs;
    this.#lookout.keep(() => {
      if (process.up || process.life !== life || this.#world.queue.nowMs >= untilMs) return true;
      if (!this.#somebodyLeads(comesBack)) return false;
      this.#count(fault, comesBack);
      process.start();
      return true;
    });
  }

  #somebodyLeads(how: "onceElected" | "onceServing"): boolean {
    return this.#world.processes.some(
      ({ status }) => status?.role === "leading" && (how === "onceElected" || status.serving),
    );
  }

  #restartLater(process: PeerProcess, delayMs: number): void {
    this.#later(delayMs, () => {
      if (!process.up) process.start();
    });
  }

  #block(
    layers: readonly Layer[],
    blocked: readonly Direction[],
    forMs: number,
    what: string,
  ): void {
    const { reachability } = this.#world;
    const directions = layers.flatMap((layer) =>
      blocked.map(({ from, to }) => ({
        layer,
        from: this.#world.process(from).index,
        to: this.#world.process(to).index,
      })),
    );
    this.#tell(undefined, `${what} on ${layers.join(" and ")} for ${forMs.toFixed(0)} ms`);
    for (const { layer, from, to } of directions) reachability.block(layer, from, to);
    this.#later(forMs, () => {
      this.#tell(undefined, `end of ${what}`);
      for (const { layer, from, to } of directions) reachability.unblock(layer, from, to);
    });
  }

  #hit(target: Target): PeerProcess {
    if (target.kind === "sid") return this.#world.process(target.sid);
    const found = target.kind === "leader" ? this.#leader() : this.#candidate();
    return found ?? this.#world.process(target.otherwise);
  }

  #leader(): PeerProcess | undefined {
    return this.#world.processes.find(({ status }) => status?.role === "leading");
  }

  #candidate(): PeerProcess | undefined {
    return this.#world.processes.find(
      ({ status }) => status?.role === "leading" && status.phase === "discovery",
    );
  }

  /** Acts when there is a candidate, or when it has waited for long enough. */
  #await({ withinMs }: Target & { readonly kind: "candidate" }, act: () => void): void {
    const endMs = this.#world.queue.nowMs + withinMs;
    const look = (): boolean => {
      if (this.#candidate() === undefined && this.#world.queue.nowMs < endMs) return false;
      act();
      return true;
    };
    this.#lookout.keep(look, { endMs });
  }

  /** Something that belongs to a fault, and does not happen any more after healing. */
  #later(delayMs: number, act: () => void): void {
    this.#world.queue.after(delayMs, () => {
      if (!this.#isOver) act();
    });
  }

  #count(fault: Fault, detail?: string): void {
    this.#world.coverage.count("fault", fault.kind);
    if (detail !== undefined) this.#world.coverage.count("fault", `${fault.kind} ${detail}`);
  }

  #tell(sid: Sid | undefined, text: string): void {
    this.#world.trace.onWorld(this.#world.queue.nowMs, sid, text);
  }
}

/** How often it is looked whether somebody leads by now, within the delay that the operator otherwise needs. */
const LOOKS_PER_DELAY = 1000;
