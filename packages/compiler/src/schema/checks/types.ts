/** Finds out which class every type name means, and reports those that mean none, several, or one that Apache's compiler cannot know yet. */
import { advice, diagnose, type DiagnosticHelp, kinds, meant, notes } from "../../diagnostics.js";
import type { NameAst } from "../../syntax/ast.js";
import { foreignIdeas, foreignTypeNames } from "../../syntax/foreign-words.js";
import { keywords } from "../../syntax/keywords.js";
import { closestName } from "../closest-name.js";
import type { LoadedFile } from "../files.js";
import { relativePath } from "../paths.js";
import {
  namesIn,
  type Check,
  type Declaration,
  type DiagnosticSink,
  type Sources,
} from "../sources.js";

export const checkTypes: Check = (sources, report) => {
  const guesses = new NameGuesses(sources);
  const forward: NameAst[] = [];
  for (const declaration of sources.declarations) {
    for (const field of declaration.class.fields) {
      for (const name of namesIn(field.type)) {
        if (resolve(sources, declaration, name, guesses, report) === "forward") forward.push(name);
      }
    }
  }
  reportForwardReferences(forward, report);
};

/** One warning for each file: forward references are legal here, and who makes use of that has many. */
function reportForwardReferences(names: readonly NameAst[], report: DiagnosticSink): void {
  const byFile = new Map<string, NameAst[]>();
  for (const name of names) {
    byFile.set(name.span.file, [...(byFile.get(name.span.file) ?? []), name]);
  }
  for (const ofFile of byFile.values()) {
    const [first, ...others] = ofFile.sort((a, b) => a.span.start - b.span.start);
    if (first === undefined) continue;
    report(diagnose(kinds.forwardReference, [first.name, others.length], first.span));
  }
}

/** Finds the class; "forward" when Apache's compiler could not know it yet. */
function resolve(
  sources: Sources,
  user: Declaration,
  name: NameAst,
  guesses: NameGuesses,
  report: DiagnosticSink,
): "forward" | undefined {
  const visible = sources.visibleFrom(user.file);
  // A name without a dot means the module it stands in, and no other.
  const fullName = name.name.includes(".") ? name.name : `${user.module}.${name.name}`;
  const namesakes = sources.byFullName.get(fullName) ?? [];
  const candidates = namesakes.filter(({ file }) => visible.has(file));
  const [found] = candidates;

  if (found === undefined) {
    const lender = user.file.isSource ? undefined : findLender(sources, namesakes, user.file);
    if (lender !== undefined) {
      sources.meanings.set(name, lender.declaration);
      report(
        diagnose(
          kinds.borrowedType,
          [fullName, lender.file.path],
          name.span,
          includeOf(lender.declaration.file, user.file),
        ),
      );
      return undefined;
    }
    if (isDeclaredInBrokenText(visible, name.name)) return undefined;
    const hidden = namesakes.find(({ file }) => file.isSource);
    const help =
      hidden === undefined ? guesses.suggest(user, name) : includeOf(hidden.file, user.file);
    if (help === undefined && mayBeInMissingFile(visible, name.name)) return undefined;
    report(diagnose(kinds.unknownType, [name.name], name.span, help));
    return undefined;
  }

  sources.meanings.set(name, found);
  const files = new Set(candidates.map(({ file }) => file));
  // When one of the files is compiled in this run, the declarations themselves are reported.
  if (files.size > 1 && candidates.every(({ file }) => !file.isSource)) {
    report(
      diagnose(kinds.ambiguousType, [fullName, files.size], name.span, {
        suggestion: advice.namespaceClash,
        related: candidates.map((candidate) => ({
          message: notes.alsoDeclared,
          span: candidate.class.nameSpan,
        })),
      }),
    );
    return undefined;
  }
  const known =
    found.file === user.file
      ? found.class.span.end <= name.span.start
      : (visible.get(found.file) ?? Infinity) < name.span.start;
  return known ? undefined : "forward";
}

/**
 * Apache's compiler keeps one table of classes for a file and all it includes,
 * so an included file also sees what its includer has seen.
 */
function findLender(
  sources: Sources,
  namesakes: readonly Declaration[],
  user: LoadedFile,
): { readonly declaration: Declaration; readonly file: LoadedFile } | undefined {
  if (namesakes.length === 0) return undefined;
  for (const file of sources.files) {
    if (!file.isSource) continue;
    const visible = sources.visibleFrom(file);
    if (!visible.has(user)) continue;
    const declaration = namesakes.find((namesake) => visible.has(namesake.file));
    if (declaration !== undefined) return { declaration, file };
  }
  return undefined;
}

/** Suggests to include a file, after the includes that are there. */
function includeOf(file: LoadedFile, user: LoadedFile): DiagnosticHelp {
  const path = relativePath(user.path, file.path);
  const last = user.includes.at(-1)?.include.span.end;
  const start = last ?? 0;
  return {
    suggestion: advice.addInclude(file.path, path),
    fix: {
      span: { file: user.path, start, end: start },
      text: last === undefined ? `include "${path}"\n\n` : `\ninclude "${path}"`,
    },
  };
}

/** The declaration itself has been reported, so that its uses need not be. */
function isDeclaredInBrokenText(visible: ReadonlyMap<LoadedFile, number>, name: string): boolean {
  const simpleName = name.slice(name.lastIndexOf(".") + 1);
  return [...visible.keys()].some((file) => file.lostNames.has(simpleName));
}

/** A name of another module is likely declared in an include that could not be read, and that has been reported. */
function mayBeInMissingFile(visible: ReadonlyMap<LoadedFile, number>, name: string): boolean {
  return (
    name.includes(".") &&
    [...visible.keys()].some(({ includes }) => includes.some(({ target }) => target === undefined))
  );
}

/** Looks for what an unknown name was meant to be. */
class NameGuesses {
  private readonly sources: Sources;
  private readonly byFile = new Map<LoadedFile, VisibleNames>();
  private remaining = mostGuesses;

  constructor(sources: Sources) {
    this.sources = sources;
  }

  suggest(user: Declaration, { name, span }: NameAst): DiagnosticHelp | undefined {
    const idea = foreignTypeNames.has(name.toLowerCase())
      ? undefined
      : foreignIdeas.get(name.toLowerCase());
    if (idea !== undefined) return { suggestion: idea };
    const word = this.guess(user, name);
    return word === undefined ? undefined : meant(word, span);
  }

  private guess(user: Declaration, name: string): string | undefined {
    const foreign = foreignTypeNames.get(name.toLowerCase());
    if (foreign !== undefined) return foreign;
    // Every guess compares with all names, so a file full of unknown types would take quadratic time.
    if (this.remaining-- <= 0) return undefined;
    const names = this.visibleNames(user.file);
    const simpleName = name.slice(name.lastIndexOf(".") + 1);
    const elsewhere = names.bySimpleName.get(simpleName)?.[0];
    if (elsewhere !== undefined) return elsewhere;
    const near = name.includes(".")
      ? closestName(name, names.full)
      : (closestName(name, names.byModule.get(user.module) ?? []) ?? closestName(name, typeWords));
    if (near !== undefined) return near;
    const nearElsewhere = closestName(simpleName, names.bySimpleName.keys());
    const full = nearElsewhere && names.bySimpleName.get(nearElsewhere)?.[0];
    return full === "" ? undefined : full;
  }

  private visibleNames(file: LoadedFile): VisibleNames {
    let names = this.byFile.get(file);
    if (names === undefined) {
      names = { full: [], byModule: new Map(), bySimpleName: new Map() };
      const visible = this.sources.visibleFrom(file);
      for (const declaration of this.sources.declarations) {
        if (!visible.has(declaration.file)) continue;
        names.full.push(declaration.fullName);
        addTo(names.byModule, declaration.module, declaration.class.name);
        addTo(names.bySimpleName, declaration.class.name, declaration.fullName);
      }
      this.byFile.set(file, names);
    }
    return names;
  }
}

interface VisibleNames {
  readonly full: string[];
  readonly byModule: Map<string, string[]>;
  readonly bySimpleName: Map<string, string[]>;
}

function addTo(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

const mostGuesses = 200;
const typeWords = [...keywords].filter((word) => !["module", "class", "include"].includes(word));
