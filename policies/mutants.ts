// Small lies told to the policies: each mutant changes one thing in a rule or a number, and some test should notice.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Node as JsonNode, parseTree } from 'jsonc-parser';

export type Mutant = {
  /** Stays the same when lines move: file, kind, the line's own text, and which of its like. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly what: string;
  /** The whole file, changed. */
  readonly text: string;
};

type Edit = { readonly line: number; readonly kind: string; readonly of: string; readonly text: string };

const FLIPS: Record<string, readonly string[]> = {
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '==': ['!='],
  '!=': ['=='],
};
const LIGHTER: Record<string, string> = { committee: 'reviewer', reviewer: 'automated', automated: 'reviewer' };

const indentOf = (line: string) => line.length - line.trimStart().length;
const isCode = (line: string) => line.trim() !== '' && !line.trimStart().startsWith('#');

/** Every place where the pattern stands outside a text in quotes. */
function* outsideTexts(line: string, pattern: RegExp): Generator<RegExpExecArray> {
  const hidden = line.replace(/"(?:[^"\\]|\\.)*"/g, (text) => `"${'\u0001'.repeat(text.length - 2)}"`);
  for (const found of hidden.matchAll(pattern)) yield found;
}

const replaced = (line: string, at: number, length: number, by: string) => line.slice(0, at) + by + line.slice(at + length);

/** Other ways to write one line: kind and new text. */
function* variants(line: string): Generator<[kind: string, text: string]> {
  for (const { 0: found, 1: sign = '', index } of outsideTexts(line, / (>=|<=|==|!=|>|<) /g)) {
    for (const by of FLIPS[sign] ?? []) yield [`${sign} becomes ${by}`, replaced(line, index, found.length, ` ${by} `)];
  }
  for (const { 0: found, index } of outsideTexts(line, /\b(?:true|false)\b/g)) {
    const by = found === 'true' ? 'false' : 'true';
    yield [`${found} becomes ${by}`, replaced(line, index, found.length, by)];
  }
  for (const { 0: found, index } of outsideTexts(line, /(?<![\w.])[01](?![\w.])/g)) {
    const by = found === '0' ? '1' : '0';
    yield [`${found} becomes ${by}`, replaced(line, index, 1, by)];
  }
  for (const { 0: found, index } of outsideTexts(line, /\b(?:min|max)(?=\()/g)) {
    const by = found === 'min' ? 'max' : 'min';
    yield [`${found} becomes ${by}`, replaced(line, index, found.length, by)];
  }
  for (const { 0: found, 1: before = '', 2: path = '', index } of line.matchAll(
    /(shared\.(?:text|figure)\("[^"]*", )"(committee|reviewer|automated)"/g,
  )) {
    const by = LIGHTER[path] ?? path;
    yield [`path ${path} becomes ${by}`, replaced(line, index, found.length, `${before}"${by}"`)];
  }
  yield* negations(line);
}

function* negations(line: string): Generator<[kind: string, text: string]> {
  const trimmed = line.trim();
  const indent = line.slice(0, indentOf(line));
  if (trimmed.startsWith('not ')) yield ['not is dropped', indent + trimmed.slice(4)];
  else if (/^[a-z_.]+\(.*\)$/.test(trimmed) && indent !== '') yield ['negated', `${indent}not ${trimmed}`];
}

const opens = (line: string) => (line.match(/[([{]/g) ?? []).length - (line.match(/[)\]}]/g) ?? []).length;

/** The last line of what begins here: the line where its brackets are closed again. */
function endOf(lines: readonly string[], from: number): number {
  let open = 0;
  for (let i = from; i < lines.length; i++) {
    open += opens(lines[i] ?? '');
    if (open <= 0) return i;
  }
  return lines.length - 1;
}

const without = (lines: readonly string[], from: number, to: number) =>
  [...lines.slice(0, from), ...lines.slice(to + 1)].join('\n');

/** A statement in a body: stands on lines of its own and is no member of a literal. */
const isStatement = (line: string, last: string) =>
  indentOf(line) > 0 && !/^[}\])|]/.test(line.trim()) && !/[,|]$/.test(last.trim()) && !/^"[^"]*":/.test(line.trim());

function regoEdits(text: string): Edit[] {
  const lines = text.split('\n');
  const edits: Edit[] = [];
  lines.forEach((line, i) => {
    if (!isCode(line) || /^(package|import)\b/.test(line)) return;
    const add = (kind: string, changed: string) => edits.push({ line: i + 1, kind, of: line.trim(), text: changed });
    for (const [kind, other] of variants(line)) add(kind, lines.with(i, other).join('\n'));
    const end = endOf(lines, i);
    if (isStatement(line, lines[end] ?? '')) add('line is dropped', without(lines, i, end));
    if (indentOf(line) > 0 || /^[}\])]/.test(line) || /^else\b/.test(line)) return;
    // Without the METADATA above it, which may not stand alone.
    let first = i;
    while (first > 0 && (lines[first - 1] ?? '').startsWith('#')) first--;
    add('rule is deleted', without(lines, first, end));
  });
  return edits;
}

/** Every number one up and one down, and every list one shorter. */
function dataEdits(text: string): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: JsonNode, path: string): void => {
    const line = text.slice(0, node.offset).split('\n').length;
    const end = node.offset + node.length;
    if (node.type === 'number') {
      for (const by of [1, -1]) {
        const value = Number(node.value) + by;
        edits.push({
          line,
          kind: `${node.value} becomes ${value}`,
          of: path,
          text: text.slice(0, node.offset) + value + text.slice(end),
        });
      }
    }
    if (node.type === 'array') {
      const items = (JSON.parse(text.slice(node.offset, end)) as unknown[]).map((item) => JSON.stringify(item));
      items.forEach((item, i) => {
        const rest = `[${items.toSpliced(i, 1).join(', ')}]`;
        edits.push({
          line,
          kind: `${item.slice(0, 40)} is left out`,
          of: path,
          text: text.slice(0, node.offset) + rest + text.slice(end),
        });
      });
    }
    for (const [i, child] of (node.children ?? []).entries()) {
      if (node.type === 'object') visit(child.children?.[1] ?? child, `${path}/${child.children?.[0]?.value}`);
      else if (node.type === 'array') visit(child, `${path}/${i}`);
    }
  };
  const root = parseTree(text);
  if (root) visit(root, '');
  return edits;
}

/**
 * The register of lines is no policy figure: who sits in a committee is true or not, and no test of rules can tell. Floors say
 * which waivers a pack may carry; no rule reads them, the loader does (test/unit/policies/layers.test.ts).
 */
const NOT_MUTATED = /(^|\/)(lines(\/|\.json$)|waivers\.json$)/;

export function mutantsOf(folder: string): Mutant[] {
  const filesIn = (root: string, wanted: (name: string) => boolean) =>
    readdirSync(join(folder, root), { recursive: true, encoding: 'utf8' })
      .filter(wanted)
      .map((name) => `${root}/${name}`)
      .sort();
  const rego = filesIn('promotion', (name) => name.endsWith('.rego') && !name.endsWith('_test.rego'));
  const data = filesIn('data', (name) => name.endsWith('.json') && !NOT_MUTATED.test(name));
  const counted = new Map<string, number>();
  return [...rego, ...data].flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return (file.endsWith('.rego') ? regoEdits(text) : dataEdits(text)).map(({ line, kind, of, text: changed }) => {
      const name = `${file}: ${kind}: ${of}`;
      const nth = (counted.get(name) ?? 0) + 1;
      counted.set(name, nth);
      return { id: nth === 1 ? name : `${name} (${nth})`, file, line, what: `${kind}: ${of}`, text: changed };
    });
  });
}
