/** How the page looks: by day and by night, wide and narrow. */
export const PAGE_STYLE: string = `
:root { color-scheme: light dark; --line: #8886; --mark: #0a6; font: 15px/1.4 system-ui, sans-serif; }
body { max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.3rem; margin: 0 0 .2rem; }
h2 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
.leads td:first-child { border-left: 4px solid var(--mark); font-weight: bold; }
#plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .8rem; }
figure { margin: 0; border: 1px solid var(--line); border-radius: 4px; padding: .4rem; }
svg { width: 100%; height: 3rem; display: block; }
polyline { fill: none; stroke: var(--mark); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
#tree, #tree ul { list-style: none; padding-left: 1rem; margin: 0; }
#tree button { font: inherit; border: 0; background: none; color: inherit; padding: .1rem .3rem; cursor: pointer; }
#tree button::before { content: "▸ "; }
#tree button[aria-expanded="true"]::before { content: "▾ "; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 1px; }
#browse { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
#node { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
@media (max-width: 40rem) {
  #browse { grid-template-columns: 1fr; }
  thead { display: none; }
  tr { display: block; border-bottom: 2px solid var(--line); }
  td { display: flex; justify-content: space-between; gap: 1rem; border: 0; overflow-wrap: anywhere; }
  td::before { content: attr(data-label); opacity: .7; }
}
`;
