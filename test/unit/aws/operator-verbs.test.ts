// The function that signs is invoked by others of this deployment. What an operator asks of it is not theirs to ask: rights of IAM know
// aliases and versions, and no payloads.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/seal/handler.ts';

const reason = 'The yearly change of keys.';
const OPERATORS = [{ kind: 'begin' }, { kind: 'rotate', use: 'seal', reason }, { kind: 'retire', reason }];

// Each fault is a line of log, which nobody wants to read here.
beforeEach(() => void vi.spyOn(process.stdout, 'write').mockReturnValue(true));
afterEach(() => void vi.restoreAllMocks());

describe('0042 a function that may ask for a seal may not ask for other keys', () => {
  it.each(OPERATORS)('$kind is refused at the alias, before anything is opened', async (event) => {
    await expect(handler(event, { functionVersion: '7' })).rejects.toThrow(/is an operator's/);
  });

  it.each(OPERATORS)('$kind is taken at the function itself', async (event) => {
    // Here nothing is configured, so that is as far as it comes.
    await expect(handler(event, { functionVersion: '$LATEST' })).rejects.toThrow(/configured wrongly/);
  });

  it.each([{ kind: 'frozen' }, { kind: 'request', request: `req-${'a'.repeat(26)}` }])(
    '$kind is taken at the alias',
    async (event) => {
      await expect(handler(event, { functionVersion: '7' })).rejects.toThrow(/configured wrongly/);
    },
  );
});
