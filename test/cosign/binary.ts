// Sigstore's own command line, unmodified: the verifier that an auditor is most likely to have already.
import { builtOnce } from '../../policies/tools/go-build.ts';

/** Built once outside git from the module that go.sum pins by hash. Without Go it fails and says so. */
export const cosignBinary = (say: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Promise<string> =>
  builtOnce(
    {
      name: 'cosign',
      title: 'cosign 3.1.3',
      takes: 'about four minutes on two cores',
      folder: import.meta.dirname,
      target: 'github.com/sigstore/cosign/v3/cmd/cosign',
    },
    say,
  );
