/** How the page of a run looks: light or dark as the reader's system is. */
export const PAGE_STYLE: string = String.raw`
:root { color-scheme: light dark; --back: #fff; --text: #1c2126; --dim: #56606b; --line: #cfd6dd; --soft: #f2f5f7; --focus: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --back: #14181c; --text: #e4e9ee; --dim: #a3afba; --line: #39424b; --soft: #1d2329; --focus: #7ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 0 1rem 1rem; background: var(--back); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
h1 { margin: .6rem 0 0; font-size: 1.2rem; }
h2 { margin: .8rem 0 .2rem; font-size: 1rem; }
p { margin: .2rem 0; color: var(--dim); }
#controls { display: flex; flex-wrap: wrap; gap: .4rem .6rem; align-items: center; margin: .5rem 0; }
#controls label { display: inline-flex; gap: .3rem; align-items: center; }
fieldset { display: flex; flex-wrap: wrap; gap: .2rem .7rem; margin: 0; padding: .1rem .6rem .3rem; border: 1px solid var(--line); border-radius: 4px; min-width: 0; }
legend, summary { color: var(--dim); }
button, input[type=search] { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--dim); border-radius: 4px; padding: .15rem .55rem; }
button { cursor: pointer; min-width: 1.9rem; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
#status { min-height: 1.4em; flex-basis: 100%; }
#frame { border: 1px solid var(--line); border-radius: 4px; overflow: hidden; }
#picture { display: block; width: 100%; touch-action: none; cursor: crosshair; }
#chosen { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0; padding: .4rem .6rem; background: var(--soft); border-radius: 4px; min-height: 2.2em; }
#rows { list-style: none; margin: 0; padding: 0; font-family: ui-monospace, monospace; font-size: 12.5px; }
#rows button { display: grid; grid-template-columns: 7.5rem 9rem 6.5rem minmax(0, 1fr); gap: .5rem; width: 100%; text-align: left; border: 0; border-radius: 0; background: none; padding: 0 .3rem; }
#rows button[aria-current=true] { background: var(--soft); font-weight: 600; }
#rows span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.swatch { display: inline-block; width: .8em; height: .8em; border-radius: 2px; }
@media (max-width: 700px) { #rows button { grid-template-columns: 6rem minmax(0, 1fr); } }
`;
