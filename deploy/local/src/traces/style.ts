// The stylesheet of the pages: one column on a phone, three beyond, in light and dark.

export const style = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1a1d21, #e8eaed);
  --quiet: light-dark(#59616b, #a3abb5);
  --ground: light-dark(#fff, #14171a);
  --line: light-dark(#e3e6ea, #2a2f35);
  --link: light-dark(#0b57d0, #8ab4f8);
  --failed: light-dark(#b3261e, #f2938c);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.quiet, .took, i { color: var(--quiet); font-style: normal; overflow-wrap: anywhere; }
ul, ol { list-style: none; margin: 0; padding: 0; }
.tickets li { padding: .6rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.tickets .quiet { display: block; }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1rem; margin: .75rem 0; }
.swatch { width: .8rem; height: .8rem; margin-right: .4rem; }
.waterfall > li { border-top: 1px solid var(--line); scroll-margin-top: 1rem; }
.waterfall > li:target { outline: 2px solid var(--link); }
summary { cursor: pointer; }
.waterfall summary { display: grid; grid-template-columns: 1fr auto; gap: .1rem .75rem; padding: .25rem 0; list-style: none; }
.waterfall summary::-webkit-details-marker { display: none; }
.waterfall summary:hover { background: var(--line); }
.label { overflow-wrap: anywhere; }
.bar { grid-column: 1 / -1; grid-row: 2; width: 100%; height: .5rem; }
.took { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
em { font-style: normal; border: 1px solid var(--line); border-radius: .2rem; padding: 0 .25rem; color: var(--quiet); }
strong { color: var(--failed); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0 0 .75rem 1rem; font-size: .85rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
.depth-1 { padding-left: .75rem; } .depth-2 { padding-left: 1.5rem; } .depth-3 { padding-left: 2.25rem; }
.depth-4 { padding-left: 3rem; } .depth-5 { padding-left: 3.75rem; } .depth-6 { padding-left: 4.5rem; }
.service-0 { fill: light-dark(#6d5bd0, #a99bf5); } .service-1 { fill: light-dark(#0b7fb8, #5cbdf0); }
.service-2 { fill: light-dark(#b3610a, #f0a24f); } .service-3 { fill: light-dark(#a8327d, #ee88c6); }
.service-4 { fill: light-dark(#b3261e, #f2938c); } .service-5 { fill: light-dark(#1e7d45, #62c98c); }
.service-6 { fill: light-dark(#0a7a75, #55c9c2); }
.service-other { fill: var(--quiet); }
@media (min-width: 50rem) {
  .waterfall summary { grid-template-columns: minmax(20rem, 2fr) 3fr 5rem; align-items: center; }
  .bar { grid-column: 2; grid-row: 1; height: .8rem; } .took { grid-column: 3; }
}
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-left: .75rem; } }
`;
