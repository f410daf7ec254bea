import { printStyle } from './printStyle.ts';

const palette = `
:root{color-scheme:light dark;
--page:#f4f6f8;--card:#fff;--ink:#1a2129;--soft:#4d5966;--line:#d8dee5;--link:#0b5cad;--focus:#0b5cad;--sunk:#eef1f4;
--bad:#b42318;--bad-card:#fef3f2;--good:#14713d;--good-card:#effaf3;--calm:#3d4a58;--calm-card:#f1f4f7;
--contradicted:#a21caf;--contradicted-card:#fbeafc;--contradicted-ink:#7a1284;
--missing:#d92d20;--missing-card:#fee9e7;--missing-ink:#98190f;
--partial:#d97706;--partial-card:#fdf0d5;--partial-ink:#7c4003;
--not_assessable:#8593a3;--not_assessable-card:#e6ebf0;--not_assessable-ink:#3d4a58;
--implemented:#1f9d57;--implemented-card:#def5e6;--implemented-ink:#0f5b31;
--bar:#9fb0c2;--bar-2:#2f7fd1;--bar-3:#1f9d57}
@media (prefers-color-scheme:dark){:root{
--page:#0e1319;--card:#161d26;--ink:#e7edf4;--soft:#a5b2c0;--line:#2c3743;--link:#79b8ff;--focus:#79b8ff;--sunk:#0f151c;
--bad:#ff9a90;--bad-card:#2c1514;--good:#7ee2a8;--good-card:#0f261a;--calm:#c2ccd7;--calm-card:#1b242e;
--contradicted:#d05ce0;--contradicted-card:#3a1440;--contradicted-ink:#f3b4fb;
--missing:#ef5b4f;--missing-card:#451a17;--missing-ink:#ffb4ad;
--partial:#e59a23;--partial-card:#40290a;--partial-ink:#ffd48a;
--not_assessable:#6f7f90;--not_assessable-card:#2a3542;--not_assessable-ink:#cdd7e1;
--implemented:#35b873;--implemented-card:#12341f;--implemented-ink:#9becbd;
--bar:#5b6b7c;--bar-2:#4a97e6;--bar-3:#35b873}}
`;

const ground = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding:1rem 0}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Open Sans",sans-serif;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
code{background:var(--sunk);border-radius:4px;padding:.1em .3em}
a{color:var(--link)}
h1,h2,h3,h4,p,ul,ol,figure,dl,dd{margin:0}
ul,ol{padding:0;list-style:none}
h1{font-size:1.75rem;line-height:1.25;letter-spacing:-.01em}
h2{font-size:1.25rem;line-height:1.3}
h3,h4{font-size:1rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:6px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:9}
.wrap{max-width:70rem;margin:0 auto;padding:0 1rem}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.stack>*+*{margin-top:.75rem}
section.part{margin-top:2.5rem}
section.part>h2{margin-bottom:1rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.25rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem;border-bottom:1px solid var(--line)}
tr:last-child>*{border-bottom:0}
th{font-weight:600}
td:first-child,th:first-child{padding-left:0}
td:last-child,th:last-child{padding-right:0}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
thead th{color:var(--soft);font-size:.8125rem}
`;

const head = `
.top{padding:2rem 0 0}
.brand{display:flex;gap:.5rem;align-items:center;font-weight:600;color:var(--soft);font-size:.875rem;margin-bottom:.5rem}
.brand svg{width:1.25rem;height:1.25rem;fill:none;stroke:currentColor;stroke-width:2}
.facts{margin-top:.5rem;color:var(--soft);font-size:.9375rem}
.facts span+span::before{content:"·";margin:0 .5em}
.gate{margin-top:1.25rem;border:1px solid;border-left-width:6px;border-radius:12px;padding:1rem 1.25rem}
.gate h2{font-size:1.375rem;display:flex;gap:.6rem;align-items:center}
.gate h2 svg{width:1.6rem;height:1.6rem;flex:none}
.gate ul{margin-top:.5rem;list-style:disc;padding-left:1.25rem}
.gate p{margin-top:.5rem;color:var(--soft)}
.gate.failed{color:var(--bad);background:var(--bad-card)}
.gate.passed{color:var(--good);background:var(--good-card)}
.gate.off{color:var(--calm);background:var(--calm-card)}
.gate li{color:var(--ink)}
nav.parts{margin-top:1rem}
nav.parts ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
nav.parts a{display:inline-block;padding:.25rem 0;text-decoration:none;font-weight:500}
nav.parts a:hover{text-decoration:underline}
.tiles{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr))}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.9rem 1rem}
.tile dt{color:var(--soft);font-size:.8125rem}
.tile dd{font-size:1.625rem;font-weight:650;line-height:1.2;font-variant-numeric:tabular-nums}
.tile dd small{display:block;font-size:.8125rem;font-weight:400;color:var(--soft);line-height:1.4}
.shares{margin-top:.75rem}
.shares svg{display:block;width:100%;height:20px;border-radius:10px}
.legend{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;margin-top:.75rem;font-size:.9375rem}
.legend .dot{display:inline-block;width:.75rem;height:.75rem;border-radius:3px;margin-right:.45rem;vertical-align:-.05rem}
`;

const requirementStyle = `
.tools{display:none}
.js .tools{display:block;margin-bottom:1rem}
.tools .line{display:flex;flex-wrap:wrap;gap:.5rem .75rem;align-items:center}
.tools .line+.line{margin-top:.6rem}
.tools input{flex:1 1 14rem;min-width:0;font:inherit;padding:.5rem .75rem;border:1px solid var(--soft);border-radius:8px;background:var(--card);color:var(--ink)}
.tools button{font:inherit;font-size:.875rem;padding:.3rem .7rem;border:1px solid var(--line);border-radius:999px;background:var(--card);color:var(--ink);cursor:pointer}
.tools button:hover{border-color:var(--soft)}
.tools button[aria-pressed=true]{background:var(--ink);border-color:var(--ink);color:var(--card)}
.tools .group{display:flex;flex-wrap:wrap;gap:.35rem;align-items:center}
.tools .group>span{font-size:.8125rem;color:var(--soft);margin-right:.15rem}
kbd{font:inherit;font-size:.8125rem;border:1px solid var(--line);border-bottom-width:2px;border-radius:5px;padding:0 .35em;background:var(--card)}
.keys{margin-left:auto}
.reqs>li{display:block}
.reqs.many>li{content-visibility:auto;contain-intrinsic-size:auto 3.2rem}
.reqs>li[hidden]{display:none}
.reqs>li+li{margin-top:.5rem}
.req{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:10px}
.req>summary{display:grid;grid-template-columns:8.75rem 3.25rem minmax(0,1fr) auto;gap:.25rem .75rem;align-items:baseline;padding:.7rem 1rem;cursor:pointer;list-style:none;border-radius:10px}
.req>summary::-webkit-details-marker{display:none}
.req>summary:hover{background:var(--sunk)}
.req[open]>summary .what{font-weight:600}
.id{color:var(--soft);font-variant-numeric:tabular-nums;font-size:.875rem}
.badge,.tag{display:inline-block;border-radius:999px;padding:.08rem .6rem;font-size:.8125rem;font-weight:600;white-space:nowrap}
.tag{border:1px solid var(--line);font-weight:500;color:var(--soft)}
.tag.high{border-color:var(--bad);color:var(--bad);font-weight:650}
.tag.new{border-color:var(--link);color:var(--link)}
.tags{display:flex;flex-wrap:wrap;gap:.3rem;justify-content:flex-end}
.more{padding:.25rem 1rem 1rem 1rem;border-top:1px solid var(--line)}
.more>*{margin-top:.75rem}
.note{border-left:3px solid var(--line);padding-left:.75rem}
figure.quote{border:1px solid var(--line);border-radius:8px;overflow:hidden}
figure.quote figcaption{background:var(--sunk);padding:.3rem .75rem;font-size:.8125rem}
figure.quote figcaption code{background:none;padding:0;font-size:1em}
figure.quote pre code{display:block;background:none;padding:0;font-size:1em}
figure.quote pre{margin:0;padding:.5rem 0;font-size:.8438rem;overflow-wrap:normal;tab-size:2;line-height:1.5}
figure.quote pre span{display:block;padding:0 .75rem 0 4.25rem;text-indent:-4.25rem;white-space:pre-wrap;overflow-wrap:anywhere}
figure.quote pre span::before{content:attr(data-n);display:inline-block;width:3rem;margin-right:.5rem;text-indent:0;text-align:right;color:var(--soft);user-select:none}
.none{display:none;padding:1.5rem;text-align:center;color:var(--soft)}
.empty .none{display:block}
`;

const verdictTones = ['contradicted', 'missing', 'partial', 'not_assessable', 'implemented']
  .map(
    (name) =>
      `.v-${name}{--tone:var(--${name})}.badge.v-${name}{background:var(--${name}-card);color:var(--${name}-ink)}.dot.v-${name}{background:var(--${name})}rect.v-${name}{fill:var(--${name})}`,
  )
  .join('\n');

const rest = `
.two{display:grid;gap:1rem;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}
.card>h3{margin-bottom:.5rem}
.chart svg{display:block;width:100%;height:auto;overflow:visible}
.chart text{fill:var(--ink);font:14px system-ui,-apple-system,"Segoe UI",Roboto,"Open Sans",sans-serif}
.chart .value{font-weight:600;font-variant-numeric:tabular-nums}
.chart .track{fill:var(--sunk)}
.chart .bar{fill:var(--bar)}.chart .bar-2{fill:var(--bar-2)}.chart .bar-3{fill:var(--bar-3)}
details.figures{margin-top:.75rem}
details.figures>summary{cursor:pointer;color:var(--link);font-size:.875rem}
.scroll{overflow-x:auto}
.found>li{border-top:1px solid var(--line);padding:.75rem 0}
.found>li:first-child{border-top:0;padding-top:0}
.found>li:last-child{padding-bottom:0}
.changes h4{margin:1.1rem 0 .4rem}
.changes ul{font-size:.9375rem}
.changes li+li{margin-top:.35rem}
footer{margin:3rem 0 2rem;color:var(--soft);font-size:.8125rem}
@media (min-width:60rem){.js .tools{position:sticky;top:0;z-index:2;background:var(--page);padding:.75rem 0;border-bottom:1px solid var(--line)}}
@media (max-width:40rem){
.top{padding-top:1.25rem}h1{font-size:1.5rem}.card{padding:1rem}.keys{display:none}
.req>summary{grid-template-columns:auto auto 1fr;padding:.7rem .8rem}
.req>summary .what{grid-column:1/-1;grid-row:2}
.more{padding:.25rem .8rem .9rem}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.tile:last-child:nth-child(odd){grid-column:1/-1}
.stacked thead{display:none}.stacked tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}.stacked tr:last-child{border:0}.stacked td,.stacked th{display:block;border:0;padding:.1rem 0}
}
`;

/** The whole style of the report: nothing is loaded from anywhere. */
export const style = [palette, ground, head, requirementStyle, verdictTones, rest, printStyle].join('');
