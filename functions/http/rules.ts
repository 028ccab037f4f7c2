// The rule book over HTTP: a page for people, JSON for the command.
import { Hono } from 'hono';
import type { Digest } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { ActivationRow, keys } from '../domain/rows.ts';
import type { DriveWorld } from '../packs.ts';
import type { Rule } from '../route/rulebook.ts';
import { anybody } from './api.ts';
import { type ConsoleWorld, personOf, signedIn } from './console.ts';
import { pageHeaders } from './pages/headers.ts';
import { filterOf, rulesPage } from './pages/rules.ts';
import { createRuleCounts, type RuleCounts } from './rule-counts.ts';
import { viewerOf } from './session.ts';

type RuleBook = { readonly pack: Digest; readonly rules: readonly Rule[]; readonly counts: RuleCounts };

export function ruleRoutes(world: ConsoleWorld): Hono {
  const app = new Hono();
  const book = createRuleBook(world);
  app.get('/rules', signedIn, async (c) =>
    c.body(
      rulesPage({ viewer: viewerOf(personOf(c)), ...(await book()), filter: filterOf(c.req.query()) }),
      200,
      pageHeaders(world.providerOrigin),
    ),
  );
  // A code is never given out twice, so a link to a rule stays good for ever.
  app.get('/rules/:code{[A-Z]{3}-[0-9]{3}}', signedIn, (c) =>
    c.redirect(`/rules?text=${c.req.param('code')}#${c.req.param('code')}`, 303),
  );
  app.get('/rulebook', anybody(world), async (c) => c.json(ruleBookJson(await book())));
  return app;
}

/** Reads the rules of the active pack, and how often each fired in this store. */
function createRuleBook(world: DriveWorld): () => Promise<RuleBook> {
  const counts = createRuleCounts(world);
  return async () => {
    const row = await world.index.get(keys.activation);
    if (row === undefined) throw new InfrastructureError('no policy is active', { retryable: false });
    const { pack } = ActivationRow.parse(row.body);
    const { rules } = await world.packs.load(pack);
    return { pack, rules: [...rules.values()], counts: await counts() };
  };
}

const ruleBookJson = ({ pack, rules, counts }: RuleBook) => ({
  pack,
  counted: { sealed: counts.sealed, open: counts.open, unread: counts.unread },
  rules: rules.map((rule) => ({ ...rule, fired: counts.fired.get(rule.code) ?? { promotions: 0, lastDay: null } })),
});
