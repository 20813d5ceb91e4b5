/**
 * Whether a concurrent history could have been produced by one object that does
 * one operation at a time, each at some instant between its call and its return
 * (Herlihy and Wing). The search is Wing and Gong's with Lowe's memoisation: walk
 * the calls that are open, take one that the object allows, and go back when a
 * return comes up whose operation was not taken. A configuration (which
 * operations were taken, what the object became) is never explored twice.
 *
 * Knows no protocol: the object is a `SequentialModel`, the history a list of
 * operations with positions on one time line. Objects are independent, so a
 * history of many keys is checked key by key, which is what keeps this quick.
 */

/** An object that does one operation at a time. */
export interface SequentialModel<State, Operation> {
  readonly initial: State;
  /** What the object becomes, or undefined when the operation cannot have had its outcome in this state. An operation of unknown outcome must be possible in every state. */
  step(state: State, operation: Operation): State | undefined;
  /** Equal texts for equal states, and only for them. */
  identify(state: State): string;
}

export interface TimedOperation<Operation> {
  readonly operation: Operation;
  /** Positions on the history's time line. One that is called where another returns is concurrent with it. */
  readonly called: number;
  /** Undefined: nobody knows whether it happened. It may have, at any time after the call, or never. */
  readonly returned: number | undefined;
}

export type LinearizabilityResult<Operation> =
  | { readonly kind: "linearizable" }
  /** No order explains the history. `explained`: the longest order that was found; `stuck`: the operation whose return it could not explain. */
  | {
      readonly kind: "violated";
      readonly explained: readonly Operation[];
      readonly stuck: Operation;
    }
  /** The search was given up after this many configurations: nothing is known. */
  | { readonly kind: "undecided"; readonly configurations: number };

/**
 * Searches for an order that explains the history. Time and memory are bounded
 * by `maxConfigurations` (100,000), each of which costs about as many steps as
 * operations are open at once.
 */
export function checkLinearizability<State, Operation>(
  model: SequentialModel<State, Operation>,
  history: readonly TimedOperation<Operation>[],
  maxConfigurations = 100_000,
): LinearizabilityResult<Operation> {
  return new Search(model, history).run(maxConfigurations);
}

/** A call or a return in the time line that is left: a doubly linked list, from which taken operations are lifted out. */
interface Entry {
  readonly index: number;
  /** The entry of the operation's return; undefined for a return, and for the call of an unknown outcome. */
  readonly match: Entry | undefined;
  readonly isCall: boolean;
  previous: Entry;
  next: Entry;
}

interface Taken<State> {
  readonly entry: Entry;
  /** What the object was before. */
  readonly state: State;
}

class Search<State, Operation> {
  readonly #model: SequentialModel<State, Operation>;
  readonly #history: readonly TimedOperation<Operation>[];
  readonly #head: Entry;
  readonly #taken: Taken<State>[] = [];
  readonly #done: DoneSet;
  readonly #explored = new Set<string>();
  #state: State;
  /** How many operations with a known outcome still have to be taken. */
  #left: number;
  #longest: readonly number[] = [];
  #stuck = 0;

  constructor(
    model: SequentialModel<State, Operation>,
    history: readonly TimedOperation<Operation>[],
  ) {
    this.#model = model;
    this.#history = [...history].sort((a, b) => a.called - b.called);
    this.#state = model.initial;
    this.#left = history.filter(({ returned }) => returned !== undefined).length;
    this.#done = new DoneSet(history.length);
    this.#head = timeLine(this.#history);
  }

  run(maxConfigurations: number): LinearizabilityResult<Operation> {
    let entry = this.#head.next;
    // Operations of unknown outcome may stay: at the end, after all others, they are possible in any state.
    while (this.#left > 0) {
      if (entry.isCall) {
        const next = this.#tryTaking(entry);
        if (this.#explored.size > maxConfigurations)
          return { kind: "undecided", configurations: this.#explored.size };
        entry = next;
      } else {
        this.#remember(entry);
        const last = this.#taken.pop();
        if (last === undefined) return this.#violation();
        entry = this.#giveBack(last);
      }
    }
    return { kind: "linearizable" };
  }

  /** Takes the operation if the object allows it and that leads somewhere new. Returns where to go on. */
  #tryTaking(entry: Entry): Entry {
    const state = this.#model.step(this.#state, this.#operation(entry.index));
    if (state === undefined) return entry.next;
    this.#done.add(entry.index);
    const configuration = `${this.#done.identify()}/${this.#model.identify(state)}`;
    if (this.#explored.has(configuration)) {
      this.#done.remove(entry.index);
      return entry.next;
    }
    this.#explored.add(configuration);
    this.#taken.push({ entry, state: this.#state });
    this.#state = state;
    lift(entry);
    if (entry.match !== undefined) {
      this.#left--;
      lift(entry.match);
    }
    return this.#head.next;
  }

  /** Puts the operation that was taken last back in its place, and goes on after it. */
  #giveBack({ entry, state }: Taken<State>): Entry {
    if (entry.match !== undefined) {
      putBack(entry.match);
      this.#left++;
    }
    putBack(entry);
    this.#done.remove(entry.index);
    this.#state = state;
    return entry.next;
  }

  #remember(entry: Entry): void {
    if (this.#longest.length > 0 && this.#taken.length <= this.#longest.length) return;
    this.#longest = this.#taken.map((taken) => taken.entry.index);
    this.#stuck = entry.index;
  }

  #violation(): LinearizabilityResult<Operation> {
    return {
      kind: "violated",
      explained: this.#longest.map((index) => this.#operation(index)),
      stuck: this.#operation(this.#stuck),
    };
  }

  #operation(index: number): Operation {
    const timed = this.#history[index];
    if (timed === undefined) throw new RangeError(`no operation ${index} in the history`);
    return timed.operation;
  }
}

/**
 * Which operations were taken. All below a mark are, and a few above it, so the
 * text that identifies the set is as long as the concurrency, not as the history.
 */
class DoneSet {
  readonly #done: Uint8Array;
  /** Every operation below is taken. */
  #mark = 0;
  /** One past the last that is taken. */
  #end = 0;

  constructor(size: number) {
    this.#done = new Uint8Array(size);
  }

  add(index: number): void {
    this.#done[index] = 1;
    if (index >= this.#end) this.#end = index + 1;
    while (this.#done[this.#mark] === 1) this.#mark++;
  }

  remove(index: number): void {
    this.#done[index] = 0;
    if (index < this.#mark) this.#mark = index;
    while (this.#end > 0 && this.#done[this.#end - 1] === 0) this.#end--;
  }

  identify(): string {
    let text = this.#mark.toString(36);
    for (let index = this.#mark; index < this.#end; index++)
      if (this.#done[index] === 1) text += `,${(index - this.#mark).toString(36)}`;
    return text;
  }
}

/** Links the calls and returns in their order, calls first where positions are equal, after an entry that stands for the beginning. */
function timeLine(history: readonly TimedOperation<unknown>[]): Entry {
  const events: { readonly entry: Entry; readonly position: number }[] = [];
  for (const [index, { called, returned }] of history.entries()) {
    const match = returned === undefined ? undefined : unlinked(index, undefined, false);
    events.push({ entry: unlinked(index, match, true), position: called });
    if (match !== undefined) events.push({ entry: match, position: returned ?? called });
  }
  events.sort((a, b) => a.position - b.position || Number(b.entry.isCall) - Number(a.entry.isCall));
  const head = unlinked(-1, undefined, false);
  let last = head;
  for (const { entry } of events) {
    last.next = entry;
    entry.previous = last;
    last = entry;
  }
  last.next = head;
  head.previous = last;
  return head;
}

function unlinked(index: number, match: Entry | undefined, isCall: boolean): Entry {
  const entry = { index, match, isCall } as Entry;
  entry.previous = entry;
  entry.next = entry;
  return entry;
}

function lift(entry: Entry): void {
  entry.previous.next = entry.next;
  entry.next.previous = entry.previous;
}

function putBack(entry: Entry): void {
  entry.previous.next = entry;
  entry.next.previous = entry;
}
