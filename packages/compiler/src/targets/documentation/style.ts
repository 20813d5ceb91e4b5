/** How the page looks: light and dark, wide and narrow. */
export const STYLE: string = `:root { color-scheme: light dark; --text: #1b1f24; --back: #fff; --soft: #f3f5f7; --line: #d0d7de; --link: #0b57b0; --quiet: #4b5563; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ed; --back: #15181c; --soft: #1f242a; --line: #3a424c; --link: #82b7ff; --quiet: #b3bcc7; } }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 18rem minmax(0, 1fr); color: var(--text); background: var(--back); font: 1rem/1.5 system-ui, sans-serif; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem; background: var(--soft); border-right: 1px solid var(--line); }
nav h2 { margin: 1rem 0 0.25rem; font-size: 0.85rem; color: var(--quiet); overflow-wrap: anywhere; }
nav ul { margin: 0; padding: 0; list-style: none; }
main { padding: 1rem 2rem 4rem; max-width: 75rem; }
main h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
article { margin-top: 2rem; }
h3 { margin-bottom: 0.25rem; }
h3 a { color: inherit; text-decoration: none; }
a { color: var(--link); }
p { max-width: 45rem; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
.facts { color: var(--quiet); }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td:nth-child(-n + 4), th { white-space: nowrap; }
td:last-child { min-width: 16rem; white-space: normal; }
:target { scroll-margin-top: 1rem; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--line); } main { padding: 1rem; } }`;
