import { ICICLE_STYLE } from './charts/icicle.ts';
import { MEMORY_PARTS } from './memory-parts.ts';
import { schemeDeclarations } from './theme.ts';

/** The page's style sheet. Print is always light; the reader's choice of scheme beats the system's. */
export function pageStyle(): string {
  const [light, dark] = [schemeDeclarations('light'), schemeDeclarations('dark')];
  return `:root{${light}}
@media screen and (prefers-color-scheme:dark){:root:not(:has(#scheme-light:checked)){${dark}}}
@media screen{:root:has(#scheme-dark:checked){${dark}}}
${LAYOUT}${MEMORY_PARTS.map(({ fill }) => `.part-${fill}{background:var(--${fill})}`).join('\n')}
${ICICLE_STYLE}${ANSWER}${CARDS}${COURSES}${TOOLS}${PRINT}`;
}

// Faces whose widths are near to those that the charts are laid out with come first.
const LAYOUT = `*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%;scroll-padding-top:3.2rem}
body{margin:0 auto;max-width:72rem;padding:0 1.5rem 4rem;background:var(--paper);color:var(--ink);font:15px/1.5 -apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2,h3,p,ul,dl,figure{margin:0}
h1{font-size:1.15rem;line-height:1.15;letter-spacing:-.02em;font-weight:650}
h2{font-size:1.3rem;line-height:1.25;letter-spacing:-.01em;font-weight:650;margin-bottom:.6rem}
h3{font-size:1rem;font-weight:650;margin:1.4rem 0 .5rem}
h3 .description{font-weight:400;color:var(--muted);margin-left:.5em}
a{color:var(--accent)}
code{font:.86em/1.4 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
pre{margin:.5rem 0;padding:.7rem .9rem;background:var(--panel);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere;font:.82rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
header{padding-top:.7rem}
.bar{display:flex;justify-content:space-between;align-items:baseline;gap:1rem;flex-wrap:wrap}
.brand{font-weight:650;letter-spacing:.01em}
.brand span{font-weight:400;color:var(--muted)}
.scheme{border:0;margin:0;padding:0;display:flex;gap:.9rem;font-size:.82rem;color:var(--muted)}
.scheme legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.scheme label{display:inline-flex;align-items:center;gap:.3rem;cursor:pointer}
.scheme input{margin:0;accent-color:var(--accent)}
.description{max-width:46rem}
.facts{color:var(--muted);font-size:.84rem;display:flex;flex-wrap:wrap;gap:0 1.2rem;margin-top:.4rem}
nav{position:sticky;top:0;z-index:2;background:var(--paper);border-bottom:1px solid var(--rule);margin:1.2rem -1.5rem 0;padding:0 1.5rem}
nav ul{list-style:none;padding:0;display:flex;gap:.95rem;overflow-x:auto;scrollbar-width:none;font-size:.88rem}
nav a{display:block;padding:.6rem 0;color:var(--muted);text-decoration:none;white-space:nowrap}
nav a:hover,nav a:focus-visible{color:var(--ink)}
section{margin-top:1.6rem}
.how,.note{color:var(--muted);font-size:.9rem;max-width:54rem;margin-bottom:1rem}
.how p+p{margin-top:.4rem}
.how b{color:var(--ink);font-weight:600}
.note{margin:.5rem 0 0}
.cut{border-left:4px solid var(--caution);padding:.2rem .8rem;font-weight:600}
.simulated{margin-right:auto;background:var(--caution);color:var(--paper);font-weight:700;padding:.1rem .6rem;border-radius:4px;font-size:.88rem}
.warnings{background:var(--caution-panel);border-left:3px solid var(--caution);border-radius:0 4px 4px 0;padding:.8rem 1.1rem .8rem 2rem;font-size:.9rem}
div.warnings ul{padding-left:1.1rem}
.warnings li+li{margin-top:.25rem}
.warnings code{color:var(--muted);white-space:nowrap}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem 3rem}
.columns h3{margin-top:0}
.columns>*{min-width:0}
.lead{font-size:1.16rem;line-height:1.45;text-wrap:pretty}
ul+.lead{margin-top:.9rem}
#finding ul{padding:0;list-style:none;margin-top:.8rem}
#finding li{padding:.45rem 0;border-top:1px solid var(--grid);font-size:.94rem}
.methods{padding-left:1.1rem;max-width:54rem;font-size:.94rem}
.methods li+li{margin-top:.25rem}
#methods .columns{margin-top:1.4rem}
dl{font-size:.9rem}
dl div{display:grid;grid-template-columns:9.5rem 1fr;gap:.2rem .8rem;padding:.28rem 0;border-top:1px solid var(--grid)}
dt{color:var(--muted);overflow-wrap:anywhere}
dd{margin:0;overflow-wrap:anywhere;grid-column:2}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;min-width:100%}
th,td{text-align:left;vertical-align:baseline;padding:.42rem .9rem .42rem 0;border-bottom:1px solid var(--grid);font-weight:400}
thead th{color:var(--muted);font-size:.82rem;line-height:1.3;vertical-align:bottom;border-bottom:1px solid var(--rule)}
thead th[title]{text-decoration:underline dotted var(--rule);text-underline-offset:3px}
tbody th{padding-right:1rem}
th.num,td.num{text-align:right;padding-left:.75rem;padding-right:0}
th.num:last-child,td.num:last-child{padding-right:.6rem}
td.num{white-space:nowrap}
section>.scroll td:has(>code){min-width:14rem}
.unit{display:block;font-size:.95em}
thead th:not(.num) .unit{display:inline}
.value{font-weight:600;display:block;line-height:1.3}
.both{display:inline-flex;gap:.7rem}
.doubtful{font-weight:400;color:var(--muted)}
.interval{display:block;font-size:.8rem;line-height:1.35;color:var(--muted)}
.refusal{white-space:normal;display:inline-block;max-width:9rem;font-style:italic}
.none{color:var(--muted)}
.tag{font-size:.74rem;color:var(--muted);border:1px solid var(--rule);border-radius:3px;padding:0 .3em;margin-left:.35em}
.shortfall{font-size:.8rem;font-weight:400;color:var(--caution);white-space:normal;display:inline-block;max-width:18rem}
.flag{text-decoration:none;color:var(--caution);cursor:help;margin-left:.2em}
tr.baseline>*{background:var(--panel)}
tr.baseline>th:first-child{box-shadow:inset 3px 0 var(--ink)}
tr.baseline>th:first-child,#summary tbody th{padding-left:.6rem}
#summary thead th:first-child{padding-left:.6rem}
tr.repeat>*{color:var(--muted)}
tr.void>*{color:var(--caution)}
td.num+td:not(.num),th.num+th:not(.num){padding-left:.9rem}
.remark{display:block;color:var(--muted);font-size:.85rem}
.text{display:block;min-width:10rem;max-width:34rem}
.invalid{padding-left:1.1rem;font-size:.94rem;margin-bottom:1rem}
.invalid li+li{margin-top:.4rem}
details.numbers{margin-top:1rem;font-size:.95rem}
.numbers table{font-size:.82rem}
#metrics td>code{display:inline-block;min-width:8rem}
#metrics .numbers{margin-top:1.4rem}
details.numbers>summary,.invalid summary{cursor:pointer;color:var(--accent)}
details.numbers[open]>summary{margin-bottom:.6rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:1.4rem 2rem}
.wide{display:grid;grid-template-columns:minmax(0,1fr);gap:1.8rem}
figure{min-width:0}
figcaption{font-weight:650;margin-bottom:.4rem}
svg.chart{display:block;width:100%;height:auto;font-family:inherit}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;font-size:.88rem;margin-bottom:.8rem}
.legend li{display:inline-flex;align-items:center;gap:.4rem}
.swatch{width:.85rem;height:.85rem;border-radius:2px;display:inline-block}
.swatch.tick{width:2px;height:1.1rem;border-radius:0;background:var(--ink)}
.swatch.hatched{background:repeating-linear-gradient(135deg,var(--trial) 0 1px,transparent 1px 4px);border:1px solid var(--trial)}
@media (max-width:40rem){body{padding:0 1rem 3rem}nav{margin-left:-1rem;margin-right:-1rem;padding:0 1rem}dl div{grid-template-columns:7rem 1fr}.scroll:not(.cards) tbody th{position:sticky;left:0;background:var(--paper)}.tag{display:table;margin:.1rem 0 0}tr.baseline>th:first-child{background:var(--panel)}}
`;

const ANSWER = `#answer{margin-top:.4rem;border-top:1px solid var(--rule);padding-top:.5rem}
.say{font-size:1.3rem;line-height:1.35;letter-spacing:-.005em;text-wrap:pretty}
.say b{font-weight:700}
.say+.say{margin-top:.15rem}
#verdict .caution,.decide{font-size:.92rem;margin-top:.25rem}
#verdict .caution{color:var(--caution)}
.decide,.hint{color:var(--muted)}
.decide code{white-space:nowrap}
.asserted{font-weight:600;margin-bottom:.3rem}
.screen{display:grid;grid-template-columns:minmax(0,1fr) 19rem;grid-template-rows:auto 1fr;gap:.7rem 1.8rem;margin-top:.6rem}
.side{grid-column:2;grid-row:1/span 2}
.side h2,.sure h2{font-size:.95rem;margin-bottom:.25rem}
.side>*{margin-top:0}
.sure .marks{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:.2rem 1.4rem}
#trade-off figcaption .hint{font-weight:400;font-size:.88rem;margin-left:.4em}
.hint{font-size:.82rem}
.lost{color:var(--caution)}
.shapes{display:inline-flex;flex-wrap:wrap;gap:.1rem .9rem;margin-left:.6rem;color:var(--ink)}
.board{position:relative}
.board-narrow{display:none}
.board svg.chart{width:100%;height:auto}
.plot{position:absolute}
.met{position:absolute;left:0;top:0;background:var(--good);opacity:.1;border-right:2px dashed var(--good)}
.spot{position:absolute;width:1.9rem;height:1.9rem;transform:translate(-50%,-50%);padding:0;border:0;border-radius:50%;background:none;cursor:pointer}
.spot.picked{box-shadow:0 0 0 2.5px var(--good)}
.spot:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.tip{display:none;position:absolute;z-index:3;left:50%;top:calc(100% + .3rem);transform:translateX(-50%);background:var(--paper);color:var(--ink);border:1px solid var(--rule);border-radius:4px;padding:.4rem .6rem;font:.8rem/1.4 inherit;font-size:.8rem;text-align:left;white-space:nowrap;box-shadow:0 2px 8px rgb(0 0 0/.18)}
.tip.above{top:auto;bottom:calc(100% + .3rem)}
.tip.leftwards{left:auto;right:0;transform:none}
.tip.rightwards{left:0;transform:none}
.spot:hover,.spot:focus{z-index:4}
.spot:hover .tip,.spot:focus .tip{display:block}
.side>*+*{margin-top:.8rem}
.side h3{font-size:.8rem;font-weight:400;color:var(--muted);margin:.35rem 0 .1rem}
.side h4{font-size:.8rem;font-weight:600;margin:.5rem 0 0}
.side pre{margin:0;padding:.35rem .6rem}
.side summary{font-size:.82rem;color:var(--accent);cursor:pointer}
#wishes label{display:block;font-size:.86rem;margin-top:.2rem}
#wishes output{font-weight:600;float:right}
#wishes input[type=range]{width:100%;margin:.1rem 0;accent-color:var(--accent)}
#wishes fieldset{border:0;margin:.2rem 0 0;padding:0;font-size:.86rem}
#wishes fieldset label{display:inline-block;margin-right:.7rem}
#wishes legend{padding:0}
#wishes input[type=text]{font:inherit;width:4rem;padding:.1rem .3rem;border:1px solid var(--trial);border-radius:3px;background:var(--paper);color:var(--ink)}
.buttons{display:flex;flex-wrap:wrap;gap:.4rem;margin-top:.4rem}
.buttons button,.copy{font:inherit;font-size:.8rem;padding:.15rem .55rem;border:1px solid var(--trial);border-radius:4px;background:var(--paper);color:var(--ink);cursor:pointer}
#wrong{color:var(--bad);font-size:.84rem}
.copied{position:relative}
.copied .copy{position:absolute;right:.2rem;top:.15rem}
.marks,.marks ul,.notes{list-style:none;margin:0;padding:0;font-size:.84rem;line-height:1.4}
.marks li:not(.holder){position:relative;padding-left:1.2rem}
.marks b{position:absolute;left:0}
.mark-yes b{color:var(--good)}
.mark-no b{color:var(--bad)}
.mark-unknown b{color:var(--caution)}
.notes{margin-top:.4rem;color:var(--muted)}
.notes li+li{margin-top:.2rem}
.part{border-top:1px solid var(--rule);margin-top:0;padding:.2rem 0}
.part>details>summary{cursor:pointer;padding:.5rem 0;display:flex;gap:.3rem 1rem;align-items:baseline;flex-wrap:wrap;list-style:none}
.part>details>summary::-webkit-details-marker{display:none}
.part>details>summary::before{content:"▸";color:var(--muted)}
.part>details[open]>summary::before{content:"▾"}
.part>details[open]{padding-bottom:1.6rem}
.part h2{display:inline;margin:0;font-size:1.1rem}
.said{color:var(--muted);font-size:.9rem}
@media (max-width:56rem){.screen{grid-template-columns:minmax(0,1fr);grid-template-rows:none}.side{grid-column:1;grid-row:auto}}
@media (max-width:40rem){.board-wide{display:none}.board-narrow{display:block}.say{font-size:1.1rem}.simulated{order:1}.tip{white-space:normal;width:14rem}.sure .marks{grid-template-columns:minmax(0,1fr)}}
`;

/** So many columns a table may have whose rows become cards: each needs a rule of its own. */
export const MOST_CARD_COLUMNS = 12;

// The head of each column of a card but the first, from the table’s own style.
const CARD_HEADS = Array.from(
  { length: MOST_CARD_COLUMNS - 1 },
  (_, i) => `.cards td:nth-child(${i + 2})::before{content:var(--h${i + 2})}`,
).join('\n');

// A row is a card where there is no room for columns.
const CARDS = `@media screen and (max-width:40rem){
.cards table,.cards tbody,.cards tr,.cards tbody th{display:block}
.cards thead:not(:has(button)){position:absolute;clip-path:inset(50%)}
.cards thead tr{display:flex;flex-wrap:wrap;gap:.2rem .9rem;border:0;padding:0}
.cards thead th{display:block;border:0;padding:0}
.cards thead tr::before{content:"Sort by";font-size:.82rem;color:var(--muted)}
.cards thead .unit{display:none}
.cards tr{border:1px solid var(--rule);border-radius:4px;padding:.4rem .7rem;margin-bottom:.6rem}
.cards tr.baseline{background:var(--panel)}
.cards td{text-align:right}
.cards .text{min-width:0}
.cards tbody th{font-weight:600;padding:0 0 .2rem!important;box-shadow:none!important}
.cards .tag{display:inline}
.cards td{display:flex;align-items:baseline;gap:.5rem;padding:.15rem 0!important;border:0}
.cards td::before{color:var(--muted);text-align:left;white-space:normal;margin-right:auto}
${CARD_HEADS}
}
`;

const COURSES = `.over-time .quantity{font-size:.9rem;font-weight:600;margin:1rem 0 .2rem}
.courses{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.2rem,1fr));gap:.3rem .6rem}
.course{min-width:0;max-width:15rem;font-size:.8rem;line-height:1.3;display:flex;flex-direction:column;justify-content:flex-end}
.course svg,.plot-over-time svg{display:block;width:100%;overflow:visible}
.course text,.plot-over-time text{fill:var(--muted);text-anchor:middle}
.course text.up,.plot-over-time text.up{text-anchor:end}
.course path,.plot-over-time path{fill:none;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.course .grid,.plot-over-time .grid{stroke:var(--grid)}
.course .before,.plot-over-time .before{fill:var(--noise);opacity:.7}
.course .trials{stroke:var(--trial);stroke-width:.7;opacity:.6}
.course .between{fill:var(--paint);opacity:.25}
.course .median{stroke:var(--paint);stroke-width:2}
.plot-over-time{cursor:crosshair;touch-action:pan-y}
.plot-over-time:focus-visible{outline:2px solid var(--accent)}
.plot-over-time text{font-size:11px}
.plot-over-time+.said{min-height:3em;color:var(--ink)}
.plot-over-time~.courses .course,.plot-over-time~details .course{cursor:pointer}
`;

// Tools of a table, which a script brings.
const TOOLS = `.tools{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:baseline;font-size:.82rem;margin-bottom:.4rem;color:var(--muted)}
.tools summary{cursor:pointer;color:var(--accent)}
.tools label{display:inline-flex;gap:.3rem;align-items:center;margin-right:.9rem}
.tools input{margin:0;accent-color:var(--accent)}
.tools input:not([type]),.tools input[type=search],.tools select{font:inherit;padding:.1rem .35rem;border:1px solid var(--trial);border-radius:3px;background:var(--paper);color:var(--ink)}
.tools button,.sort{font:inherit;color:inherit;background:none;border:0;padding:0;text-align:inherit;cursor:pointer}
.tools button{border:1px solid var(--trial);border-radius:4px;padding:.1rem .5rem;color:var(--ink)}
.sort::before{content:"↕\u00a0";color:var(--trial)}
[aria-sort=ascending] .sort::before{content:"↑\u00a0";color:var(--ink)}
[aria-sort=descending] .sort::before{content:"↓\u00a0";color:var(--ink)}
tr:target>*,.found>*{background:var(--caution-panel)}
.part{position:relative}
.part>details>summary{padding-right:1.8rem!important}
.here{position:absolute;right:0;top:.75rem;text-decoration:none;color:var(--muted);padding:0 .3rem}
.here:hover,.here:focus-visible{color:var(--accent)}
`;

const PRINT = `@media print{@page{margin:14mm}body{max-width:none;padding:0;font-size:10pt}nav,.scheme,#wishes,.copy,.tip,.tools,.here,.plot-over-time,.plot-over-time+.said{display:none}.sort::before{content:none!important}details::details-content{content-visibility:visible;height:auto}.part>details>summary::before{content:none}section{margin-top:1.6rem}figure,table tr,.warnings,h2,h3{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}svg.chart{min-width:0!important}table{font-size:7pt}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;
