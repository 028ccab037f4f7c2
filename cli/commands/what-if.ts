import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBytes } from '../../functions/domain/parse.ts';
import { epochDay } from '../../functions/domain/text.ts';
import { RoutingInput } from '../../functions/route/input.ts';
import { blockersOf, Loosening } from '../../functions/whatif/gates.ts';
import { whatIf as ask } from '../../functions/whatif/report.ts';
import type { Corpus } from '../../functions/whatif/types.ts';
import { UsageError } from '../embedded.ts';
import { EXIT, type Exit, say } from '../output.ts';
import { goldenCorpus, vaultCorpus } from './what-if-corpus.ts';
import { whatIfHtml } from './what-if-html.ts';
import { whatIfMarkdown } from './what-if-markdown.ts';
import { openSide } from './what-if-packs.ts';
import { type Told, whatIfText } from './what-if-text.ts';

export type WhatIfFlags = {
  readonly base: string;
  readonly head: string;
  readonly vault?: string;
  readonly corpus?: string;
  readonly loosening?: string;
  readonly author: readonly string[];
  readonly today?: string;
  readonly markdown?: string;
  readonly json?: string;
  readonly html?: string;
};

/** Whom a change of the policy would have sent elsewhere; exit 2 when somebody must answer for it first. */
export async function whatIf(flags: WhatIfFlags): Promise<Exit> {
  const [base, head] = [await openSide(flags.base), await openSide(flags.head)];
  const report = await ask({
    base,
    head,
    corpus: await corpusOf(flags),
    readable: (input) => RoutingInput.safeParse(input).success,
    today: epochDay(flags.today ?? new Date().toISOString()),
    sameInputSchema: base.inputSchema === null || head.inputSchema === null ? null : base.inputSchema === head.inputSchema,
  });
  const rules = new Map([...base.rules, ...head.rules]);
  const blockers = blockersOf(report, await looseningOf(flags), rules, flags.author);
  const told: Told = { report, blockers, rules };
  if (flags.json) await writeFile(flags.json, `${JSON.stringify({ ...report, blockers }, null, 1)}\n`);
  if (flags.markdown) await writeFile(flags.markdown, whatIfMarkdown(told));
  if (flags.html) await writeFile(flags.html, whatIfHtml(told));
  say(whatIfText(told));
  return blockers.length > 0 ? EXIT.no : EXIT.yes;
}

async function corpusOf({ vault, corpus }: WhatIfFlags): Promise<Corpus> {
  if (vault !== undefined && corpus === undefined) return vaultCorpus(vault);
  if (corpus !== undefined && vault === undefined) return goldenCorpus(corpus);
  throw new UsageError('give the promotions to replay: either --vault or --corpus');
}

/** Beside the head's sources unless said otherwise. No file is no entry; a file that does not parse is no permission. */
async function looseningOf({ loosening, head }: WhatIfFlags): Promise<Loosening> {
  const file = loosening ?? join(head, '..', 'loosening.json');
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) {
    if (loosening !== undefined) throw new UsageError(`no file at ${loosening}`);
    return { schema: 'loosening/v0', entries: [] };
  }
  const parsed = parseBytes(Loosening, bytes);
  if (parsed.ok) return parsed.value;
  throw new UsageError(`${file}: ${parsed.problems.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ')}`);
}
