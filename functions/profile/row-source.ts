import { fail, type Problem, problem, type Result } from '../domain/result.ts';

/** Rows as text, with their header known before the first row. An empty text is a missing value. */
export type RowSource = { readonly columns: readonly string[]; readonly rows: AsyncIterable<readonly string[]> };

/** Thrown by `rows` when a row cannot be read: an iterator has no other way to say so. `profileOf` answers it as a value. */
export class RowFault extends Error {
  readonly problem: Problem;
  constructor(cause: Problem) {
    super(cause.detail);
    this.name = 'RowFault';
    this.problem = cause;
  }
}

export const unreadable = (detail: string): Problem => problem('BYTES_UNREADABLE', '', detail);

export const unreadableResult = (detail: string): Result<never> => fail(unreadable(detail));
