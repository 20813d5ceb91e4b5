/** One record as one file: the class with all of its members, in the order in which a reader wants them. */
import type { FieldSchema, TypeSchema } from "../../schema/model.js";
import { CodeWriter, Imports } from "./code-writer.js";
import { emitConstructor, emitInitType, emitSetFields } from "./init-code.js";
import type { Layouts } from "../layout.js";
import { emitLengthOf } from "./length-code.js";
import { NameScope } from "./names.js";
import type { Plan, RecordPlan } from "./plan.js";
import { emitRead } from "./read-code.js";
import { type FieldPlan, RecordContext } from "./record-context.js";
import { emitWrite } from "./write-code.js";

export interface FileSettings {
  readonly places: Plan["places"];
  readonly layouts: Layouts;
  readonly runtime: string;
  readonly extension: string;
  /** The comment that every generated file starts with. */
  readonly header: string;
}

/** The lines of the file. */
export function emitRecordFile(plan: RecordPlan, settings: FileSettings): readonly string[] {
  const scope = new NameScope();
  // The file's own names come first; what it imports gives way to them.
  scope.claim(plan.className);
  scope.claim(plan.initName);
  const imports = new Imports(scope, settings.runtime);
  const out = new CodeWriter();
  const context = new RecordContext({ ...settings, plan, out, scope, imports });
  emitInitType(context);
  out.line();
  emitMembersType(context);
  out.line();
  emitClass(context);
  out.line();
  emitSetFields(context);
  return imports.linesOfFile(`${settings.header}\n${LINT_RULES}`, out);
}

/** An interface that tells what `describe` puts into the class is what these rules warn of. */
const LINT_RULES =
  "/* eslint-disable @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unsafe-declaration-merging */";

/** What the class has from the runtime, as an interface of the same name. */
function emitMembersType(context: RecordContext): void {
  const { className } = context.plan;
  const members = context.runtime("Record");
  context.out.line(`export interface ${className} extends ${members}<${className}> {}`);
}

function emitClass(context: RecordContext): void {
  const { out, plan, record } = context;
  out.doc(record.doc);
  out.block(`export class ${plan.className}`, () => {
    emitDescriptor(context);
    for (const { field, property } of context.fields) {
      out.line();
      out.doc(field.doc);
      out.line(`${property}!: ${context.fieldType(field)};`);
    }
    const members = [emitConstructor, emitStatics, emitRead, emitWrite, emitLengthOf];
    for (const emit of members) {
      out.line();
      emit(context);
    }
  });
}

/**
 * Marked as pure, on a line of its own because TypeScript drops a comment behind the `=`: bundlers may drop the call with
 * the class. It says `this` because to Rollup a class that is named while it is initialized is a side effect.
 */
function emitDescriptor(context: RecordContext): void {
  const { out, plan, record, fields } = context;
  const type = context.runtime("Descriptor");
  out.line(`static readonly descriptor: ${type}<${plan.className}> =`);
  out.indented(() => {
    out.line("/*@__PURE__*/");
    out.block(
      `${context.runtime("describe")}(this,`,
      () => {
        out.line(`fullName: ${JSON.stringify(record.fullName)},`);
        // Names, letters and brackets only: nothing to escape, and a copy less of what may be 64 KB.
        out.line(`signature: "${record.signature}",`);
        out.line("fields: [");
        out.indented(() => {
          for (const field of fields) {
            out.line(`{ ${fieldDescriptor(context, field).join(", ")} },`);
          }
        });
        out.line("],");
        if (record.recursive) {
          out.line("recursive: true,");
        }
      },
      ");",
    );
  });
}

function fieldDescriptor(context: RecordContext, { field, property }: FieldPlan): string[] {
  return [
    `name: ${JSON.stringify(field.name)}`,
    ...(property === field.name ? [] : [`property: ${JSON.stringify(property)}`]),
    `type: ${typeDescriptor(context, field.type)}`,
    ...flags(field),
  ];
}

function flags(field: FieldSchema): string[] {
  return [
    ...(field.optional ? ["optional: true"] : []),
    ...(field.nonNull ? ["nonNull: true"] : []),
    ...(field.nonNullElements ? ["nonNullElements: true"] : []),
  ];
}

function typeDescriptor(context: RecordContext, type: TypeSchema): string {
  switch (type.kind) {
    case "vector":
      return `{ kind: "vector", element: ${typeDescriptor(context, type.element)} }`;
    case "map":
      return `{ kind: "map", key: ${typeDescriptor(context, type.key)}, value: ${typeDescriptor(context, type.value)} }`;
    case "record":
      return `{ kind: "record", type: () => ${context.classOf(type.record)} }`;
    default:
      return `{ kind: "${type.kind}" }`;
  }
}

function emitStatics(context: RecordContext): void {
  const { out, plan } = context;
  const { className, initName } = plan;
  const scope = context.functionScope();
  const init = scope.claim("init");
  out.doc("The record itself, or a new one from a plain object.");
  out.block(`static from(${init}?: ${initName}): ${className}`, () => {
    // What is no plain object either is left for the encoder to refuse, which knows its path.
    const isInit = context.runtime("isInit");
    const given = `${init} instanceof ${className} || !${isInit}(${init})`;
    out.line(`return ${given} ? ${init} : new ${className}(${init});`);
  });
  out.line();
  emitStaticEncode(context);
  out.line();
  emitDecode(context);
  out.line();
  const json = context.functionScope().claim("json");
  out.doc("The inverse of `toJSON`. Throws a `JuteJsonError` that names the field.");
  out.block(`static fromJSON(${json}: ${context.runtime("JsonValue")}): ${className}`, () => {
    out.line(`return ${context.runtime("recordFromJson")}(${className}, ${json});`);
  });
}

function emitStaticEncode(context: RecordContext): void {
  const { out, plan } = context;
  const scope = context.functionScope();
  const value = scope.claim("value");
  const options = scope.claim("options");
  const record = scope.claim("record");
  const output = scope.claim("output");
  const error = scope.claim("error");
  out.doc(
    "Encodes into bytes that the caller owns. Throws a `JuteEncodeError` that names the field.",
  );
  out.block(
    `static encode(${value}: ${plan.initName}, ${options}?: ${context.runtime("WriteOptions")}): Uint8Array`,
    () => {
      out.line(`const ${record} = ${plan.className}.from(${value});`);
      out.line(`const ${output} = ${context.runtime("startEncoding")}(${options});`);
      out.block("try", () => {
        out.line(`${plan.className}.write(${output}, ${record});`);
      });
      out.continuation(`catch (${error})`, () => {
        const explain = context.runtime("explainEncoding");
        out.line(`throw ${explain}(${error}, ${plan.className}, ${record}, ${options});`);
      });
      out.line(`return ${context.runtime("finishEncoding")}(${output});`);
    },
  );
}

function emitDecode(context: RecordContext): void {
  const { out, plan } = context;
  const scope = context.functionScope();
  const bytes = scope.claim("bytes");
  const options = scope.claim("options");
  const input = scope.claim("input");
  const error = scope.claim("error");
  out.doc(
    "Decodes the one record that fills `bytes`; buffers point into it by default. Throws a `JuteDecodeError`.",
  );
  out.block(
    `static decode(${bytes}: Uint8Array, ${options}?: ${context.runtime("ReadOptions")}): ${plan.className}`,
    () => {
      out.line(`const ${input} = ${context.runtime("startDecoding")}(${bytes}, ${options});`);
      out.block("try", () => {
        const finish = context.runtime("finishDecoding");
        out.line(`return ${finish}(${input}, ${plan.className}.read(${input}));`);
      });
      out.continuation(`catch (${error})`, () => {
        const explain = context.runtime("explainDecoding");
        out.line(`throw ${explain}(${error}, ${plan.className}, ${input});`);
      });
    },
  );
}
