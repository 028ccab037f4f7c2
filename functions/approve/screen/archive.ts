import { handleOf } from '../../domain/actor.ts';
import type { ArchiveProposal } from '../../domain/archive.ts';
import type { Digest } from '../../domain/digest.ts';
import type { Model } from '../../domain/model.ts';
import type { Instant } from '../../domain/text.ts';
import { code, html, list, pairs, said, time, trusted } from './markup.ts';
import { SCREEN_CSP, STYLE } from './style.ts';

const RENDERER = 'countersign archive screen/v0';

export type ArchiveView = {
  readonly proposal: ArchiveProposal;
  readonly record: Digest;
  /** What its event sealed of the version that would end. */
  readonly model: Pick<Model, 'name' | 'version' | 'root'>;
  readonly approvedAt: Instant;
};

/** The small page that people approve an end on: one file, the same bytes for all, stored before anybody is asked (R6). */
export function renderArchiveScreen({ proposal, record, model, approvedAt }: ArchiveView): Uint8Array {
  const title = `End of ${model.name} ${model.version} in ${proposal.environment}`;
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
<p>Nothing replaces this version. When this is approved the gate denies it in ${proposal.environment}, and the next version promoted
there is a first one again.</p>
${pairs([
  ['Line', `${proposal.line} in ${proposal.environment}, tier ${proposal.tier}`],
  ['Model', `${model.name}, version ${model.version}`],
  ['Model root', code(model.root)],
  ['Approved by event', code(proposal.from)],
  ['Approved', time(approvedAt)],
  ['Proposed', html`by ${proposal.actor.kind} ${code(handleOf(proposal.actor))}, ${time(proposal.at)}`],
  ['Asked', list(proposal.groups.map(({ role, min, from }) => `${min} ${role} of ${from}`))],
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
