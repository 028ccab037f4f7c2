// The OPA compiler. No npm package carries it, so it is built once from the Go module that go.sum pins by hash.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtOnce, type GoProgram, pathOf } from './go-build.ts';

const HERE = import.meta.dirname;
const OPA_MODULE = 'github.com/open-policy-agent/opa';

/** The version that go.mod pins, such as `1.22.0`. */
export function opaVersion(): string {
  const found = /github\.com\/open-policy-agent\/opa v(\S+)/.exec(readFileSync(join(HERE, 'go.mod'), 'utf8'));
  if (!found?.[1]) throw new Error('policies/tools/go.mod does not pin OPA');
  return found[1];
}

const program = (): GoProgram => ({
  name: 'opa',
  title: `OPA ${opaVersion()}`,
  takes: 'about two minutes on two cores, 600 MB of Go modules',
  folder: HERE,
  target: OPA_MODULE,
});

/** Where the pinned binary lies once it is built. */
export const opaPath = (): string => pathOf(program());

/** Path of the pinned binary; builds it on first use. */
export const opaBinary = (say: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Promise<string> =>
  builtOnce(program(), say);
