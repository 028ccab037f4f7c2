// The verifier page's own part: files in, checks out. All judging is done by the domain, the same code as `countersign verify`.

import { z } from 'zod';
import type { Digest } from '../../../functions/domain/digest.ts';
import { EventHash } from '../../../functions/domain/digest.ts';
import { unprovenOf } from '../../../functions/domain/event/unproven.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import { checkPack, type PackFiles } from '../../../functions/domain/pack/check.ts';
import { EVENT_NAME, envelopeIn, isNamedBy, SCREEN } from '../../../functions/domain/pack/derived.ts';
import { openZip } from '../../../functions/domain/pack/zip.ts';
import { parseBytes } from '../../../functions/domain/parse.ts';
import { type Check, Trust } from '../../../functions/domain/trust.ts';
import { exportKeys } from '../../../functions/export.ts';

// Its faster way makes code from text, which this page's policy forbids.
z.config({ jitless: true });

declare const TEXTS: Readonly<Record<string, Digest>>;

type Answer = {
  readonly verdict: string;
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly unproven: string[];
};

const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

/** A single zip, or the files of its folder by their paths within it. */
async function openFiles(files: readonly File[]): Promise<PackFiles | string> {
  const [first] = files;
  if (first && files.length === 1 && first.name.endsWith('.zip')) {
    const zip = await openZip({ size: first.size, slice: (from, to) => bytesOf(first.slice(from, to)) });
    return zip.ok ? { names: zip.value.names, read: zip.value.get } : (zip.problems[0]?.detail ?? 'not a pack');
  }
  const named = new Map(files.map((file) => [file.webkitRelativePath.replace(/^[^/]*\//, '') || file.name, file]));
  const read = async (name: string) => {
    const file = named.get(name);
    return file && bytesOf(file);
  };
  return { names: [...named.keys()].sort(), read };
}

async function judge(files: readonly File[], trustFile: File): Promise<Answer & { screen: string | undefined }> {
  const no = (verdict: string) => ({ verdict, ok: false, checks: [], unproven: [], screen: undefined });
  const trust = parseBytes(Trust, await bytesOf(trustFile));
  if (!trust.ok) return no(`Cannot tell: the trust file does not read (${trust.problems[0]?.detail}).`);
  const pack = await openFiles(files);
  if (typeof pack === 'string') return no(`Does not verify: ${pack}.`);
  const name = EventHash.safeParse(new TextDecoder().decode((await pack.read(EVENT_NAME)) ?? new Uint8Array()).trim());
  const envelope = name.success ? await envelopeIn(pack.read, name.data) : undefined;
  if (!name.success || envelope === undefined) return no(`Does not verify: no ${EVENT_NAME}, or not the event that it names.`);
  const event = name.data;
  const verified = await verifyEvent(envelope, event, trust.value, pack.read);
  const { predicate } = verified;
  const belonging = async () => {
    if (predicate === null) throw new Error('the event does not read');
    const key = pack.names.find((one) => /^(?:events|records)/.test(one) && isNamedBy(one, event)) ?? '';
    return exportKeys({ vault: { get: pack.read } }, { key, predicate });
  };
  const tools = new Map(Object.entries(TEXTS));
  const whole = await checkPack(pack, { event, trust: trust.value, belonging, tools });
  const checks = [...verified.checks, ...whole.checks];
  const ok = checks.every((check) => check.ok);
  const screen = ok ? await pack.read(SCREEN) : undefined;
  return {
    verdict: ok ? `Verifies: ${event}` : `Does not verify: ${event}`,
    ok,
    checks,
    unproven: ok ? [...(predicate === null ? [] : unprovenOf(predicate)), ...whole.notProven] : [],
    screen: screen && new TextDecoder().decode(screen),
  };
}

const element = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page lacks ${id}`);
  return found as T;
};

function show({ verdict, ok, checks, unproven, screen }: Awaited<ReturnType<typeof judge>>): void {
  const answer = element('answer');
  answer.textContent = verdict;
  answer.className = ok ? 'yes' : 'no';
  element('checks').hidden = checks.length === 0;
  element('checks')
    .querySelector('tbody')
    ?.replaceChildren(...checks.map(rowOf));
  element('unproven').hidden = unproven.length === 0;
  element('unproven')
    .querySelector('ul')
    ?.replaceChildren(...unproven.map((text) => textIn('li', text)));
  element('shown').hidden = screen === undefined;
  element<HTMLIFrameElement>('screen').srcdoc = screen ?? '';
}

function rowOf({ name, ok, detail, code }: Check): HTMLElement {
  const row = document.createElement('tr');
  const holds = textIn('td', ok ? 'yes' : 'NO');
  holds.className = ok ? 'yes' : 'no';
  row.append(textIn('td', name), holds, textIn('td', `${code ? `${code}: ` : ''}${detail}`));
  return row;
}

function textIn(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

let pack: readonly File[] = [];
let trust: File | undefined;
/** What was asked last is what is shown, whichever is finished first. */
let asked = 0;

async function look(): Promise<void> {
  if (pack.length === 0 || trust === undefined) return;
  const turn = ++asked;
  element('answer').textContent = 'Checking …';
  const answered = await judge(pack, trust).catch((error: unknown) => ({
    verdict: `Cannot tell: ${error instanceof Error ? error.message : String(error)}`,
    ok: false,
    checks: [],
    unproven: [],
    screen: undefined,
  }));
  if (turn === asked) show(answered);
}

function take(files: readonly File[]): void {
  const zips = files.filter((file) => file.name.endsWith('.zip'));
  const [only] = files;
  if (zips.length > 0) {
    pack = zips.slice(0, 1);
    trust = files.find((file) => file.name.endsWith('.json')) ?? trust;
  } else if (files.length === 1) trust = only;
  else pack = files;
  void look();
}

element<HTMLInputElement>('pack').addEventListener('change', (event) => {
  pack = [...((event.target as HTMLInputElement).files ?? [])];
  void look();
});
element<HTMLInputElement>('trust').addEventListener('change', (event) => {
  trust = (event.target as HTMLInputElement).files?.[0];
  void look();
});
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  element('drop').className = 'over';
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  element('drop').className = '';
  take([...(event.dataTransfer?.files ?? [])]);
});
