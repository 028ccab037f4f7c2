import { type ActProposal, type ActTerms, type BreakGlass, OWNER_GROUP } from '../../domain/act.ts';
import { handleOf } from '../../domain/actor.ts';
import type { Digest, EventHash } from '../../domain/digest.ts';
import type { Model } from '../../domain/model.ts';
import type { Group } from '../../domain/routing.ts';
import type { Instant } from '../../domain/text.ts';
import { code, html, list, pairs, said, time, trusted } from './markup.ts';
import { SCREEN_CSP, STYLE } from './style.ts';

const RENDERER = 'countersign act screen/v0';

type Named = { readonly event: EventHash; readonly as: string };

/** The versions that an act is about. */
export function namedIn(terms: ActTerms): Named[] {
  switch (terms.what) {
    case 'archive':
      return [{ event: terms.from, as: 'Ends' }];
    case 'rollback': {
      const before = terms.from === null ? [] : [{ event: terms.from, as: 'Active until then' }];
      return [...before, { event: terms.to, as: 'Runs again' }];
    }
    case 'revocation': {
      const after = terms.to === null ? [] : [{ event: terms.to, as: 'Runs again instead' }];
      return [{ event: terms.event, as: 'Taken back' }, ...after];
    }
    case 'breakGlass':
      return [];
  }
}

export type ActView = {
  readonly proposal: ActProposal;
  readonly record: Digest;
  /** What their events sealed of the versions it is about. */
  readonly versions: readonly (Named & {
    readonly model: Pick<Model, 'name' | 'version' | 'root'>;
    readonly approvedAt: Instant;
  })[];
  /** The break-glass that a revocation takes back. */
  readonly glass?: Pick<BreakGlass, 'root' | 'manifest' | 'at' | 'until'>;
};

const TITLES: Record<ActProposal['what'], string> = {
  archive: 'End of a version',
  rollback: 'Rollback',
  revocation: 'Revocation',
  breakGlass: 'Break-glass',
};

function effectOf({ proposal, glass }: ActView): string {
  const where = proposal.environment;
  if (glass !== undefined)
    return `No policy and no committee approved these bytes for ${where}; two people let them run. When this is approved its gate denies them at once, although their hours are not over. The active version stays as it is.`;
  switch (proposal.what) {
    case 'archive':
      return `Nothing replaces this version. When this is approved the gate denies it in ${where}, and the next version promoted there is a first one again.`;
    case 'rollback':
      return `When this is approved the gate allows the version that runs again in ${where}, and no other. What people compared with the version active until then must be compared again.`;
    case 'revocation':
      return `When this is approved the gate denies the version that is taken back in ${where} for ever.${proposal.to === null ? ' If it is active, nothing replaces it.' : ''}`;
    case 'breakGlass':
      return `No policy and no committee has approved these bytes for ${where}. When this is approved its gate allows them for ${proposal.hours} hours, if its own configuration takes that, and says so each time. They owe a regular review afterwards.`;
  }
}

const seat = ({ role, min, from }: Group): string =>
  role === OWNER_GROUP.role ? 'the owner of record' : `${min} ${role} of ${from}`;

/** The small page that people approve an act on: one file, the same bytes for all, stored before anybody is asked (R6). */
export function renderActScreen(view: ActView): Uint8Array {
  const { proposal, record, versions, glass } = view;
  const title = `${TITLES[proposal.what]} in ${proposal.environment}`;
  const about = versions.flatMap(({ as, event, model, approvedAt }) => [
    [as, `${model.name}, version ${model.version}`] as const,
    ['Its root', code(model.root)] as const,
    ['Its event', html`${code(event)}, ${time(approvedAt)}`] as const,
  ]);
  const bytes =
    proposal.what === 'breakGlass'
      ? ([
          ['Model root', code(proposal.root)],
          ['Manifest', code(proposal.manifest)],
          ['For', `${proposal.hours} hours from the last approval`],
        ] as const)
      : proposal.what === 'revocation' && glass
        ? ([
            ['Taken back', html`${code(proposal.event)}, ${time(glass.at)}`],
            ['Model root', code(glass.root)],
            ['Manifest', code(glass.manifest)],
            ['Would end', time(glass.until)],
          ] as const)
        : [];
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(SCREEN_CSP)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${RENDERER}">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header><h1>${title}</h1></header>
<main>
<p>${effectOf(view)}</p>
${pairs([
  ['Line', `${proposal.line} in ${proposal.environment}, tier ${proposal.tier}`],
  ...about,
  ...bytes,
  ['Proposed', html`by ${proposal.actor.kind} ${code(handleOf(proposal.actor))}, ${time(proposal.at)}`],
  [proposal.any ? 'Asked, one of' : 'Asked', list(proposal.groups.map(seat))],
  ['Until', time(proposal.expiresAt)],
  ['Proposal', code(record)],
  ['Policy', code(proposal.pack)],
])}
<h2>Why</h2>
${said(proposal.reason)}</main>
<footer>End of the page. Made by ${RENDERER}.</footer>
</body>
</html>
`;
  return new TextEncoder().encode(page.toString());
}
