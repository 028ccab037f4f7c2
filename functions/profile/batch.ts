// What a reader hands over: some rows, column by column. A column is wanted as numbers, as distinct texts, or as both.

/** `at` is the column's place in the header. Wants change while reading: a column with too many texts goes on as numbers. */
export type Want = {
  readonly at: number;
  /** Every row's number in the order of rows. */
  numbers: boolean;
  /** The distinct texts with their counts. */
  texts: boolean;
  /** Which of the texts each row holds: for segments. */
  readonly codes: boolean;
};

export type Texts = { readonly values: readonly string[]; readonly counts: Uint32Array; readonly codes?: Uint16Array };

export type ColumnBatch = {
  readonly at: number;
  /** A missing value is NaN. Where `text` is set, so is the NaN of a value that is no finite number. */
  readonly numbers?: Float64Array;
  readonly missing?: number;
  /** The first value that is no finite number. */
  readonly text?: string;
  readonly texts?: Texts;
  /** Texts were wanted, but these rows alone hold too many of them; then numbers stand instead. */
  readonly overfull?: true;
};

export type Batch = { readonly rows: number; readonly columns: readonly ColumnBatch[] };

/** A table that can be counted. `batches` come in the order of rows; a column's own batches always do. */
export type Source = {
  readonly columns: readonly string[];
  batches(wants: readonly Want[], limits: Limits): AsyncIterable<Batch>;
};

export type Limits = {
  /** The most distinct texts of a column that are kept. */
  readonly values: number;
};

/** The most values of a categorical column or segment that domain/profile.ts takes; more looks like an identifier. */
export const LIMITS: Limits = { values: 10_000 };
