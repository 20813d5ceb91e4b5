/** Schemas that Apache's compiler takes, each with one thing in it that could break what it generates. */

export interface Case {
  /** What is tried, for people. */
  readonly title: string;
  readonly text: string;
}

const primitives = ["boolean", "byte", "int", "long", "float", "double", "ustring", "buffer"];

const javaWords = `abstract assert break case catch char const continue default do else enum extends
  false final finally for goto if implements import instanceof interface native new null package
  permits private protected public record return sealed short static strictfp super switch
  synchronized this throw throws transient true try var void volatile while yield`;

const cWords = `NULL asm auto bool extern inline linux register restrict signed sizeof struct typedef
  typeof union unix unsigned`;

/** Names of variables and classes that generated code has, or could have. */
const used = `a_ archive b buf count data e1 i in k1 len1 m1 mi1 midx1 o1 out peer peer_ r rc result ret
  s signature str tag tag_ v v1 vidx1 java org`;

const classes = `ArrayList BinaryInputArchive Boolean Buffer Class ClassCastException Comparable Exception
  Index InputArchive Integer InterfaceAudience List Long Object OutputArchive Override Record String
  String_vector System Throwable TreeMap UnsupportedOperationException Utils iarchive oarchive`;

const split = (list: string): readonly string[] => list.trim().split(/\s+/);
const fieldNames = [...split(javaWords), ...split(cWords), ...split(used), "Class", "class_"];
const classNames = [...split(javaWords), ...split(cWords), ...split(used), ...split(classes)];

function withFields(fields: string): string {
  return `module m.n {\n class R { int z; }\n class A { ${fields} }\n}\n`;
}

function fieldCase(type: string, name: string): Case {
  return { title: `${type} ${name}`, text: withFields(`${type} ${name};`) };
}

export const cases: readonly Case[] = [
  ...[...primitives, "R"].flatMap((type) => [
    fieldCase(type, "x"),
    fieldCase(`vector<${type}>`, "x"),
    fieldCase(`vector<vector<${type}>>`, "x"),
    fieldCase(`map<ustring,${type}>`, "x"),
    fieldCase(`map<${type},ustring>`, "x"),
  ]),
  fieldCase("vector<map<ustring,ustring>>", "x"),
  fieldCase("map<ustring,vector<ustring>>", "x"),
  fieldCase("map<ustring,map<ustring,ustring>>", "x"),
  fieldCase("map<vector<ustring>,ustring>", "x"),
  ...fieldNames.flatMap((name) => [fieldCase("int", name), fieldCase("vector<ustring>", name)]),
  ...split(used).flatMap((name) =>
    [...primitives.filter((type) => type !== "int"), "R", "map<ustring,ustring>"].map((type) =>
      fieldCase(type, name),
    ),
  ),
  ...classNames.map((name) => ({
    title: `class ${name}`,
    text: `module m.n {
  class ${name} { int f1; ustring f2; buffer f3; }
  class B {
    ${name} f1; vector<${name}> f2; ustring f3; buffer f4; vector<ustring> f5; long f6; boolean f9;
  }
}
`,
  })),
  ...split(javaWords).map((name) => ({
    title: `module ${name}`,
    text: `module m.${name} { class A { int x; } }\n`,
  })),
  { title: "getters that differ in nothing", text: withFields("int x; int X;") },
  { title: "getters of longer names", text: withFields("int fooBar; int FooBar;") },
  { title: "getters that differ", text: withFields("int foobar; int fooBar;") },
  {
    title: "a class named like a package",
    text: "module m { class b { int x; } } module m.b { class C { int x; } }",
  },
  {
    title: "a class named like its module",
    text: "module A { class A { int x; } class B { A y; } }",
  },
  { title: "a module of one part", text: "module m { class A { int x; } class B { A y; } }" },
  {
    title: "classes of one name in two modules",
    text: "module m { class A { int x; } } module n { class A { int x; } }",
  },
  {
    title: "a class named like a vector",
    text: "module m { class A { int x; } class A_vector { int y; } class B { vector<A> z; } }",
  },
  { title: "as many fields as Java takes", text: withFields(fields("int", 254)) },
  { title: "one field more", text: withFields(fields("int", 255)) },
  { title: "as many longs as Java takes", text: withFields(fields("long", 127)) },
  { title: "one long more", text: withFields(fields("long", 128)) },
];

function fields(type: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${type} f${String(index)};`).join(" ");
}
