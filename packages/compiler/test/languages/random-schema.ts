/**
 * Random legal Jute sources: several modules in one or more files, nasty names,
 * every type in every position, forward and recursive references through
 * containers, annotations, and comments that are trouble for whoever copies
 * them. Whatever comes out must compile: the rules of the language are kept by
 * construction, so a diagnostic of severity error is a bug on one side or the other.
 */
import fc, { type Arbitrary } from "fast-check";
import type { SourceFile } from "../../src/syntax/source-file.js";
import { KEYWORDS, NASTY_CLASSES, NASTY_FIELDS, NASTY_WORDS } from "./nasty-words.js";

/** One to three files that belong together. */
export const randomSchema: Arbitrary<readonly SourceFile[]> = fc
  .record({
    splitIntoFiles: fc.boolean(),
    modules: fc.array(
      fc.record({
        name: fc.array(segment(), { minLength: 1, maxLength: 3 }),
        comment: comment(),
        classes: fc.array(rawClass(), { minLength: 1, maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ splitIntoFiles, modules }) => print(resolve(modules, splitIntoFiles), splitIntoFiles));

// ---------------------------------------------------------------- raw choices

interface RawClass {
  readonly name: string;
  readonly comment: string;
  readonly fields: readonly RawField[];
  /** How many of the last fields are optional. */
  readonly optionalCount: number;
}

interface RawField {
  readonly name: string;
  readonly type: RawType;
  readonly nonNull: boolean;
  readonly nonNullElements: boolean;
  readonly comment: string;
}

type RawType =
  | { readonly kind: "primitive"; readonly name: string }
  | { readonly kind: "vector"; readonly element: RawType }
  | { readonly kind: "map"; readonly key: RawType; readonly value: RawType }
  /** The n-th of the classes that are allowed at the place. */
  | { readonly kind: "class"; readonly choice: number };

interface RawModule {
  readonly name: readonly string[];
  readonly comment: string;
  readonly classes: readonly RawClass[];
}

function rawClass(): Arbitrary<RawClass> {
  return fc.record({
    name: className(),
    comment: comment(),
    fields: fc.array(
      fc.record({
        name: fieldName(),
        type: rawType(),
        nonNull: fc.boolean(),
        nonNullElements: fc.boolean(),
        comment: comment(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    optionalCount: fc.oneof({ arbitrary: fc.constant(0), weight: 4 }, fc.nat(3)),
  });
}

function rawType(): Arbitrary<RawType> {
  const primitive = fc
    .constantFrom("byte", "boolean", "int", "long", "float", "double", "ustring", "buffer")
    .map((name): RawType => ({ kind: "primitive", name }));
  const reference = fc.nat(1000).map((choice): RawType => ({ kind: "class", choice }));
  return fc.letrec<{ type: RawType }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { arbitrary: primitive, weight: 3 },
      { arbitrary: reference, weight: 2 },
      {
        arbitrary: tie("type").map((element): RawType => ({ kind: "vector", element })),
        weight: 2,
      },
      {
        arbitrary: fc
          .tuple(tie("type"), tie("type"))
          .map(([key, value]): RawType => ({ kind: "map", key, value })),
        weight: 1,
      },
    ),
  })).type;
}

function segment(): Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom("delete", "function", "new", "index", "Map", "prototype", "constructor"),
    identifier(),
  );
}

function className(): Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...NASTY_CLASSES),
    fc.constantFrom(...NASTY_FIELDS),
    identifier(),
  );
}

function fieldName(): Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...NASTY_FIELDS), weight: 2 },
    { arbitrary: fc.constantFrom(...NASTY_CLASSES), weight: 1 },
    { arbitrary: identifier(), weight: 3 },
  );
}

function identifier(): Arbitrary<string> {
  return fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,5}$/).filter((name) => !KEYWORDS.has(name));
}

/** Empty, or a whole comment on lines of its own. */
function comment(): Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constant(""), weight: 4 },
    {
      arbitrary: fc
        .array(fc.constantFrom(...NASTY_WORDS), { maxLength: 4 })
        .map((words) => `// ${words.join(" ")}\n`),
      weight: 1,
    },
    {
      arbitrary: fc
        .array(fc.constantFrom(...NASTY_WORDS.filter((word) => !word.includes("*/"))), {
          maxLength: 4,
        })
        .map((words) => `/**\n * ${words.join("\n * ")}\n */\n`),
      weight: 1,
    },
  );
}

// ---------------------------------------------------------------- legal by construction

interface Module {
  readonly name: string;
  readonly comment: string;
  readonly classes: readonly Class[];
}

interface Class {
  readonly name: string;
  readonly comment: string;
  readonly fields: readonly string[];
}

/** A class while its references are being resolved. */
interface Draft {
  readonly raw: RawClass;
  readonly module: number;
  readonly name: string;
  readonly fullName: string;
  /** Ends in an optional field, itself or through its last field, so nothing may follow it. */
  readonly openEnded: boolean;
  /** Has perhaps no field that always takes a byte, so it cannot be optional. */
  readonly mayBeEmpty: boolean;
}

function resolve(rawModules: readonly RawModule[], splitIntoFiles: boolean): readonly Module[] {
  const moduleNames = distinct(rawModules.map(({ name }) => name.join(".")));
  const drafts: Draft[] = [];
  for (const [module, { classes }] of rawModules.entries()) {
    const names = distinct(classes.map(({ name }) => name));
    for (const [i, raw] of classes.entries()) {
      const name = names[i] ?? "";
      drafts.push({
        raw,
        module,
        name,
        fullName: `${moduleNames[module] ?? ""}.${name}`,
        openEnded: raw.optionalCount > 0 || endsInOpenEnded(raw, drafts),
        mayBeEmpty: raw.fields
          .slice(0, Math.max(0, raw.fields.length - raw.optionalCount))
          .every(({ type }) => type.kind === "class"),
      });
    }
  }
  return rawModules.map((rawModule, module) => ({
    name: moduleNames[module] ?? "",
    comment: rawModule.comment,
    classes: drafts
      .filter((draft) => draft.module === module)
      .map((draft) => ({
        name: draft.name,
        comment: draft.raw.comment,
        fields: printFields(draft, drafts, splitIntoFiles),
      })),
  }));
}

function endsInOpenEnded(raw: RawClass, earlier: readonly Draft[]): boolean {
  const last = raw.fields.at(-1)?.type;
  return last?.kind === "class" && (chosen(earlier, last.choice)?.openEnded ?? false);
}

function printFields(draft: Draft, drafts: readonly Draft[], split: boolean): readonly string[] {
  const { raw } = draft;
  const earlier = drafts.slice(0, drafts.indexOf(draft));
  // With one file per module, only this module and those of earlier files can be seen.
  const visible = drafts.filter(({ module }) => !split || module <= draft.module);
  const names = distinct(
    raw.fields.map(({ name }) => name),
    sameName,
  );

  const inContainer = (type: RawType): string => {
    switch (type.kind) {
      case "primitive":
        return type.name;
      case "vector":
        return `vector<${inContainer(type.element)}>`;
      case "map":
        return `map<${inContainer(type.key)},${inContainer(type.value)}>`;
      case "class": {
        const closed = visible.filter(({ openEnded }) => !openEnded);
        return nameFrom(draft, chosen(closed, type.choice));
      }
    }
  };

  return raw.fields.map((field, i) => {
    const isLast = i === raw.fields.length - 1;
    const optional = i >= raw.fields.length - raw.optionalCount;
    let type: string;
    if (field.type.kind === "class") {
      // Inline, only what came before: then no record contains itself without a container between.
      const choice = chosen(earlier, field.type.choice);
      const isMisplaced = choice?.openEnded === true && !isLast;
      const looksMissing = choice?.mayBeEmpty === true && optional;
      type = isMisplaced || looksMissing ? "int" : nameFrom(draft, choice);
    } else {
      type = inContainer(field.type);
    }
    const canBeNull = /^(ustring$|buffer$|vector<)/.test(type);
    // In a key, null can lie one level deeper only.
    const canHoldNull =
      /^(vector<|map<[^<>]*,)(ustring>|buffer>|vector<)/.test(type) ||
      /^\w+<.*vector<(ustring|buffer|vector)/.test(type);
    const annotations = [
      ...(optional ? ["@jute:optional"] : []),
      ...(field.nonNull && canBeNull ? ["@jute:nonnull"] : []),
      ...(field.nonNullElements && canHoldNull ? ["@jute:nonnull-elements"] : []),
    ];
    const trailing = annotations.length === 0 ? "" : ` // ${annotations.join(" ")}`;
    return `${field.comment}${type} ${names[i] ?? ""};${trailing}`;
  });
}

function nameFrom(from: Draft, to: Draft | undefined): string {
  if (to === undefined) return "long";
  return to.module === from.module ? to.name : to.fullName;
}

function chosen(candidates: readonly Draft[], choice: number): Draft | undefined {
  return candidates[choice % Math.max(1, candidates.length)];
}

/** Appends to a name that is taken until it is free. Files are named after modules and classes, so their case does not count. */
function distinct(
  names: readonly string[],
  identity: (name: string) => string = (name) => name.toLowerCase(),
): readonly string[] {
  const taken = new Set<string>();
  return names.map((wanted) => {
    let name = wanted;
    for (let i = 2; taken.has(identity(name)); i++) name = `${wanted}${String(i)}`;
    taken.add(identity(name));
    return name;
  });
}

function sameName(name: string): string {
  return name;
}

function print(modules: readonly Module[], splitIntoFiles: boolean): readonly SourceFile[] {
  const texts = modules.map(
    ({ name, comment: doc, classes }) =>
      `${doc}module ${name} {\n${classes
        .map((c) => `${c.comment}class ${c.name} {\n${c.fields.join("\n")}\n}\n`)
        .join("\n")}}\n`,
  );
  if (!splitIntoFiles) return [{ path: "random.jute", text: texts.join("\n") }];
  return texts.map((text, i) => ({
    path: `random${String(i)}.jute`,
    text:
      texts
        .slice(0, i)
        .map((_, earlier) => `include "random${String(earlier)}.jute"\n`)
        .join("") + text,
  }));
}
