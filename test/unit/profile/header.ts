import { readFileSync } from 'node:fs';

/** Column names of a file whose header holds no quotes. */
export const readHeader = (path: string): string[] => (readFileSync(path, 'utf8').split('\n')[0] ?? '').split(',');
