import { writeFile } from 'node:fs/promises';
import { digestOf } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { isAbsent, parseStatement } from '../../functions/domain/event/statement.ts';
import { blobKey } from '../../functions/domain/vault-keys.ts';
import { EXIT, type Exit, note } from '../output.ts';
import { openEvidence } from './evidence-folder.ts';

/** The exact bytes that were shown, to standard output or a file. */
export async function screen(
  folder: string,
  flags: { readonly event?: string; readonly out?: string; readonly trust?: string },
): Promise<Exit> {
  const { envelope, event, vault } = await openEvidence(folder, flags.event);
  const opened = openEnvelope(envelope);
  const statement = opened.ok && opened.value.hash === event ? parseStatement(opened.value.payload) : undefined;
  if (!statement?.ok) {
    note(`the envelope is not that of ${event}`);
    return EXIT.no;
  }
  const { predicate } = statement.value;
  const digest =
    predicate.kind === 'promotion' && !isAbsent(predicate.request) ? predicate.request.screen : { absent: 'no-promotion' };
  if (isAbsent(digest)) {
    note(`no screen: ${digest.absent}`);
    return EXIT.no;
  }
  const bytes = await vault.get(blobKey(digest));
  if (bytes === undefined || digestOf(bytes) !== digest) {
    note(`the screen ${digest} is not here or was changed`);
    return EXIT.no;
  }
  if (flags.out) await writeFile(flags.out, bytes);
  else process.stdout.write(bytes);
  note(`${bytes.byteLength} bytes, ${digest}`);
  return EXIT.yes;
}
