/** The page on which a person sees the ensemble: one document without anything from elsewhere. */
import { createHash } from "node:crypto";
import { PAGE_SCRIPT } from "./page-script.js";
import { PAGE_STYLE } from "./page-style.js";

export function pageText(hasTree: boolean): string {
  const columns = ["server", "role", "epoch", "zxid", "lag", "connections", "znodes", "address"];
  const tree = hasTree
    ? '<h2 id="tree-title">Tree</h2><div id="browse"><ul id="tree" aria-labelledby="tree-title"></ul><pre id="node" aria-live="polite">Open a znode to see it.</pre></div>'
    : "";
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>ZooKeeper ensemble</title><style>${PAGE_STYLE}</style></head><body><main>` +
    '<h1 id="title">ZooKeeper</h1><p id="state" role="status">asking</p>' +
    "<h2>Ensemble</h2><table><thead><tr>" +
    columns.map((name) => `<th scope="col">${name}</th>`).join("") +
    '</tr></thead><tbody id="members"></tbody></table>' +
    `<h2>This server</h2><div id="plots"></div>${tree}</main>` +
    `<script>${PAGE_SCRIPT}</script></body></html>`
  );
}

/** Nothing but this script and this style runs, and nothing is fetched but from this server. */
export const PAGE_POLICY: string =
  "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  `script-src '${hashOf(PAGE_SCRIPT)}'; style-src '${hashOf(PAGE_STYLE)}'`;

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
