/**
 * A Jute schema of any size that looks like a real one: modules of a hundred
 * records, comments, every type, and references to earlier records.
 */
export interface SchemaFile {
  readonly name: string;
  readonly text: string;
}

const RECORDS_IN_A_FILE = 100;

const FIELD_TYPES = [
  "int",
  "long",
  "ustring",
  "buffer",
  "boolean",
  "byte",
  "float",
  "double",
  "vector<ustring>",
  "vector<long>",
  "map<ustring, int>",
] as const;

export function syntheticSchema(records: number): SchemaFile[] {
  const files: SchemaFile[] = [];
  for (let first = 0; first < records; first += RECORDS_IN_A_FILE) {
    const count = Math.min(RECORDS_IN_A_FILE, records - first);
    const name = `part${String(first / RECORDS_IN_A_FILE)}`;
    const classes = Array.from({ length: count }, (_, index) => recordText(index));
    files.push({
      name: `${name}.jute`,
      text: `module bench.${name} {\n${classes.join("\n")}}\n`,
    });
  }
  return files;
}

function recordText(index: number): string {
  const fields = Array.from({ length: 4 + (index % 5) }, (_, field) => {
    const type = FIELD_TYPES[(index * 3 + field * 5) % FIELD_TYPES.length] ?? "int";
    return `    ${type} field${String(field)}; // what the field is for, in a few words`;
  });
  if (index > 0) fields.push(`    Record${String(index - 1)} previous;`);
  if (index > 1) fields.push(`    vector<Record${String(index >> 1)}> others;`);
  // Every tenth chain starts afresh, so that records do not nest a hundred deep.
  const kept = index % 10 === 0 ? fields.filter((field) => !field.includes("previous")) : fields;
  return [
    `    // Record number ${String(index)}, which stands for something in the protocol.`,
    `    class Record${String(index)} {`,
    ...kept.map((field) => `    ${field}`),
    `    }`,
    "",
  ].join("\n");
}
