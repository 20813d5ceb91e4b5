/** Every feature of the language server, asked by a client of the protocol of the command that is published. */
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CodeActionRequest,
  CompletionRequest,
  DefinitionRequest,
  DidChangeWorkspaceFoldersNotification,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  HoverRequest,
  type Location,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  WorkspaceSymbolRequest,
} from "vscode-languageserver-protocol";
import { checkSources } from "@jute-ts/compiler";
import { bundleCommand, edited, Editor, rangeOf } from "./editor.js";

const BASE = `module shop.base {
    /* What money is. */
    class Money {
        long cents;
        int currency;
    }
}
`;

const ORDERS = `include "base.jute"

module shop.orders {
    class Line {
        ustring name;
        shop.base.Money price; // of one
    }
    class Order {
        long id;
        vector<Line> lines;
        shop.base.Money total;
    }
}
`;

let command: Awaited<ReturnType<typeof bundleCommand>>;
let editor: Editor;

beforeAll(async () => {
  command = await bundleCommand();
  editor = new Editor(command.program, { "base.jute": BASE, "orders.jute": ORDERS });
  await editor.start();
  await editor.open("orders.jute", ORDERS);
}, 60_000);

afterAll(async () => {
  expect(await editor.stop()).toBe(0);
  command.remove();
}, 30_000);

const orders = (mark: string, into = 0) => editor.at("orders.jute", mark, into);

async function hover(mark: string, into = 0): Promise<string> {
  const answer = await editor.connection.sendRequest(HoverRequest.type, orders(mark, into));
  const contents = answer?.contents;
  if (typeof contents !== "object" || !("value" in contents)) throw new Error("no hover");
  return contents.value;
}

describe("hover", () => {
  it("shows the layout of a class, its size and its comment, also from another file", async () => {
    const text = await hover("shop.base.Money price", 12);
    expect(text).toContain("class shop.base.Money");
    expect(text).toContain("What money is.");
    expect(text).toContain("12 bytes");
    expect(text).toMatch(/\| 8 \| `currency` \| `int` \| 4 bytes \|/);
  });

  it("shows the minimum of a size that varies, and offsets as far as there are any", async () => {
    const text = await hover("class Order", 7);
    expect(text).toContain("24 bytes or more");
    expect(text).toMatch(/\| 8 \| `lines` \| `vector<Line>` \| 4 bytes or more \|/);
    expect(text).toMatch(/\| {2}\| `total` /);
  });

  it("shows the offset of a field, and what a primitive type is", async () => {
    expect(await hover("lines;")).toContain("4 bytes or more, at offset 8");
    expect(await hover("price;")).toContain("of one");
    expect(await hover("ustring")).toContain("`string | null` in TypeScript, `s` in a signature");
  });

  it("has nothing to say of a brace", async () => {
    const answer = await editor.connection.sendRequest(HoverRequest.type, orders("}\n    class"));
    expect(answer).toBeNull();
  });
});

describe("definition and references", () => {
  const spot = ({ uri, range }: Location) =>
    `${uri.slice(uri.lastIndexOf("/") + 1)}:${range.start.line}`;

  it("leads from a type to its class, and from an include to its file", async () => {
    const definition = async (mark: string, into = 0) =>
      (await editor.connection.sendRequest(DefinitionRequest.type, orders(mark, into))) as Location;
    expect(await definition("shop.base.Money total", 3)).toEqual({
      uri: editor.uri("base.jute"),
      range: { start: { line: 2, character: 10 }, end: { line: 2, character: 15 } },
    });
    expect(spot(await definition('"base.jute"', 3))).toBe("base.jute:0");
    expect(spot(await definition("Line> lines", 1))).toBe("orders.jute:3");
  });

  it("finds uses in files that are not open, from the declaration and from a use", async () => {
    await editor.open("base.jute", BASE);
    for (const place of [editor.at("base.jute", "Money {"), orders("Money total", 1)]) {
      const found = await editor.connection.sendRequest(ReferencesRequest.type, {
        ...place,
        context: { includeDeclaration: true },
      });
      expect(found?.map(spot).sort()).toEqual(["base.jute:2", "orders.jute:10", "orders.jute:5"]);
    }
  });
});

describe("completion", () => {
  async function labels(text: string): Promise<readonly string[]> {
    const cursor = text.indexOf("|");
    const name = `completion-${cursor}-${text.length}.jute`;
    await editor.open(name, text.replace("|", ""));
    const before = text.slice(0, cursor).split("\n");
    const answer = await editor.connection.sendRequest(CompletionRequest.type, {
      textDocument: { uri: editor.uri(name) },
      position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
    });
    return (Array.isArray(answer) ? answer : (answer?.items ?? [])).map(({ label }) => label);
  }

  it("offers types in a class: words, classes of the module by name, others in full", async () => {
    const found = await labels('include "base.jute"\nmodule a { class B { int x; } class C {\n | ');
    expect(found).toEqual(expect.arrayContaining(["ustring", "vector", "B", "shop.base.Money"]));
    expect(await labels("module a { class B { vector<|")).toContain("ustring");
    expect(await labels("module a { class B { int a; us|")).toContain("ustring");
  });

  it("offers files in an include, and keywords where nothing else can stand", async () => {
    expect(await labels('include "|')).toEqual(
      expect.arrayContaining(["base.jute", "orders.jute"]),
    );
    expect(await labels("mod|")).toEqual(["module", "include"]);
    expect(await labels("module a { |")).toEqual(["class"]);
  });

  it.each(["module a { class B { int |", "module a { class |", "module |", "// a|", "/* b |"])(
    "offers nothing for a new name or a comment: %s",
    async (text) => {
      expect(await labels(text)).toEqual([]);
    },
  );
});

describe("rename", () => {
  const rename = (mark: string, newName: string, into = 0) =>
    editor.connection.sendRequest(RenameRequest.type, { ...orders(mark, into), newName });

  it("changes a class in every file, and the result means the same", async () => {
    const { changes = {} } = (await rename("Money price", "Amount", 1)) ?? {};
    const base = edited(BASE, changes[editor.uri("base.jute")] ?? []);
    const text = edited(ORDERS, changes[editor.uri("orders.jute")] ?? []);
    expect(base).toBe(BASE.replace("class Money", "class Amount"));
    expect(text).toBe(ORDERS.replaceAll("base.Money", "base.Amount"));
    const { diagnostics } = checkSources([
      { path: "base.jute", text: base },
      { path: "orders.jute", text },
    ]);
    expect(diagnostics).toEqual([]);
  });

  it("changes a module and the full names of its classes", async () => {
    const place = editor.at("base.jute", "shop.base", 2);
    const answer = await editor.connection.sendRequest(RenameRequest.type, {
      ...place,
      newName: "shop.money",
    });
    const text = edited(ORDERS, answer?.changes?.[editor.uri("orders.jute")] ?? []);
    expect(text).toBe(ORDERS.replaceAll("shop.base.", "shop.money."));
  });

  it("says what it would replace: the last part of a full name", async () => {
    const range = await editor.connection.sendRequest(
      PrepareRenameRequest.type,
      orders("shop.base.Money price", 2),
    );
    expect(range).toEqual(rangeOf(ORDERS, "Money price".slice(0, 5)));
  });

  it.each([
    ["a name that is taken", "class Line", 7, "Order", /has a class "Order" already/],
    ["a word of the language", "class Line", 7, "vector", /a word of the language/],
    ["no name", "class Line", 7, "1x", /not a valid name/],
    ["a field that is there", "id;", 0, "total", /has a field "total" already/],
  ])("refuses %s", async (_title, mark, into, newName, message) => {
    await expect(rename(mark, newName, into)).rejects.toThrow(message);
  });
});

describe("symbols", () => {
  it("lists modules, classes and fields of a file", async () => {
    const symbols = await editor.connection.sendRequest(DocumentSymbolRequest.type, {
      textDocument: { uri: editor.uri("orders.jute") },
    });
    expect(symbols).toMatchObject([
      {
        name: "shop.orders",
        children: [
          { name: "Line", children: [{ name: "name" }, { name: "price" }] },
          {
            name: "Order",
            children: [
              { name: "id" },
              { name: "lines", detail: "vector<Line>" },
              { name: "total" },
            ],
          },
        ],
      },
    ]);
  });

  it("finds classes of the workspace by a part of their name", async () => {
    const found = await editor.connection.sendRequest(WorkspaceSymbolRequest.type, {
      query: "mon",
    });
    expect(found?.map(({ name }) => name)).toEqual(["Money"]);
  });

  it("finds them by letters in their order, and by their full name", async () => {
    const names = async (query: string) =>
      (await editor.connection.sendRequest(WorkspaceSymbolRequest.type, { query }))?.map(
        ({ name }) => name,
      );
    expect(await names("mny")).toEqual(["Money"]);
    expect(await names("ynm")).toEqual([]);
    expect(await names("shop.orders.l")).toEqual(["Line"]);
  });
});

describe("formatting", () => {
  it("lays a file out with the editor's indentation", async () => {
    const text = "module a{class B{int x;}}";
    await editor.open("ugly.jute", text);
    const edits = await editor.connection.sendRequest(DocumentFormattingRequest.type, {
      textDocument: { uri: editor.uri("ugly.jute") },
      options: { tabSize: 2, insertSpaces: true },
    });
    expect(edited(text, edits ?? [])).toBe("module a {\n  class B {\n    int x;\n  }\n}\n");
  });

  it("leaves a file with mistakes alone", async () => {
    await editor.open("broken.jute", "module a { class B { int x }");
    const edits = await editor.connection.sendRequest(DocumentFormattingRequest.type, {
      textDocument: { uri: editor.uri("broken.jute") },
      options: { tabSize: 4, insertSpaces: true },
    });
    expect(edits).toEqual([]);
  });
});

describe("diagnostics and quick fixes", () => {
  it("come while one types, and go", async () => {
    const text = "module a { /* B */ class B { int x; } }\n";
    await editor.open("typed.jute", text);
    expect(await editor.diagnostics("typed.jute")).toEqual([]);
    await editor.type("typed.jute", "int", "integer");
    expect(await editor.diagnostics("typed.jute")).toMatchObject([
      {
        code: "JUTE020",
        source: "jute",
        range: rangeOf(text.replace("int", "integer"), "integer"),
      },
    ]);
    await editor.type("typed.jute", "integer", "int");
    expect(await editor.diagnostics("typed.jute")).toEqual([]);
  });

  it("follow a change of an included file that is not saved", async () => {
    await editor.open(
      "user.jute",
      'include "base.jute"\nmodule u { /* U */ class U { shop.base.Money m; } }\n',
    );
    expect(await editor.diagnostics("user.jute")).toEqual([]);
    await editor.type("base.jute", "class Money", "class Coins");
    await editor.type("user.jute", "Money m", "Money n");
    expect(await editor.diagnostics("user.jute")).toMatchObject([{ code: "JUTE020" }]);
    await editor.type("base.jute", "class Coins", "class Money");
  });

  it.each([
    ["an unknown type", "module a { class B { string x; } }", "string", "ustring x;"],
    ["a missing semicolon", "module a { class B { int x } }", "int x", "int x; }"],
    ["a semicolon too many", "module a { class B { int x; }; }", "};", "int x; } }"],
    ["a misspelt keyword", "module a { clas B { int x; } }", "clas", "class B"],
    [
      "a misspelt annotation",
      "module a { class B { int y; int x; // @jute:optinal\n } }",
      "@jute",
      "@jute:optional",
    ],
  ])("fix %s, and nothing is left to say", async (title, text, mark, expected) => {
    const name = `${title.replaceAll(" ", "-")}.jute`;
    await editor.open(name, text);
    const actions = await editor.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: editor.uri(name) },
      range: rangeOf(text, mark),
      context: { diagnostics: [] },
    });
    const [action] = actions ?? [];
    if (action === undefined || !("edit" in action)) throw new Error("no action");
    const fixed = edited(text, action.edit.changes?.[editor.uri(name)] ?? []);
    expect(fixed).toContain(expected);
    expect(checkSources([{ path: name, text: fixed }]).diagnostics).toEqual([]);
  });

  it("are those of jute lint, too, with its fixes", async () => {
    const text = "module a { class B { int x; } /* C */ class C { a.B tag; } }\n";
    await editor.open("traps.jute", text);
    const found = await editor.diagnostics("traps.jute");
    expect(found.map(({ code }) => code)).toEqual(["JUTE140", "JUTE153", "JUTE112"]);
    const actions = await editor.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: editor.uri("traps.jute") },
      range: rangeOf(text, "a.B"),
      context: { diagnostics: [], only: ["quickfix"] },
    });
    expect(actions?.map(({ title }) => title)).toEqual(["Replace a.B with B"]);
  });

  it("has no action of another kind than quick fixes", async () => {
    const actions = await editor.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: editor.uri("traps.jute") },
      range: rangeOf("module a { class B { int x; } /* C */ class C { a.B tag; } }\n", "a.B"),
      context: { diagnostics: [], only: ["refactor"] },
    });
    expect(actions).toEqual([]);
  });
});

describe("jute.config.json", () => {
  const text = "module a { class B { int tag; } }\n";
  const config = (settings: object) =>
    JSON.stringify({ generate: [{ files: ["*.jute"], outDir: "out" }], ...settings });

  it("says what is looked for and how files are laid out, also after a change", async () => {
    const other = new Editor(command.program, {
      "jute.config.json": config({ lint: { levels: { JUTE140: "off" } } }),
    });
    await other.start();
    await other.open("a.jute", text);
    await other.open("b.jute", text.replace("module a", "module b"));
    const codes = async () => (await other.diagnostics("a.jute")).map(({ code }) => code);
    const firstLine = async () => {
      const edits = await other.connection.sendRequest(DocumentFormattingRequest.type, {
        textDocument: { uri: other.uri("a.jute") },
        options: { tabSize: 4, insertSpaces: true },
      });
      return edited(text, edits ?? []).split("\n")[1];
    };
    expect(await codes()).toEqual(["JUTE112"]);
    expect(await firstLine()).toBe("    class B {");
    const settings = { lint: { targets: ["c"] }, format: { indentWidth: 3 } };
    await other.save("jute.config.json", config(settings));
    expect(await codes()).toEqual(["JUTE140"]);
    expect(await firstLine()).toBe("   class B {");

    await other.save("jute.config.json", config({ lint: { targts: [] } }));
    expect(await codes()).toEqual(["JUTE140"]);
    await other.type("a.jute", "tag", "tags");
    expect(await codes()).toEqual(["JUTE140"]);
    expect(other.messages).toHaveLength(1);
    expect(other.messages[0]).toMatch(/jute\.config\.json:1:\d+: unknown key "targts"/);
    expect(await other.stop()).toBe(0);
  });
});

describe("an editor", () => {
  it("is asked to watch schemas and configs", () => {
    expect(JSON.stringify(editor.watched)).toContain("**/*.jute");
    expect(JSON.stringify(editor.watched)).toContain("**/jute.config.json");
  });

  it("that is gone without a word takes the server with it", async () => {
    const gone = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const server = spawn(process.execPath, [
      command.program,
      ...["lsp", "--stdio", `--clientProcessId=${String(gone.pid)}`],
    ]);
    const ended = new Promise<number | null>((resolve) => server.once("exit", resolve));
    // Its standard input stays open: somebody else may hold the other end.
    gone.kill("SIGKILL");
    expect(await ended).toBe(1);
  });

  it("that opens another folder, and closes one, has its classes found", async () => {
    const several = new Editor(command.program, {
      "one/base.jute": BASE,
      "two/coins.jute": "module coins { class Coin { int cents; } }\n",
    });
    const names = async () => {
      const query = { query: "" };
      const found = await several.connection.sendRequest(WorkspaceSymbolRequest.type, query);
      return found?.map(({ name }) => name);
    };
    const folder = (name: string) => ({ name, uri: several.uri(name) });
    const { capabilities } = await several.start({ folders: ["one"] });
    expect(capabilities.workspace?.workspaceFolders).toMatchObject({ changeNotifications: true });
    expect(await names()).toEqual(["Money"]);
    for (const [event, expected] of [
      [{ added: [folder("two")], removed: [] }, ["Money", "Coin"]],
      [{ added: [], removed: [folder("one")] }, ["Coin"]],
    ] as const) {
      await several.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, {
        event: { added: [...event.added], removed: [...event.removed] },
      });
      expect(await names()).toEqual(expected);
    }
    expect(await several.stop()).toBe(0);
  });

  it("that knows no folders of a workspace, and watches nothing, has its root searched", async () => {
    const old = new Editor(command.program, { "base.jute": BASE });
    await old.start({ folders: "unknown" });
    const found = await old.connection.sendRequest(WorkspaceSymbolRequest.type, { query: "mon" });
    expect(found?.map(({ name }) => name)).toEqual(["Money"]);
    expect(await old.stop()).toBe(0);
  });
});
