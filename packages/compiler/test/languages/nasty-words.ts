/** Names and words that are legal in a .jute file and trouble somewhere behind it. */

/** What Jute itself reserves. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  "module class include boolean byte int long float double ustring buffer vector map".split(" "),
);

/** Class names that generated code, the runtime, JavaScript or the file system also want. */
export const NASTY_CLASSES: readonly string[] = [
  ..."Map Set Array Object String Number BigInt Boolean Symbol Error Uint8Array Function".split(
    " ",
  ),
  ..."Record Partial Readonly ReadonlyArray Promise JSON Math Date Iterable undefined NaN".split(
    " ",
  ),
  ..."JuteRecord RecordDescriptor AnyRecordType BinaryInputArchive OutputArchive".split(" "),
  ..."ReadOptions WriteOptions JsonValue JsonObject JuteDecodeError FooInit Foo".split(" "),
  ..."index registry default delete new type string number any null this super globalThis".split(
    " ",
  ),
];

/** Field names that records, objects, functions or generated local variables also have. */
export const NASTY_FIELDS: readonly string[] = [
  ..."constructor toString valueOf hasOwnProperty prototype length name descriptor".split(" "),
  ..."encode decode byteLength equals clone toJSON fromJSON from read write serialize".split(" "),
  ..."deserialize delete function this arguments eval await async yield static get set".split(" "),
  ..."value values input output init record other i j k v n at end count key entry item".split(" "),
  ..."archive tag json options bytes view element result map1 a b constructor_ equals_ of".split(
    " ",
  ),
];

/** Words in comments that mean something to TypeScript, TSDoc, linters, or whoever copies them into a string. */
export const NASTY_WORDS: readonly string[] = [
  "plain words",
  "*/",
  "`${1}`",
  "{@link Nowhere}",
  "{ unbalanced",
  "</script>",
  "@param x no such thing",
  "@deprecated",
  "@ts-expect-error",
  "@ts-nocheck",
  "eslint-disable",
  "é 中 \u{1f600}",
  "\\u0041 \\",
  "/* nested",
  "export class Nonsense {",
  "\u2028",
];
