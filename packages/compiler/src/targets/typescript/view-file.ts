/** A lazy view of one record of fixed size, as a file of its own. */
import type { FieldSchema, TypeSchema } from "../../schema/model.js";
import { CodeWriter, Imports } from "./code-writer.js";
import { fixedWireType } from "../layout.js";
import { makeFree, relativePath } from "../paths.js";
import { NameScope, isTakenViewName } from "./names.js";
import type { RecordPlan, ViewPlan } from "./plan.js";
import type { FileSettings } from "./record-file.js";

/** The lines of the file. */
export function emitViewFile(
  plan: RecordPlan,
  view: ViewPlan,
  settings: FileSettings,
): readonly string[] {
  const { layouts, runtime, extension, header, places } = settings;
  const scope = new NameScope();
  scope.claim(view.className);
  const imports = new Imports(scope, runtime);
  const out = new CodeWriter();
  const names = new Set(plan.record.fields.map((field) => field.name));
  const base = imports.runtime("RecordView");
  const propertyOf = (field: FieldSchema): string =>
    makeFree(
      field.name,
      (name) => isTakenViewName(name) || (name !== field.name && names.has(name)),
    );
  const viewOf = (type: TypeSchema & { kind: "record" }): string => {
    const place = places.get(type.record)?.view;
    if (place === undefined) {
      throw new Error(
        `${plan.record.fullName} has a view, ${type.record.fullName} in it has none.`,
      );
    }
    return imports.value(relativePath(view.path, place.path) + extension, place.className);
  };

  out.doc(`Reads a ${plan.className} where it lies, one field at a time.`);
  out.block(`export class ${view.className} extends ${base}`, () => {
    out.line(
      `override readonly byteLength: number = ${String(layouts.fixedRecordSize(plan.record))};`,
    );
    for (const field of plan.record.fields) {
      if (field.type.kind === "record") {
        out.line(`readonly #${field.name} = new ${viewOf(field.type)}();`);
      }
    }
    let offset = 0;
    for (const field of plan.record.fields) {
      const { type } = field;
      const at = String(offset);
      offset += layouts.fixedSize(type) ?? 0;
      out.line();
      out.doc(field.doc);
      if (type.kind === "record") {
        out.block(`get ${propertyOf(field)}(): ${viewOf(type)}`, () => {
          out.line(`return this.nestedAt(this.#${field.name}, ${at});`);
        });
      } else {
        const row = fixedWireType(type);
        out.block(`get ${propertyOf(field)}(): ${row.typeScript}`, () => {
          out.line(`return this.${row.at}(${at});`);
        });
      }
    }
  });
  return imports.linesOfFile(header, out);
}
