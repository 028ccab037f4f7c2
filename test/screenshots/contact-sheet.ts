import type { Shown } from '../support/stage.ts';

const STYLE = `body{font:16px/1.4 system-ui,sans-serif;margin:1rem;background:#e3e6ea}
div{display:flex;gap:1rem;align-items:flex-start;overflow-x:auto}
figure{margin:0 0 1rem}img{display:block;background:#fff;border:1px solid #5c6670}`;

/** All pictures on one page, a row for each page, at half their size. Names and paths are ours: nothing here needs escaping. */
export function contactSheet(pages: readonly Shown[], widths: readonly number[]): string {
  const picture = (name: string, width: number) =>
    `<figure><figcaption>${width} px</figcaption><a href="${name}-${width}.png"><img src="${name}-${width}.png" alt="${name} at ${width} pixels" width="${width / 2}"></a></figure>`;
  const rows = pages.map(
    ({ name, person, path }) =>
      `<h2>${name}</h2><p>${person ?? 'nobody'} at <code>${path}</code></p><div>${widths.map((width) => picture(name, width)).join('')}</div>`,
  );
  return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Pages of Countersign</title><style>${STYLE}</style>
<h1>Pages of Countersign</h1>
${rows.join('\n')}</html>
`;
}
