/**
 * Names that mean something else where Apache's compiler puts them. Found by having Apache's
 * compiler 3.8.0 generate Java and C for each, and javac 17 and gcc 12 compile that.
 */

/** Java's keywords and literals (JLS 3.9), without those that Jute itself reserves. */
export const javaKeywords: ReadonlySet<string> = words(`
  abstract assert break case catch char const continue default do else enum extends false final
  finally for goto if implements import instanceof interface native new null package private
  protected public return short static strictfp super switch synchronized this throw throws
  transient true try void volatile while
`);

/** Words that Java lets no class be called. */
export const javaTypeWords: ReadonlySet<string> = words("permits record sealed var yield");

/** Classes that the generated Java names without their package, and the packages that it names. */
export const javaClassNames: ReadonlySet<string> = words(`
  BinaryInputArchive ClassCastException Index InputArchive InterfaceAudience Object OutputArchive
  Record String Throwable UnsupportedOperationException java org
`);

/** Variables of the generated methods, which hide a field of the same name. */
export const javaLocals: ReadonlySet<string> = words("a_ java peer peer_ ret s tag");

/** The same for vectors, and for maps. */
export const javaVectorLocals: ReadonlySet<string> = words("e1 len1 vidx1");
export const javaMapLocals: ReadonlySet<string> = words("k1 midx1 v1");

/** C's keywords in gcc's default dialect, and macros of the headers that the generated C includes. */
export const cKeywords: ReadonlySet<string> = words(`
  NULL asm auto break case char const continue default do else enum extern for goto if inline
  linux register restrict return short signed sizeof static struct switch typedef typeof union
  unix unsigned void volatile while
`);

/** Classes whose functions or structs recordio.h declares itself. */
export const cClassNames: ReadonlySet<string> = words("Buffer String iarchive oarchive");

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}
