/** On paper everything is open, nothing is for clicking, and no card is torn apart where that can be helped. */
export const printStyle = `
@media print{
:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--sunk:#f3f3f3;--link:#000;
--bad:#8f1a10;--bad-card:#fff;--good:#0f5b31;--good-card:#fff;--calm:#333;--calm-card:#fff;
--contradicted:#a21caf;--missing:#d92d20;--partial:#d97706;--not_assessable:#8593a3;--implemented:#1f9d57;--bar:#9fb0c2;--bar-2:#2f7fd1;--bar-3:#1f9d57;
--contradicted-card:#fff;--contradicted-ink:#7a1284;--missing-card:#fff;--missing-ink:#98190f;--partial-card:#fff;--partial-ink:#7c4003;
--not_assessable-card:#fff;--not_assessable-ink:#3d4a58;--implemented-card:#fff;--implemented-ink:#0f5b31}
body{font-size:10.5pt}
.wrap{max-width:none;padding:0}
.js .tools,.skip,nav.parts,details.figures>summary{display:none}
.reqs>li{content-visibility:visible;break-inside:avoid}
.reqs>li[hidden]{display:block}
.badge{border:1px solid currentColor}
details::details-content{content-visibility:visible;block-size:auto}
.card,.tile,.gate,figure{break-inside:avoid}
h2,h3{break-after:avoid}
a{text-decoration:none;color:inherit}
svg rect,.dot{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
