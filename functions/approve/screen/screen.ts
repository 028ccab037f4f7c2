import { changesSection } from './changes.ts';
import { comparisonSection } from './comparison.ts';
import { evidenceSection } from './evidence.ts';
import { explanationSection } from './explanation.ts';
import { fairnessSection } from './fairness.ts';
import { headerSection, requestSection } from './header.ts';
import { html, trusted } from './markup.ts';
import { outcomeSection } from './outcome.ts';
import { populationSection } from './population.ts';
import { SCREEN_CSP, STYLE } from './style.ts';
import type { ScreenView } from './view.ts';
import { whySection } from './why.ts';
import { wordsSection } from './words.ts';

/** Changes whenever the renderer's bytes may; printed in the page, so that a stored page names what made it. */
const RENDERER = 'countersign screen/v0';

/**
 * The exact bytes approvers are shown: one file, no script, no address outside, the same bytes for the same view. The stored
 * bytes are the evidence; rendering again only tests the renderer.
 */
export function renderScreen(view: ScreenView): Uint8Array {
  const { request, requestId } = view;
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(SCREEN_CSP)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${RENDERER}">
<title>${request.model.name} ${request.model.version}, ${requestId}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${headerSection(view)}<main>
${requestSection(view)}${whySection(view)}${changesSection(view.diff)}${comparisonSection(view)}${populationSection(view)}${fairnessSection(view)}
${explanationSection(view)}${wordsSection(view)}${outcomeSection(view)}${evidenceSection(view)}</main>
<footer>End of the page. Made by ${RENDERER} for request ${requestId}.</footer>
</body>
</html>
`;
  return new TextEncoder().encode(page.toString());
}
