import { expect, test } from "vitest";
import { Changes } from "../world/changes.js";
import { EventQueue } from "../world/event-queue.js";
import { Lookout } from "./lookout.js";

function newWorld() {
  const [queue, changes] = [new EventQueue(), new Changes()];
  let isOver = false;
  const lookout = new Lookout({ queue, changes }, 10, () => isOver);
  const looks: number[] = [];
  let holds = false;
  const look = (): boolean => {
    looks.push(queue.nowMs);
    return holds;
  };
  return {
    queue,
    looks,
    lookout,
    look,
    changeAt: (timeMs: number, isRight: boolean) => {
      queue.at(timeMs, () => {
        holds = isRight;
        changes.happened();
      });
    },
    endAt: (timeMs: number) => {
      queue.at(timeMs, () => {
        isOver = true;
      });
    },
    runAll: () => {
      while (queue.advance());
    },
  };
}

test("looks at its own times, and only where something has changed since", () => {
  const { queue, lookout, look, looks, changeAt, runAll } = newWorld();
  lookout.keep(look);
  changeAt(34, false);
  changeAt(36, false);
  changeAt(71, true);
  runAll();
  expect(looks).toEqual([0, 40, 80]);
  expect(queue.nowMs).toBe(80);
});

test("does not see what was right for less than the time between two looks", () => {
  const { lookout, look, looks, changeAt, runAll } = newWorld();
  lookout.keep(look);
  changeAt(31, true);
  changeAt(39, false);
  runAll();
  expect(looks).toEqual([0, 40]);
});

test("looks at the end, though nothing has changed", () => {
  const { lookout, look, looks, runAll } = newWorld();
  lookout.keep(look, { endMs: 95 });
  runAll();
  // Its times are 0, 10 and so on.
  expect(looks).toEqual([0, 100]);
});

test("gives up after so many times, counting those at which it need not look", () => {
  const { lookout, look, looks, changeAt, runAll } = newWorld();
  lookout.keep(look, { looks: 3 });
  changeAt(11, false);
  changeAt(21, true);
  runAll();
  expect(looks).toEqual([0, 20]);
});

test("looks no more when all is over", () => {
  const { lookout, look, looks, changeAt, endAt, runAll } = newWorld();
  lookout.keep(look);
  endAt(5);
  changeAt(15, true);
  runAll();
  expect(looks).toEqual([0]);
});

test("keeps the order of those that wait for the same moment, whatever woke them", () => {
  const { queue, lookout, changeAt, runAll } = newWorld();
  const order: string[] = [];
  let isEarly = true;
  const named = (name: string) => (): boolean => {
    if (!isEarly) order.push(name);
    return !isEarly;
  };
  lookout.keep(named("first"));
  lookout.keep(named("second"), { endMs: 20 });
  queue.at(19, () => {
    isEarly = false;
  });
  changeAt(19.5, true);
  runAll();
  expect(order).toEqual(["first", "second"]);
});
