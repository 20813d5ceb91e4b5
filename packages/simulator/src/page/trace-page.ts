/** The page of a run: one HTML file with its style, its script and its data, and nothing from elsewhere. */
import { PAGE_SCRIPT } from "./page-script.js";
import { PAGE_STYLE } from "./page-style.js";
import type { TraceData } from "./trace-data.js";

/** The text of the file. Every text of the run is escaped. */
export function tracePage(data: TraceData): string {
  const title = escapeHtml(data.title);
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
    `<title>${title}</title><style>${PAGE_STYLE}</style></head>\n<body>\n` +
    BODY.replace("TITLE", () => title) +
    `<script type="application/json" id="data">${jsonText(data)}</script>\n` +
    `<script>${PAGE_SCRIPT}</script>\n</body></html>\n`
  );
}

/** What the file holds may run and be shown; nothing is fetched, whatever the texts say. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const BODY = `<header><h1>TITLE</h1><p id="summary"></p></header>
<main>
<div id="controls">
  <label>Search <input id="search" type="search" autocomplete="off" spellcheck="false"></label>
  <button id="previous" type="button">Previous match</button><button id="next" type="button">Next match</button>
  <label><input id="only" type="checkbox"> Show only matches</label>
  <button id="trouble" type="button">Next fault</button>
  <button id="out" type="button" aria-label="Zoom out">−</button><button id="in" type="button" aria-label="Zoom in">+</button>
  <button id="all" type="button">Whole run</button>
  <fieldset id="topics"><legend>Kinds</legend></fieldset>
  <details><summary>Lanes</summary><fieldset id="lanes"><legend>Shown</legend></fieldset></details>
  <p id="status" role="status"></p>
</div>
<div id="frame"><canvas id="picture" tabindex="0" role="application" aria-describedby="help"></canvas></div>
<p id="help">In the picture: left and right move through time, + and − zoom, Home and End go to the ends, n and p to the next and the previous row, f to the next fault. The wheel zooms, dragging moves, a click chooses.</p>
<section aria-labelledby="rows-title"><h2 id="rows-title">Rows</h2><pre id="chosen"></pre><ol id="rows" aria-labelledby="rows-title"></ol></section>
</main>
`;

/** JSON that no HTML parser takes for anything else. */
function jsonText(data: TraceData): string {
  return JSON.stringify(data)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
