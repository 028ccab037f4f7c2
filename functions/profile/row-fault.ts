import { fail, type Problem, problem, type Result } from '../domain/result.ts';

/** Thrown while rows are read: an iterator has no other way to say that one cannot be. `profileOf` answers it as a value. */
export class RowFault extends Error {
  readonly problem: Problem;
  /** The row within its block, where it is one row's fault. */
  readonly row: number | undefined;
  constructor(cause: Problem, row?: number) {
    super(cause.detail);
    this.name = 'RowFault';
    this.problem = cause;
    this.row = row;
  }
}

export const unreadable = (detail: string): Problem => problem('BYTES_UNREADABLE', '', detail);

export const unreadableResult = (detail: string): Result<never> => fail(unreadable(detail));
