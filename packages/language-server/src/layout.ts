/** How many bytes a class takes on the wire, worked out from the syntax, so that it can be shown beside mistakes. */
import { type Declaration, type Sources, type TypeAst, wireType } from "@jute-ts/compiler/analysis";

export interface Size {
  /** The minimum number of bytes. */
  readonly bytes: number;
  /** Whether every value takes exactly that many. */
  readonly isFixed: boolean;
}

export interface FieldLayout {
  readonly name: string;
  readonly type: string;
  readonly size: Size;
  /** From the start of the record; undefined after a field whose size varies. */
  readonly offset: number | undefined;
  readonly isOptional: boolean;
}

export interface ClassLayout {
  readonly size: Size;
  readonly fields: readonly FieldLayout[];
}

/** The length before strings, buffers, vectors and maps. */
const LENGTH_BYTES = 4;

export function layoutOf(declaration: Declaration, sources: Sources): ClassLayout {
  return new Layouts(sources).ofClass(declaration);
}

export function sizeOf(type: TypeAst, sources: Sources): Size {
  return new Layouts(sources).ofType(type);
}

/** A type as one writes it. */
export function typeText(type: TypeAst): string {
  switch (type.kind) {
    case "vector":
      return `vector<${typeText(type.element)}>`;
    case "map":
      return `map<${typeText(type.key)}, ${typeText(type.value)}>`;
    case "name":
      return type.name;
    default:
      return type.kind;
  }
}

class Layouts {
  readonly #sources: Sources;
  readonly #known = new Map<Declaration, Size>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  ofClass(declaration: Declaration): ClassLayout {
    let offset: number | undefined = 0;
    let bytes = 0;
    let isFixed = true;
    const fields = declaration.class.fields.map((field): FieldLayout => {
      const size = this.ofType(field.type);
      const isOptional = field.annotations.some(({ name }) => name === "optional");
      const row = { name: field.name, type: typeText(field.type), size, offset, isOptional };
      bytes += isOptional ? 0 : size.bytes;
      isFixed &&= size.isFixed && !isOptional;
      offset = size.isFixed && offset !== undefined ? offset + size.bytes : undefined;
      return row;
    });
    return { size: { bytes, isFixed }, fields };
  }

  ofType(type: TypeAst): Size {
    switch (type.kind) {
      case "vector":
      case "map":
        return { bytes: LENGTH_BYTES, isFixed: false };
      case "name": {
        const record = this.#sources.meanings.get(type);
        return (record && this.#known.get(record)) ?? this.#ofRecord(record);
      }
      default: {
        const { size } = wireType(type.kind);
        return size === undefined
          ? { bytes: LENGTH_BYTES, isFixed: false }
          : { bytes: size, isFixed: true };
      }
    }
  }

  /** A loop and a list of its own, because records may nest deeper than calls may. */
  #ofRecord(root: Declaration | undefined): Size {
    if (root === undefined) return UNKNOWN;
    const pending = [root];
    for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
      if (!this.#known.has(next)) {
        // What a record that holds itself counts for: that is a mistake, and reported.
        this.#known.set(next, UNKNOWN);
        const inside = next.class.fields.flatMap(
          ({ type }) => this.#sources.directRecord(type) ?? [],
        );
        const first = inside.filter((each) => !this.#known.has(each));
        pending.push(...first);
        if (first.length > 0) continue;
      }
      pending.pop();
      this.#known.set(next, this.ofClass(next).size);
    }
    return this.#known.get(root) ?? UNKNOWN;
  }
}

const UNKNOWN: Size = { bytes: 0, isFixed: false };
