import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SCHEMA_NAMES, SCHEMAS, type SchemaName, schemaOf, schemaPath } from '../../../docs/schemas.ts';
import { ApprovalRequest } from '../../../functions/domain/approval-request.ts';
import { canonicalBytes, canonicalDigest } from '../../../functions/domain/canonical.ts';
import { isAbsent, Statement } from '../../../functions/domain/event/statement.ts';
import { parseBytes } from '../../../functions/domain/parse.ts';
import { PromotionRequest, requestIdOf } from '../../../functions/domain/request.ts';
import { Routing } from '../../../functions/domain/routing.ts';
import { Vote, voteKeyOf } from '../../../functions/domain/vote.ts';

type Written = Record<string, unknown> & { examples: unknown[] };

const written = (name: SchemaName): Written => JSON.parse(readFileSync(schemaPath(name), 'utf8')) as Written;
const example = <S extends z.ZodType>(name: SchemaName, schema: S): z.infer<S> => schema.parse(written(name).examples[0]);

describe('docs/schemas', () => {
  it('holds one file for each documented shape, and no other', () => {
    const files = readdirSync(dirname(schemaPath('vote'))).sort();
    expect(files).toEqual(SCHEMA_NAMES.map((name) => `${name}.schema.json`).sort());
  });

  it.each(SCHEMA_NAMES)('%s is what the code says; else run `npx node docs/schemas.ts`', (name) => {
    const { examples: _, ...schema } = written(name);
    expect(schema).toEqual(schemaOf(name));
  });

  it.each(SCHEMA_NAMES)('%s: its examples parse, strictly', (name) => {
    const { examples } = written(name);
    expect(examples.length).toBeGreaterThan(0);
    for (const one of examples) {
      const parsed = parseBytes(SCHEMAS[name] as z.ZodType, canonicalBytes(one));
      expect(parsed.ok ? [] : parsed.problems).toEqual([]);
      const misspelt = { ...(one as object), misspelt: true };
      const refused = parseBytes(SCHEMAS[name] as z.ZodType, canonicalBytes(misspelt));
      expect(refused.ok ? [] : refused.problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
        'UNKNOWN_KEY /misspelt',
      ]);
    }
  });

  it.each(SCHEMA_NAMES)('%s: its examples fit the exported JSON Schema itself', (name) => {
    const { examples, ...schema } = written(name);
    const read = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    for (const one of examples) expect(read.safeParse(one).error?.issues ?? []).toEqual([]);
  });

  it('R3 the examples are of one promotion: each names the bytes of the others', () => {
    const request = example('promotion-request', PromotionRequest);
    const routing = example('routing', Routing);
    const asked = example('approval-request', ApprovalRequest);
    const vote = example('vote', Vote);
    const { predicate } = example('statement', Statement);
    if (predicate.kind !== 'promotion' || isAbsent(predicate.request) || isAbsent(predicate.approvals)) throw new Error('kind');
    expect([asked.id, vote.request, predicate.requestId]).toEqual(Array(3).fill(requestIdOf(request)));
    expect([asked.request, predicate.request.payload]).toEqual(Array(2).fill(canonicalDigest(request)));
    expect(asked.routing).toBe(canonicalDigest(routing));
    expect(predicate.request.approvalRequest).toBe(canonicalDigest(asked));
    expect(vote.screen).toBe(predicate.request.screen);
    expect(predicate.approvals).toMatchObject([{ voteKey: voteKeyOf(vote.request, vote.actor), vote: canonicalDigest(vote) }]);
  });
});
