/**
 * Broken, and sometimes still valid, variants of the corpus: tokens deleted,
 * doubled, swapped and inserted, characters changed. Seeded, so that the texts
 * need not be stored: the same seed always gives the same texts.
 */
import { corpus } from "./corpus.js";

const mutationCount = 6000;

/** The mutations in order. */
export function mutations(): readonly string[] {
  const random = new Random(20_181_127);
  const originals = Object.values(corpus).filter((text) => text.length > 0);
  return Array.from({ length: mutationCount }, () => {
    let text = random.pick(originals);
    const edits = random.below(5) < 3 ? 1 : 2;
    for (let edit = 0; edit < edits; edit++) text = mutate(text, random);
    return text;
  });
}

function mutate(text: string, random: Random): string {
  if (random.below(4) === 0) return editCharacters(text, random);
  const pieces = text.match(/[A-Za-z0-9_]+|\s+|"[^"]*"|\/\/[^\n\r]*|\/\*[^]*?\*\/|[^]/g) ?? [];
  const words = pieces.flatMap((piece, index) => (piece.trim() === "" ? [] : [index]));
  if (words.length === 0) return text + random.pick(insertable);
  const at = random.pick(words);
  const other = random.pick(words);
  const copy = [...pieces];
  switch (random.below(6)) {
    case 0:
      copy[at] = "";
      break;
    case 1:
      copy[at] = `${copy[at] ?? ""} ${copy[at] ?? ""}`;
      break;
    case 2:
      [copy[at], copy[other]] = [copy[other] ?? "", copy[at] ?? ""];
      break;
    case 3:
      copy[at] = ` ${random.pick(insertable)} ${copy[at] ?? ""}`;
      break;
    case 4:
      copy[at] = random.pick(insertable);
      break;
    default:
      copy.length = at;
  }
  return copy.join("");
}

function editCharacters(text: string, random: Random): string {
  const at = random.below(text.length);
  const character = random.pick(characters);
  switch (random.below(3)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + character + text.slice(at);
    default:
      return text.slice(0, at) + character + text.slice(at + 1);
  }
}

/** Mulberry32: small, and the same everywhere. */
class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
}

// prettier-ignore
const insertable = [
  "module", "class", "include", "int", "long", "ustring", "buffer", "vector", "map", "boolean",
  "{", "}", "<", ">", ";", ",", ".", '"shared.jute"', '"', '""', "// c\n", "// c", "/* c */", "/*",
  "*/", "x", "C", "First", "m.First", "shared.Id", "_", "0", "=", "@jute:optional", "\n", "int y;",
  "class D { int z; }", "module n { class E { m.C c; } }", "vector<First>", "map<int,m.C>",
];

const characters = Array.from('abzAZ09_;{}<>,."/*\\ \t\n\r-$=é\u{1F600}\uFEFF\f');
