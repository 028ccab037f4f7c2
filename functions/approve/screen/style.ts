import { sha256 } from '../../domain/crypto.ts';

/** Frozen with the screen. System fonts only; dark on white; nothing is said by colour alone. */
export const STYLE = `
*{box-sizing:border-box}
html{color-scheme:light;-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:1.25rem 1.25rem 3rem;max-width:64rem;background:#fff;color:#1b1f24;
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.15rem;line-height:1.3;margin:2.5rem 0 .75rem;padding-bottom:.3rem;border-bottom:2px solid #1b1f24}
h3{font-size:1rem;line-height:1.35;margin:1.5rem 0 .4rem}
p{margin:.4rem 0 .7rem;max-width:46rem}
ul{margin:.2rem 0;padding-left:1.1rem}
code{font-family:ui-monospace,SFMono-Regular,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
nav ul{list-style:none;padding:0;columns:2 16rem;margin:.75rem 0 0}
nav li{padding:.1rem 0}
a{color:#0b4a8a}
a:focus-visible{outline:3px solid #0b4a8a;outline-offset:2px}
dl{margin:.75rem 0;border-top:1px solid #c9ced6}
dl>div{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:0 1rem;padding:.32rem 0;border-bottom:1px solid #e3e6ea}
dt{color:#4a525c}
dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.75rem 0 1.25rem;font-size:.93rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{padding:.35rem 1rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #e3e6ea}
th:last-child,td:last-child{padding-right:0}
thead th{border-bottom:1px solid #1b1f24;font-weight:600;color:#4a525c;font-size:.86rem;overflow-wrap:normal}
tbody th{font-weight:500}
.n{text-align:right;font-variant-numeric:tabular-nums}
td.n{white-space:nowrap}
.w{overflow-wrap:normal}
time{white-space:nowrap}
.path{border:2px solid #1b1f24;padding:.7rem .9rem;margin:.9rem 0;max-width:none}
.path strong{font-size:1.1rem}
.rule{border-left:4px solid #8a1f11;padding:.1rem 0 .1rem .9rem;margin:1.2rem 0}
.rule h3{margin-top:0}
.rule.noted{border-left-color:#8b929b}
.against{font-weight:700;color:#8a1f11}
.quiet,.none{color:#4a525c}
blockquote{margin:.3rem 0 1rem;padding:.5rem .9rem;border-left:3px solid #8b929b;background:#f5f6f8;white-space:pre-wrap;overflow:hidden}
figure{margin:1rem 0}
figure img{display:block;max-width:100%;height:auto;border:1px solid #c9ced6}
figcaption{margin-top:.4rem;color:#4a525c;font-size:.9rem}
.chart{max-width:44rem}
.chart figcaption{margin:0 0 .5rem}
svg{display:block;overflow:visible}
svg text{font-size:13px;fill:#1b1f24}
svg .v,svg .l{font-size:12px;fill:#4a525c;font-variant-numeric:tabular-nums}
svg .s0{fill:#1d4468;stroke:#1d4468}
svg .s1{fill:#fff;stroke:#1d4468;stroke-width:1.2}
svg .limit{stroke:#8a1f11;stroke-width:1.5;stroke-dasharray:5 3}
footer{margin-top:3rem;padding-top:.75rem;border-top:2px solid #1b1f24;color:#4a525c}
@media (max-width:42rem){
body{padding:.9rem .8rem 2rem}
dl>div{grid-template-columns:minmax(0,1fr)}
table,tbody,tr,caption,tbody th,td{display:block;width:100%}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
tbody tr{padding:.5rem 0;border-bottom:1px solid #8b929b}
tbody th,td,td.n{border:0;padding:.12rem 0;text-align:left;white-space:normal}
tbody th{font-weight:600}
td{display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:.6rem}
td::before{content:attr(data-label);color:#4a525c}
}
@media print{
body{max-width:none;padding:0;font-size:10pt}
thead{display:table-header-group}
tr,figure{break-inside:avoid}
h2,h3,caption{break-after:avoid}
}
`;

const STYLE_HASH = `sha256-${Buffer.from(sha256(STYLE)).toString('base64')}`;

/** What the document itself allows: a saved copy stays inert. `sandbox` and `frame-ancestors` work in a header only. */
export const SCREEN_CSP = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
