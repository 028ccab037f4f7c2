import { visit } from 'jsonc-parser';
import { decodeUtf8, depthOf } from './json.ts';

const VERDICT_KEYS = ['result', 'status', 'passed'];
const YES = ['pass', 'passed', 'ok', 'success', 'succeeded', 'true'];
const NO = ['fail', 'failed', 'failure', 'error', 'errored', 'ko', 'rejected', 'false'];
/** Deeper than any report; checked before the recursive reader sees the text. */
const MAX_DEPTH = 64;

/**
 * What a JSON report says of its own outcome at its top level, each time it says so: a key that stands twice is seen twice.
 * Any other report, and any other word, says nothing that could be held against the stated result.
 */
export function verdictsOf(report: Uint8Array): ('pass' | 'fail')[] {
  const text = decodeUtf8(report)?.replace(/^\uFEFF/, '');
  if (text?.trimStart()[0] !== '{' || depthOf(text) > MAX_DEPTH) return [];
  const verdicts: ('pass' | 'fail')[] = [];
  visit(text, {
    onLiteralValue: (value, _offset, _length, _line, _column, path) => {
      const [key, ...below] = path();
      if (below.length > 0 || !VERDICT_KEYS.includes(String(key).toLowerCase())) return;
      const word = String(value).trim().toLowerCase();
      if (YES.includes(word)) verdicts.push('pass');
      else if (NO.includes(word)) verdicts.push('fail');
    },
  });
  return verdicts;
}

export const isBlank = (report: Uint8Array): boolean => report.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
