import { sha256, sha256Hex } from '../../domain/crypto.ts';

/** A table whose rows stand as small lists: on a phone every one, on a tablet those of six columns and more. */
const stacked = (table: string): string => `${table},${table} :is(tbody,tr,caption,tbody th,td){display:block;width:100%}
${table} thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
${table} tbody tr{padding:.5rem 0;border-bottom:1px solid #8b929b}
${table} :is(tbody th,td){border:0;padding:.12rem 0}
${table} tbody th{font-weight:600}
${table} tbody td{display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:.6rem}
${table} td::before{content:attr(data-label);color:#4a525c}`;

const STYLE_CSS = `
*{box-sizing:border-box}
html{color-scheme:light;-webkit-text-size-adjust:100%}
body{margin:0;background:#fff;color:#1b1f24;overflow-wrap:anywhere;
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans","DejaVu Sans",sans-serif}
a{color:#0b4a8a}
:focus-visible{outline:3px solid #0b4a8a;outline-offset:2px}
.skip{position:absolute;left:-999rem}
.skip:focus{left:.5rem;top:.5rem;padding:.5rem .75rem;background:#fff;z-index:2}
.bar{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center;padding:.6rem 1.25rem;border-bottom:2px solid #1b1f24}
.bar .home{font-weight:700;color:#1b1f24;text-decoration:none;margin-right:auto}
.bar form{margin:0}
.bar nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem}
.bar nav a{padding:.15rem 0}
main{max-width:84rem;margin:0 auto;padding:1.25rem 1.25rem 4rem}
main.narrow{max-width:48rem}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 .75rem}
h2{font-size:1.1rem;line-height:1.3;margin:1.75rem 0 .5rem}
h3{font-size:1rem;line-height:1.3;margin:1.25rem 0 .4rem}
p{margin:.4rem 0 .75rem;max-width:46rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
pre{white-space:pre-wrap;background:#f5f6f8;padding:.75rem .9rem;border-left:3px solid #8b929b}
.quiet{color:#4a525c}
.notice{border:2px solid #1b1f24;padding:.7rem .9rem;margin:1rem 0}
.bad{border-color:#8a1f11;color:#8a1f11}
button,.button{display:inline-block;min-height:2.75rem;padding:.6rem 1.1rem;font:inherit;font-weight:600;border:2px solid #1d4468;
border-radius:.25rem;background:#1d4468;color:#fff;text-decoration:none;cursor:pointer}
button.plain{background:#fff;color:#1d4468;min-height:2rem;padding:.2rem .7rem}
button:disabled,fieldset:disabled button{background:#e3e6ea;border-color:#8b929b;color:#4a525c;cursor:not-allowed}
select{display:block;width:100%;min-height:2.75rem;padding:.4rem .5rem;font:inherit;border:1px solid #5c6670;border-radius:.2rem;
background:#fff;color:#1b1f24}
.filter{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(14rem,100%),1fr));gap:0 1rem;align-items:end}
.index{columns:18rem;margin:1rem 0}
summary{cursor:pointer;font-weight:600;padding:.4rem 0}
fieldset{border:0;margin:0;padding:0;min-width:0}
fieldset+fieldset{margin-top:1.1rem}
legend,.field>label{display:block;font-weight:600;padding:0;margin:1.1rem 0 .3rem}
.choice{display:grid;grid-template-columns:1.5rem minmax(0,1fr);gap:.5rem;padding:.45rem 0;align-items:start}
.choice input{width:1.5rem;height:1.5rem;margin:0}
.choice small{display:block;color:#4a525c;font-size:.9rem}
textarea{display:block;width:100%;min-height:6rem;padding:.5rem .6rem;font:inherit;border:1px solid #5c6670;border-radius:.2rem}
.field input{display:block;width:100%;min-height:2.75rem;padding:.5rem .6rem;font:inherit;border:1px solid #5c6670;border-radius:.2rem}
dl{margin:.5rem 0;border-top:1px solid #c9ced6}
dl>div{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:0 1rem;padding:.35rem 0;border-bottom:1px solid #e3e6ea}
dt{color:#4a525c}
dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.25rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{padding:.5rem 1rem .5rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #e3e6ea;font-weight:400}
thead th{border-bottom:1px solid #1b1f24;font-weight:600;color:#4a525c;font-size:.9rem;overflow-wrap:normal}
.w{overflow-wrap:normal}
time{white-space:nowrap}
ul,ol{margin:.2rem 0;padding-left:1.1rem}
ol{padding-left:1.8rem}
blockquote{margin:.3rem 0 1rem;padding:.5rem .9rem;border-left:3px solid #8b929b;background:#f5f6f8;white-space:pre-wrap;overflow:hidden}
.desk h2:first-child{margin-top:0}
.desk{margin-top:1.5rem;display:grid;grid-template-columns:minmax(0,1fr);gap:1.5rem}
iframe{display:block;width:100%;height:75vh;min-height:26rem;border:1px solid #5c6670;background:#fff}
[hidden]{display:none!important}
@media (min-width:75rem){
.desk.two{grid-template-columns:minmax(0,1fr) 25rem}
.desk iframe{height:calc(100vh - 9rem);min-height:40rem}
}
@media (max-width:60rem){
${stacked('table:has(th:nth-child(6))')}
}
@media (max-width:42rem){
.bar{padding:.6rem .8rem}
main{padding:.9rem .8rem 3rem}
dl>div{grid-template-columns:minmax(0,1fr)}
${stacked('table')}
table td[data-label=Sealed]{grid-template-columns:minmax(0,1fr)}
}
`;

/** Small and readable on purpose: a security team reads it in the browser. Everything works without it but the check. */
const SHELL_JS = `'use strict';
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = 'Copied';
  });
}
const form = document.querySelector('form[data-decision]');
const fields = form && form.querySelector('fieldset');
const match = document.querySelector('[data-match]');

async function check() {
  const expected = match.dataset.match;
  if (!globalThis.crypto || !crypto.subtle) return [true, 'This browser cannot compute the hash here; check it by the command below.'];
  const response = await fetch(match.dataset.screen, { cache: 'no-store' });
  if (!response.ok) return [false, 'The screen could not be read. Reload the page.'];
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()));
  const found = 'sha256:' + Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return found === expected
    ? [true, 'Match: this browser computed the same hash from the bytes it was sent.']
    : [false, 'MISMATCH: this browser computed ' + found + '. Do not decide; tell whoever runs Countersign.'];
}
if (match) {
  if (fields) fields.disabled = true;
  match.textContent = 'Checking the hash in this browser.';
  check().catch(() => [false, 'The screen could not be read. Reload the page.']).then(([usable, words]) => {
    match.textContent = words;
    match.classList.toggle('bad', !usable);
    if (fields) fields.disabled = !usable;
  });
}
if (form) {
  const edit = form.querySelector('[data-edit]');
  const confirm = form.querySelector('[data-confirm]');
  const say = form.querySelector('[data-say]');
  const boxes = form.querySelectorAll('[data-criterion]');
  const chosen = () => form.querySelector('[name=choice]:checked');
  let confirmed = false;
  let sent = false;
  form.addEventListener('change', () => {
    const approving = chosen() && chosen().value === 'approve';
    for (const box of boxes) {
      box.setCustomValidity(approving && !box.checked ? 'To approve, tick each rule that fired after reading it.' : '');
    }
  });
  form.addEventListener('submit', (event) => {
    if (sent) return event.preventDefault();
    if (confirmed) {
      sent = true;
      form.querySelector('[data-yes]').textContent = 'Sending';
      return;
    }
    event.preventDefault();
    say.textContent = chosen().dataset.words;
    edit.hidden = true;
    confirm.hidden = false;
    confirm.focus();
  });
  form.querySelector('[data-yes]').addEventListener('click', () => {
    confirmed = true;
    form.requestSubmit();
  });
  form.querySelector('[data-back]').addEventListener('click', () => {
    confirm.hidden = true;
    edit.hidden = false;
    chosen().focus();
  });
}
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
`;

export type Asset = { readonly path: string; readonly type: string; readonly body: string; readonly integrity: string };

/** The path holds the hash, so an old page never gets a new file, and the answer may be cached for ever. */
const asset = (name: string, ending: string, type: string, body: string): Asset => ({
  path: `/assets/${name}.${sha256Hex(body).slice(0, 16)}.${ending}`,
  type: `${type}; charset=utf-8`,
  body,
  integrity: `sha256-${Buffer.from(sha256(body)).toString('base64')}`,
});

export const STYLE = asset('style', 'css', 'text/css', STYLE_CSS);
export const SHELL = asset('shell', 'js', 'text/javascript', SHELL_JS);

/** All the console serves besides pages. */
export const ASSETS: readonly Asset[] = [STYLE, SHELL];
