import { writeFile } from 'node:fs/promises';
import { digestOf, hexOf } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { isAbsent, parseStatement } from '../../functions/domain/event/statement.ts';
import { blobKey } from '../../functions/domain/vault-keys.ts';
import { EXIT, type Exit, note, say } from '../output.ts';
import { openEvidence } from './evidence-folder.ts';

/** The exact bytes that were shown, as a file to open in a browser. Poured out only when asked: they are pages of HTML. */
export async function screen(
  folder: string,
  flags: { readonly event?: string; readonly out?: string; readonly stdout?: true; readonly trust?: string },
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
  if (flags.stdout) process.stdout.write(bytes);
  else {
    const file = flags.out ?? `screen-${hexOf(digest).slice(0, 12)}.html`;
    await writeFile(file, bytes);
    say(file);
  }
  note(`${bytes.byteLength} bytes, ${digest}`);
  return EXIT.yes;
}
