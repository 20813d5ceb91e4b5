/**
 * Turns the concrete tree into the abstract one: reads the tokens of each rule,
 * gives every name its span, and hands out the comments on the way. After a
 * recovery some pieces of the tree may be missing; what has lost its name or
 * its type is left out, for its mistake has been reported already.
 */
import type { CstElement, CstNode, IToken } from "chevrotain";
import { isPrimitiveName } from "../wire-types.js";
import type {
  AnnotationAst,
  ClassAst,
  FieldAst,
  FileAst,
  IncludeAst,
  ModuleAst,
  NameAst,
  TypeAst,
} from "./ast.js";
import { CommentQueue, endOf } from "./comments.js";
import type { LineTable, Span } from "./source.js";

export function buildAst(
  file: string,
  tree: CstNode,
  comments: readonly IToken[],
  lines: LineTable,
): FileAst {
  return new AstBuilder(file, new CommentQueue(file, comments, lines)).file(tree);
}

class AstBuilder {
  private readonly path: string;
  private readonly comments: CommentQueue;
  private readonly strayAnnotations: AnnotationAst[] = [];

  constructor(path: string, comments: CommentQueue) {
    this.path = path;
    this.comments = comments;
  }

  file(tree: CstNode): FileAst {
    const statements = [
      ...nodesOf(tree, "include").map((node) => ({ node, keyword: tokenOf(node, "Include") })),
      ...nodesOf(tree, "module").map((node) => ({ node, keyword: tokenOf(node, "Module") })),
    ].sort((a, b) => (a.keyword?.startOffset ?? 0) - (b.keyword?.startOffset ?? 0));
    const items: (IncludeAst | ModuleAst)[] = [];
    for (const { node, keyword } of statements) {
      if (keyword === undefined) continue;
      this.passOver(this.comments.takeBefore(keyword.startOffset));
      const item = node.name === "include" ? this.include(node) : this.module(node);
      if (item !== undefined) items.push(item);
    }
    this.passOver(this.comments.takeBefore(Infinity));
    return { path: this.path, items, strayAnnotations: this.strayAnnotations };
  }

  private include(node: CstNode): IncludeAst | undefined {
    const text = tokenOf(node, "Text");
    // The token classes of broken strings keep a path from being read out of half a string.
    if (text === undefined || !/^"[^"]+"$/.test(text.image)) return undefined;
    return { kind: "include", path: text.image.slice(1, -1), span: this.spanOf(text) };
  }

  private module(node: CstNode): ModuleAst | undefined {
    const name = this.name(nodesOf(node, "name")[0]);
    if (name === undefined) return undefined;
    const records = nodesOf(node, "record");
    const opening = tokenOf(node, "LeftBrace");
    const first = records[0] && tokenOf(records[0], "Class");
    // What stands inside of the module's heading describes nothing, and no class gets it.
    if (opening !== undefined) this.passOver(this.comments.takeBefore(opening.startOffset));
    if (opening !== undefined && first !== undefined) {
      this.passOver(this.comments.takeTrailing(endOf(opening), first.startOffset, true));
    }
    const classes: ClassAst[] = [];
    records.forEach((record, index) => {
      const following = records[index + 1];
      const next = following ? tokenOf(following, "Class") : tokenOf(node, "RightBrace");
      const declared = this.class(record, next?.startOffset ?? Infinity);
      if (declared !== undefined) classes.push(declared);
    });
    const closing = tokenOf(node, "RightBrace");
    if (closing !== undefined) this.passOver(this.comments.takeBefore(closing.startOffset));
    return { kind: "module", name: name.name, nameSpan: name.span, classes };
  }

  private class(node: CstNode, following: number): ClassAst | undefined {
    const keyword = tokenOf(node, "Class");
    const name = tokenOf(node, "Identifier");
    const opening = tokenOf(node, "LeftBrace");
    const closing = tokenOf(node, "RightBrace");
    if (keyword === undefined || name === undefined) return undefined;
    const fieldNodes = nodesOf(node, "field");
    const starts = fieldNodes.map(startOf);
    const firstField = starts[0];
    const before = this.comments.takeBefore(opening?.startOffset ?? name.startOffset);
    const behindBrace =
      opening === undefined || firstField === undefined
        ? []
        : this.comments.takeTrailing(endOf(opening), firstField, true);
    const fields: FieldAst[] = [];
    fieldNodes.forEach((fieldNode, index) => {
      const next = fieldNodes[index + 1];
      const declared = this.field(
        fieldNode,
        starts[index + 1] ?? closing?.startOffset ?? following,
        next !== undefined,
      );
      if (declared !== undefined) fields.push(declared);
    });
    const end = closing === undefined ? endOf(name) : endOf(closing);
    if (closing !== undefined) {
      this.passOver(this.comments.takeBefore(closing.startOffset));
      this.passOver(this.comments.takeTrailing(end, following, true));
    }
    return {
      name: name.image,
      nameSpan: this.spanOf(name),
      span: { file: this.path, start: keyword.startOffset, end },
      ...this.comments.read(before, behindBrace),
      fields,
    };
  }

  private field(node: CstNode, following: number, moreFields: boolean): FieldAst | undefined {
    const type = this.type(nodesOf(node, "type")[0]);
    const name = tokenOf(node, "Identifier");
    if (type === undefined || name === undefined) return undefined;
    const semicolon = tokenOf(node, "Semicolon") ?? name;
    const before = this.comments.takeBefore(type.span.start);
    const inside = this.comments.takeBefore(semicolon.startOffset);
    const behind = this.comments.takeTrailing(endOf(semicolon), following, moreFields);
    return {
      name: name.image,
      nameSpan: this.spanOf(name),
      span: { file: this.path, start: type.span.start, end: endOf(semicolon) },
      type,
      ...this.comments.read(before, inside, behind),
    };
  }

  private type(node: CstNode | undefined): TypeAst | undefined {
    if (node === undefined) return undefined;
    const primitive = tokenOf(node, "Primitive");
    if (primitive !== undefined && isPrimitiveName(primitive.image)) {
      return { kind: primitive.image, span: this.spanOf(primitive) };
    }
    const vector = nodesOf(node, "vector")[0];
    if (vector !== undefined) {
      const element = this.type(nodesOf(vector, "type")[0]);
      const span = this.outerSpan(tokenOf(vector, "Vector"), tokenOf(vector, "RightAngle"));
      return element && span && { kind: "vector", element, span };
    }
    const map = nodesOf(node, "map")[0];
    if (map !== undefined) {
      const [keyNode, valueNode] = nodesOf(map, "type");
      const key = this.type(keyNode);
      const value = this.type(valueNode);
      const span = this.outerSpan(tokenOf(map, "Map"), tokenOf(map, "RightAngle"));
      return key && value && span && { kind: "map", key, value, span };
    }
    return this.name(nodesOf(node, "name")[0]);
  }

  private name(node: CstNode | undefined): NameAst | undefined {
    const parts = node?.children["Identifier"]?.filter(isWrittenToken) ?? [];
    const [first] = parts;
    const last = parts.at(-1);
    const span = this.outerSpan(first, last);
    return span && { kind: "name", name: parts.map((part) => part.image).join("."), span };
  }

  /** Takes note of annotations in comments that describe nothing. */
  private passOver(comments: readonly IToken[]): void {
    this.strayAnnotations.push(...this.comments.read(comments).annotations);
  }

  private outerSpan(first: IToken | undefined, last: IToken | undefined): Span | undefined {
    if (first === undefined || last === undefined) return undefined;
    return { file: this.path, start: first.startOffset, end: endOf(last) };
  }

  private spanOf(token: IToken): Span {
    return { file: this.path, start: token.startOffset, end: endOf(token) };
  }
}

function nodesOf(node: CstNode, rule: string): readonly CstNode[] {
  return node.children[rule]?.filter(isNode) ?? none;
}

/** The first token of that name, unless the parser only made it up to go on. */
function tokenOf(node: CstNode, name: string): IToken | undefined {
  return node.children[name]?.find(isWrittenToken);
}

/** Where a node's first token stands. */
function startOf(node: CstNode): number | undefined {
  let start: number | undefined;
  // Two for each field of a schema, so without the arrays that functions of Object make.
  for (const rule in node.children) {
    for (const child of node.children[rule] ?? none) {
      if (!isNode(child) && !isWrittenToken(child)) continue;
      const offset = isNode(child) ? startOf(child) : child.startOffset;
      if (offset !== undefined && (start === undefined || offset < start)) start = offset;
      break;
    }
  }
  return start;
}

function isNode(element: CstElement): element is CstNode {
  return "children" in element;
}

function isWrittenToken(element: CstElement): element is IToken {
  return !("children" in element) && element.isInsertedInRecovery !== true;
}

const none: readonly CstNode[] = [];
