// A mistake in the file is told before anything is made, all of them at once, each with its place.
import { describe, expect, it } from 'vitest';
import { readConfig, retentionDaysOf } from '../../infra/config.ts';
import { readTestContext } from '../../infra/test-context.ts';
import { configOf, EXAMPLE, PROD } from './synthesised.ts';

const told = (json: unknown) => {
  const read = readConfig(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)));
  return read.ok ? [] : read.problems.map(({ code, pointer }) => `${code} ${pointer}`).sort();
};

describe('the config file', () => {
  it('the example and a production one are right', () => {
    expect([told(EXAMPLE), told(PROD)]).toEqual([[], []]);
  });

  it('tells all mistakes at once', () => {
    const { organisation: _, ...rest } = EXAMPLE;
    const wrong = {
      ...rest,
      clas: 'prod',
      name: 'No Name',
      logRetentionDays: 8,
      issuer: { ...EXAMPLE.issuer, url: 'ftp://x', extra: 1 },
    };
    expect(told(wrong)).toEqual([
      'INVALID_VALUE /issuer/url',
      'INVALID_VALUE /logRetentionDays',
      'INVALID_VALUE /name',
      'MISSING_KEY /organisation',
      'UNKNOWN_KEY /clas',
      'UNKNOWN_KEY /issuer/extra',
    ]);
  });

  it.each([
    ['not JSON', '{"schema":', ['JSON_SYNTAX ']],
    ['a key twice', `${JSON.stringify(EXAMPLE).slice(0, -1)},"class":"prod"}`, ['JSON_DUPLICATE_KEY /class']],
    ['another schema', { ...EXAMPLE, schema: 'aws/v1' }, ['INVALID_VALUE /schema']],
    [
      'http over the network',
      { ...EXAMPLE, issuer: { ...EXAMPLE.issuer, url: 'http://login.example.com' } },
      ['INVALID_VALUE /issuer/url'],
    ],
    ['half a year', { ...EXAMPLE, retention: { years: 0.5 } }, ['NUMBER_NOT_DECIMAL_STRING /retention/years']],
    [
      'an ARN of something else',
      { ...EXAMPLE, breakGlassRole: 'arn:aws:iam::111122223333:user/eve' },
      ['INVALID_VALUE /breakGlassRole'],
    ],
    ['two ways to call', { ...PROD, alarmTopic: 'arn:aws:sns:eu-central-1:111122223333:ops' }, ['INVALID_VALUE /alarmEmail']],
    [
      'a gate that asks for something unheard of',
      { ...EXAMPLE, gates: { production: { proof: 'none' } } },
      ['INVALID_VALUE /gates/production/proof'],
    ],
    ['an origin with a space', { ...EXAMPLE, logOrigin: 'our log' }, ['INVALID_VALUE /logOrigin']],
    [
      'more than functions can be told',
      {
        ...EXAMPLE,
        gates: Object.fromEntries(
          Array.from({ length: 40 }, (_, n) => [`environment-number-${n}`, { proof: 'witnessed', humanSignature: 'required' }]),
        ),
      },
      ['INVALID_VALUE '],
    ],
  ])('%s', (_, json, problems) => {
    expect(told(json)).toEqual(problems);
  });

  it('http is taken on loopback, where nobody else can listen', () => {
    const local = 'http://127.0.0.1:8999/idp';
    expect(told({ ...EXAMPLE, issuer: { ...EXAMPLE.issuer, url: local }, baseUrl: 'http://localhost:8999' })).toEqual([]);
  });
});

describe('production asks for more (R15a, R23)', () => {
  it('ten years where any line may be high risk, and that is so until somebody says no', () => {
    expect(told({ ...PROD, retention: { years: 9 } })).toEqual(['INVALID_VALUE /retention/years']);
    expect(told({ ...PROD, retention: { years: 9, highRiskLines: false } })).toEqual([]);
    expect(told({ ...PROD, retention: { years: 6, highRiskLines: false } })).toEqual(['INVALID_VALUE /retention/years']);
  });

  it('somebody who is called', () => {
    const { alarmEmail: _, ...silent } = PROD;
    expect(told(silent)).toEqual(['INVALID_VALUE /alarmTopic']);
  });

  it('an issuer that others reach, too', () => {
    expect(told({ ...PROD, issuer: { ...PROD.issuer, url: 'https://localhost/idp' } })).toEqual(['INVALID_VALUE /issuer/url']);
  });

  it('no environment for tests', () => {
    const context = '{"environment":{"AWS_ENDPOINT_URL":"http://127.0.0.1:4566"}}';
    expect(readTestContext(context, 'dev')).toMatchObject({ ok: true });
    expect(readTestContext(context, 'prod')).toMatchObject({ ok: false });
    expect(readTestContext(undefined, 'prod')).toMatchObject({ ok: true, value: { environment: {} } });
  });
});

describe('years as days', () => {
  it.each([
    [1, 366],
    [7, 2557],
    [10, 3653],
    [99, 36160],
  ])('%i years are at most %i days, leap days counted', (years, days) => {
    expect(retentionDaysOf(configOf({ ...EXAMPLE, retention: { years } }))).toBe(days);
    for (let from = 2020; from < 2030; from++) {
      const span = (Date.UTC(from + years, 1, 28) - Date.UTC(from, 1, 28)) / 86_400_000;
      expect(days).toBeGreaterThanOrEqual(span);
    }
  });
});
