/** What an editor shows for the thing under the pointer, as Markdown. */
import { type Declaration, type Sources, wireType } from "@jute-ts/compiler/analysis";
import { layoutOf, type Size, sizeOf, typeText } from "./layout.js";
import type { Place } from "./places.js";
import type { Analysis } from "./workspace.js";

export function hoverText(place: Place, { file, sources }: Analysis): string | undefined {
  switch (place.kind) {
    case "include":
      return includeText(place.edge.path, place.edge.target !== undefined);
    case "module": {
      const classes = sources.declarations.filter(({ module }) => module === place.name);
      const here = classes.filter((each) => each.file === file).length;
      return `${code(`module ${place.name}`)}\n\n${counted(here, "class", "classes")} here, ${classes.length} with the included files`;
    }
    case "class":
      return classText(place.declaration, sources);
    case "use":
      return place.declaration === undefined ? undefined : classText(place.declaration, sources);
    case "field": {
      const { field, declaration } = place;
      const row = layoutOf(declaration, sources).fields.find(({ name }) => name === field.name);
      const at = row?.offset === undefined ? "" : `, at offset ${row.offset}`;
      const facts = `${bytesText(sizeOf(field.type, sources))}${at}${row?.isOptional === true ? ", may be missing" : ""}`;
      return [code(`${typeText(field.type)} ${field.name}`), facts, field.doc]
        .filter((part) => part !== "")
        .join("\n\n");
    }
    case "type": {
      const { type } = place;
      const size = bytesText(sizeOf(type, sources));
      if (type.kind === "vector" || type.kind === "map" || type.kind === "name") {
        return `${code(typeText(type))}\n\n${size}`;
      }
      const { signature, typeScript, nullable } = wireType(type.kind);
      const value = nullable ? `${typeScript} | null` : typeScript;
      return `${code(type.kind)}\n\n${size}; \`${value}\` in TypeScript, \`${signature}\` in a signature`;
    }
  }
}

function includeText(path: string, isThere: boolean): string {
  return isThere ? `\`${path}\`` : `\`${path}\` is not there`;
}

function classText(declaration: Declaration, sources: Sources): string {
  const { size, fields } = layoutOf(declaration, sources);
  const rows = fields.map(
    ({ name, type, size: of, offset, isOptional }) =>
      `| ${offset ?? ""} | \`${name}\` | \`${type}\` | ${bytesText(of)}${isOptional ? ", may be missing" : ""} |`,
  );
  const table = ["| offset | field | type | size |", "| --: | --- | --- | --- |", ...rows];
  return [
    code(`class ${declaration.fullName}`),
    declaration.class.doc,
    bytesText(size),
    table.join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function bytesText({ bytes, isFixed }: Size): string {
  return isFixed ? counted(bytes, "byte", "bytes") : `${counted(bytes, "byte", "bytes")} or more`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function code(text: string): string {
  return `\`\`\`jute\n${text}\n\`\`\``;
}
