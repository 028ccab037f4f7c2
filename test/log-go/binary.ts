import { builtOnce } from '../../policies/tools/go-build.ts';

/** The independent side of the log's cross-test, built once outside git. Without Go it fails and says so. */
export const logGo = (say: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Promise<string> =>
  builtOnce(
    {
      name: 'log-go',
      title: 'log-go (golang.org/x/mod/sumdb)',
      takes: 'some seconds',
      folder: import.meta.dirname,
      target: '.',
      sources: ['main.go', 'make.go'],
    },
    say,
  );
