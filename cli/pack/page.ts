// The verifier page: one file that needs no network and no build where it is used. It is made from the same TypeScript as `verify`,
// so that there is no second verifier that could come to say something else.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import type { Digest } from '../../functions/domain/digest.ts';

const HERE = join(import.meta.dirname, 'browser');
const ROOT = join(import.meta.dirname, '..', '..');

/** `texts`: digests of README and recipe as this version writes them; the page compares with them. */
export async function verifierPage(texts: ReadonlyMap<string, Digest>): Promise<string> {
  const script = await bundled(texts);
  const style = await readFile(join(HERE, 'style.css'), 'utf8');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    // The screen is shown in a frame of this page and brings its own style, whose hash its own policy names.
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = await readFile(join(HERE, 'page.html'), 'utf8');
  return page
    .replace('POLICY', () => policy)
    .replace('<!-- style -->', () => `<style>${style}</style>`)
    .replace('<!-- script -->', () => `<script>${script}</script>`);
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

async function bundled(texts: ReadonlyMap<string, Digest>): Promise<string> {
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [join(HERE, 'main.ts')],
    bundle: true,
    write: false,
    minify: true,
    charset: 'ascii',
    legalComments: 'none',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    inject: [join(HERE, 'buffer.ts')],
    alias: { 'csv-parse/sync': 'csv-parse/browser/esm/sync' },
    define: { TEXTS: JSON.stringify(Object.fromEntries(texts)) },
    plugins: [forBrowsers],
    logLevel: 'silent',
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error('esbuild made no page');
  // Inside an element a closing tag would end it.
  return file.text.replaceAll('</script', '<\\/script').trimEnd();
}

/** The domain's one file of cryptography by another; and of fifty languages of messages the one that is spoken here. */
const forBrowsers: Plugin = {
  name: 'for-browsers',
  setup: (build) => {
    build.onResolve({ filter: /\/crypto\.ts$/ }, () => ({ path: join(HERE, 'crypto.ts') }));
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};
