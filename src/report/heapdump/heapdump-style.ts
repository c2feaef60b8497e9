/** What the page of a heap dump adds to the style of a report: the treemap and its tiles. */
export function heapdumpStyle(): string {
  return `
.views{border:0;margin:0 0 .6rem;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.92rem}
.views legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.views label{display:inline-flex;align-items:center;gap:.35rem;cursor:pointer}
.views input{margin:0;accent-color:var(--accent)}
#crumbs{list-style:none;margin:0 0 .4rem;padding:0;display:flex;flex-wrap:wrap;gap:0 .3rem;font-size:.88rem;min-height:1.6em}
#crumbs li+li::before{content:"›";color:var(--muted);margin-right:.3rem}
#crumbs button{border:0;background:none;padding:0;font:inherit;color:var(--accent);cursor:pointer;text-align:left;max-width:22rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;vertical-align:bottom}
#crumbs button[aria-current]{color:var(--ink);cursor:default}
#map{position:relative;height:min(36rem,78vh);min-height:24rem;background:var(--panel);overflow:hidden;contain:strict}
.tile{position:absolute;overflow:hidden;border-radius:2px;background:var(--fill);color:var(--text);font-size:.78rem;line-height:1.2;cursor:default;box-shadow:inset 0 0 0 1px color-mix(in srgb,var(--text) 22%,transparent)}
.tile.open{cursor:zoom-in}
.tile.depth-1{background:color-mix(in srgb,var(--fill) 88%,var(--paper))}
.tile.depth-2{background:color-mix(in srgb,var(--fill) 78%,var(--paper))}
.tile:focus-visible{outline:3px solid var(--ink);outline-offset:-3px;z-index:1}
.tile:hover:not(:has(.tile:hover)){box-shadow:inset 0 0 0 2px var(--text)}
.label{display:block;padding:.18rem .35rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.size{opacity:.82}
#finding .lead{margin:.8rem 0 .5rem}
#detail{margin-top:.5rem;min-height:3em;font-size:.94rem}
.variables{--fill:var(--objects);--text:var(--on-objects)}
.shared{--fill:var(--retained);--text:var(--on-retained)}
.goroutines{--fill:var(--stacks);--text:var(--on-stacks)}
.finalizers{--fill:var(--metadata);--text:var(--on-metadata)}
.words{--fill:var(--unused);--text:var(--on-unused)}
.garbage,.others{--fill:var(--outside);--text:var(--on-outside)}
.heap{--fill:var(--objects);--text:var(--on-objects)}
.site-0{--fill:var(--objects);--text:var(--on-objects)}
.site-1{--fill:var(--stacks);--text:var(--on-stacks)}
.site-2{--fill:var(--unused);--text:var(--on-unused)}
.site-3{--fill:var(--metadata);--text:var(--on-metadata)}
@media print{#explore{display:none}}
`;
}
