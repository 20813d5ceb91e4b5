/**
 * `@jute-ts/compiler/analysis`: the syntax of files with every name resolved that can be, for
 * editors. Pure: texts in, trees out. The trees change with the compiler, so this is no part of the
 * API that versions are about.
 */
export { type CheckOptions, diagnoseSources, resolveSources } from "../schema/check.js";
export type { IncludedText, IncludeEdge, LoadedFile, ReadInclude } from "../schema/files.js";
export { normalizePath, relativePath, resolveInclude } from "../schema/paths.js";
export { type Declaration, namesIn, type Sources } from "../schema/sources.js";
export type { ClassAst, FieldAst, FileAst, NameAst, TypeAst } from "../syntax/ast.js";
export { keywords } from "../syntax/keywords.js";
export { parse, type ParsedFile } from "../syntax/parse.js";
export type { Span } from "../syntax/source.js";
export type { SourceFile, SourceText } from "../syntax/source-file.js";
export { primitiveNames, wireType } from "../wire-types.js";
