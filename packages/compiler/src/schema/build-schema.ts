/** Builds the schema from files in which no check has found an error. */
import type { TypeAst } from "../syntax/ast.js";
import { hasAnnotation } from "./checks/annotations.js";
import { openEndedRecords } from "./checks/open-ended.js";
import { components } from "./cycles.js";
import type { FieldSchema, ModuleSchema, RecordSchema, Schema, TypeSchema } from "./model.js";
import { signatureOf } from "./signature.js";
import type { Declaration, Sources } from "./sources.js";

/** A record while it is being filled: records may refer to each other in circles. */
interface Draft extends RecordSchema {
  readonly fields: FieldSchema[];
  signature: string;
}

export function buildSchema(sources: Sources): Schema {
  const mentioned = (declaration: Declaration): readonly Declaration[] =>
    declaration.class.fields.flatMap((field) => sources.mentionedRecords(field.type));
  const openEnded = openEndedRecords(sources);
  const dependenciesFirst = components(sources.declarations, mentioned);
  const recursive = new Set<Declaration>();
  for (const component of dependenciesFirst) {
    for (const member of component) {
      if (component.length > 1 || mentioned(member).includes(member)) recursive.add(member);
    }
  }

  const drafts = new Map<Declaration, Draft>();
  for (const declaration of sources.declarations) {
    drafts.set(declaration, {
      name: declaration.class.name,
      fullName: declaration.fullName,
      module: declaration.module,
      doc: declaration.class.doc,
      fields: [],
      file: declaration.file.path,
      span: declaration.class.nameSpan,
      emitted: declaration.file.isSource,
      recursive: recursive.has(declaration),
      openEnded: openEnded.has(declaration),
      signature: "",
    });
  }

  const toSchema = (type: TypeAst): TypeSchema => {
    switch (type.kind) {
      case "name": {
        const meaning = sources.meanings.get(type);
        const record = meaning && drafts.get(meaning);
        if (record === undefined) throw new Error(`unresolved type "${type.name}" after checking`);
        return { kind: "record", record };
      }
      case "vector":
        return { kind: "vector", element: toSchema(type.element) };
      case "map":
        return { kind: "map", key: toSchema(type.key), value: toSchema(type.value) };
      default:
        return { kind: type.kind };
    }
  };
  for (const [declaration, draft] of drafts) {
    for (const field of declaration.class.fields) {
      draft.fields.push({
        name: field.name,
        type: toSchema(field.type),
        doc: field.doc,
        optional: hasAnnotation(field, "optional"),
        nonNull: hasAnnotation(field, "nonnull"),
        nonNullElements: hasAnnotation(field, "nonnull-elements"),
        span: field.nameSpan,
      });
    }
  }

  const finished = new Map<RecordSchema, string>();
  for (const component of dependenciesFirst) {
    const members = component.flatMap((declaration) => drafts.get(declaration) ?? []);
    for (const draft of members) draft.signature = signatureOf(draft, finished);
    // Inside a circle a signature depends on where it starts, so members never reuse each other's.
    for (const draft of members) finished.set(draft, draft.signature);
  }
  return { modules: inModules(drafts.values()) };
}

function inModules(records: Iterable<RecordSchema>): readonly ModuleSchema[] {
  const modules = new Map<string, RecordSchema[]>();
  const names = new Set<string>();
  for (const record of records) {
    // Two included files may declare the same class as long as nobody uses it; the first stands.
    if (names.has(record.fullName)) continue;
    names.add(record.fullName);
    const members = modules.get(record.module);
    if (members === undefined) modules.set(record.module, [record]);
    else members.push(record);
  }
  return [...modules].map(([name, members]) => ({ name, records: members }));
}
