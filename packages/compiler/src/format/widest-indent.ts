/** A file of its own, so that who only needs the limit does not load the parser. */

/**
 * The largest `indentWidth`, in columns. Beyond it a comment after `class A {` could start in the
 * column of the comment below it, which would then continue it instead of describing the first field.
 */
export const WIDEST_INDENT = 8;
