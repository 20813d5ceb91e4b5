import { expect, it } from "vitest";
import { loopBusyMs, SyncPlace } from "./sync-place.js";

/** A thread that does something for this share of the time, and a disk; the clock is moved by hand. */
class Machine {
  nowMs = 1000;
  share = 0;
  readonly place = new SyncPlace(() => this.#busyMs);
  #busyMs = 0;

  pass(ms: number): void {
    this.nowMs += ms;
    this.#busyMs += ms * this.share;
  }

  /** Fsyncs every 5 ms; whether the last of them was made in place. */
  sync(count: number, tookMs: number, bytes = 200): boolean {
    let isInPlace = false;
    for (let left = count; left > 0; left--) {
      this.pass(5);
      isInPlace = this.place.suits(bytes, this.nowMs);
      this.nowMs += tookMs;
      // What is made in place keeps the thread busy, and is not held against it.
      if (isInPlace) this.#busyMs += tookMs;
      this.place.onSynced({ tookMs, isInPlace }, this.nowMs);
    }
    return isInPlace;
  }
}

it("begins on the pool, and goes in place once fsyncs are known to be quick", () => {
  const machine = new Machine();
  expect(machine.sync(1, 0.2)).toBe(false);
  expect(machine.sync(30, 0.2)).toBe(true);
});

it("leaves slow fsyncs to the pool, and comes back when they are quick again", () => {
  const machine = new Machine();
  expect(machine.sync(100, 5)).toBe(false);
  expect(machine.sync(100, 0.2)).toBe(true);
  expect(machine.sync(20, 5)).toBe(false);
});

it("bears one that is slow among many that are quick", () => {
  const machine = new Machine();
  machine.sync(100, 0.2);
  machine.sync(1, 4);
  expect(machine.sync(1, 0.2)).toBe(true);
});

it("stays on the pool for a minute after one that took very long, wherever it was made", () => {
  const machine = new Machine();
  machine.sync(100, 0.2);
  machine.sync(1, 3000);
  expect(machine.sync(1000, 0.2)).toBe(false);
  machine.pass(60_000);
  machine.sync(30, 0.2);
  expect(machine.sync(1, 0.2)).toBe(true);
  machine.place.onSynced({ tookMs: 100, isInPlace: false }, machine.nowMs);
  expect(machine.sync(100, 0.2)).toBe(false);
});

it("does not blame the disk for a thread that was too busy to hear of it", () => {
  const machine = new Machine();
  machine.sync(100, 0.2);
  machine.share = 1;
  machine.place.suits(200, machine.nowMs);
  machine.pass(300);
  machine.place.onSynced({ tookMs: 300, isInPlace: false }, machine.nowMs);
  machine.share = 0;
  expect(machine.sync(30, 0.2)).toBe(true);
});

it("stays on the pool after one that took very long while the thread had something to do as well", () => {
  const machine = new Machine();
  machine.sync(100, 0.2);
  machine.share = 0.2;
  machine.place.suits(200, machine.nowMs);
  machine.pass(300);
  machine.place.onSynced({ tookMs: 300, isInPlace: false }, machine.nowMs);
  expect(machine.sync(1000, 0.2)).toBe(false);
});

it("leaves what is long, or more than bytes, to the pool", () => {
  const machine = new Machine();
  machine.sync(100, 0.2);
  expect(machine.sync(1, 0.2, 16_384)).toBe(true);
  expect(machine.sync(1, 0.2, 16_385)).toBe(false);
  expect(machine.sync(1, 0.2, Infinity)).toBe(false);
});

it("keeps a thread free that has other things to do", () => {
  const machine = new Machine();
  machine.share = 0.8;
  expect(machine.sync(100, 0.2)).toBe(false);
  machine.share = 0.2;
  expect(machine.sync(100, 0.2)).toBe(true);
  machine.share = 0.8;
  expect(machine.sync(100, 0.2)).toBe(false);
});

it("does not take its own fsyncs for other things to do", () => {
  const machine = new Machine();
  machine.sync(100, 0.2);
  // Nearly all of the time goes into them.
  for (let left = 1000; left > 0; left--) {
    machine.nowMs -= 4.9;
    machine.sync(1, 0.9);
  }
  expect(machine.sync(1, 0.9)).toBe(true);
});

it("reads how busy this thread is", async () => {
  const before = loopBusyMs();
  const endMs = performance.now() + 30;
  while (performance.now() < endMs);
  const worked = loopBusyMs() - before;
  expect(worked).toBeGreaterThan(25);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(loopBusyMs() - before - worked).toBeLessThan(150);
});
