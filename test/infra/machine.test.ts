// The state machine as it would be deployed.
import aslValidator from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { MAY } from '../../functions/aws/may.ts';
import { STATES, stepOf } from '../../functions/domain/flow.ts';
import { flat } from '../../infra/template.ts';
import { ofType, resourcesOf, synthesised } from './synthesised.ts';

const { router } = synthesised();
const [machine] = [...ofType(router, 'AWS::StepFunctions::StateMachine').values()];
const text = flat(machine?.Properties['DefinitionString']);

type State = {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: { readonly FunctionName: string; readonly Payload: Readonly<Record<string, string>> };
  readonly TimeoutSeconds?: number | string;
  readonly Seconds?: number;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Default?: string;
  readonly Next?: string;
  readonly End?: boolean;
};
const graph = JSON.parse(text) as { StartAt: string; QueryLanguage: string; States: Record<string, State> };
const states = Object.entries(graph.States);
const tasks = states.filter(([, { Type }]) => Type === 'Task');
const state = (name: string): State => graph.States[name] ?? { Type: 'none' };
const nextOf = ({ Next, Default, Catch = [], Choices = [] }: State): string[] => [
  ...[Next, Default].filter((name) => name !== undefined),
  ...[...Catch, ...Choices].map(({ Next: next }) => next),
];
const codeIn = (condition: string) => /code = '(\w+)'/.exec(condition)?.[1] ?? condition;

describe('the definition', () => {
  it('is right by the Amazon States Language', () => {
    const whole = JSON.parse(text.replaceAll('<AWS::Partition>', 'aws'));
    expect(aslValidator(whole, { checkPaths: true, checkArn: false })).toMatchObject({ isValid: true, errors: [] });
  });

  it('the linter does see a state that leads nowhere', () => {
    const broken = JSON.parse(text.replaceAll('<AWS::Partition>', 'aws').replaceAll('"Next":"Seal"', '"Next":"Sael"'));
    expect(aslValidator(broken, { checkPaths: true, checkArn: false })).toMatchObject({ isValid: false });
  });

  it('every state leads on to one that is there, and is led to', () => {
    const led = new Set([graph.StartAt, ...states.flatMap(([, one]) => nextOf(one))]);
    expect([...led].sort()).toEqual(states.map(([name]) => name).sort());
  });

  it('is Standard, in JSONata, traced, and logs no data: that holds task tokens', () => {
    expect(machine?.Properties).toMatchObject({
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
    expect(graph.QueryLanguage).toBe('JSONata');
  });
});

describe('the order of things is that of flow.ts (R22a)', () => {
  const choices = state('Choose').Choices ?? [];

  it('Choice reads codes that are states of it', () => {
    const codes = choices.map(({ Condition }) => codeIn(Condition));
    expect(codes).toEqual(['decided', 'sealed', 'received']);
    expect(codes.filter((code) => !(STATES as string[]).includes(code))).toEqual([]);
  });

  it('what is neither decided nor sealed never reaches Seal or Release', () => {
    const to = (code: string) => choices.find(({ Condition }) => codeIn(Condition) === code)?.Next ?? state('Choose').Default;
    expect(Object.fromEntries([...STATES, 'frozen', 'fault', 'unheard of'].map((code) => [code, to(code)]))).toEqual({
      ...{ received: 'Compare', compared: 'Wait', automated: 'Wait', settling: 'Wait', needsRationale: 'Wait' },
      ...{ explained: 'Wait', voting: 'Wait', decided: 'Seal', sealed: 'Release' },
      ...{ frozen: 'Wait', fault: 'Wait', 'unheard of': 'Wait' },
    });
  });

  it('each step is one task’s, so what a fault of Compare left undone is done by Compare and not by Route', () => {
    const taken = [...MAY.compare, ...MAY.route, ...MAY.seal];
    expect(taken.sort()).toEqual([...new Set(STATES.map(stepOf))].filter((step) => step !== 'done').sort());
    // Choose leads each of them to the task that takes it, or to a wait and back to Route.
    const to = (code: string) => choices.find(({ Condition }) => codeIn(Condition) === code)?.Next ?? state('Choose').Default;
    for (const one of STATES) {
      const owner = (['compare', 'seal'] as const).find((name) => (MAY[name] as ReadonlySet<string>).has(stepOf(one)));
      if (owner !== undefined) expect([one, to(one)?.toLowerCase()]).toEqual([one, owner]);
    }
  });

  it('only Seal, and what is sealed already, leads to Release; only Release ends', () => {
    const before = states.filter(([, one]) => nextOf(one).includes('Release')).map(([name]) => name);
    expect(before).toEqual(['Choose', 'Seal']);
    expect(states.filter(([, one]) => one.End === true).map(([name]) => name)).toEqual(['Release']);
    expect(states.filter(([, { Type }]) => ['Succeed', 'Fail'].includes(Type))).toEqual([]);
  });

  it('from every state a sealed end can be reached, also from every fault', () => {
    const ends = new Set(['Release']);
    for (let more = -1; more !== ends.size; ) {
      more = ends.size;
      for (const [name, one] of states) if (nextOf(one).some((next) => ends.has(next))) ends.add(name);
    }
    expect([...ends].sort()).toEqual(states.map(([name]) => name).sort());
  });

  it('the automated path takes five transitions (R26)', () => {
    const walked = ['Compare'];
    for (let at = 'Compare'; state(at).End !== true; walked.push(at))
      at = (at === 'Choose' ? choices.find(({ Condition }) => codeIn(Condition) === 'decided')?.Next : state(at).Next) ?? '';
    expect(walked).toEqual(['Compare', 'Route', 'Choose', 'Seal', 'Release']);
  });
});

describe('faults', () => {
  it.each(tasks)('%s has a time limit and a way on from any error', (_, one) => {
    expect(one.TimeoutSeconds).toBeDefined();
    expect(one.Catch?.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'Pause' });
  });

  it.each(tasks)('%s is tried again only when the call itself went wrong', (_, { Retry = [] }) => {
    const names = Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !name.startsWith('Lambda.'))).toEqual([]);
    // These are our code's own end, not a call that went wrong.
    expect(names).not.toContain('Lambda.Unknown');
    expect(Retry.every(({ MaxAttempts }) => MaxAttempts <= 6)).toBe(true);
  });

  it('the limit of a task is longer than that of its function', () => {
    const limits = tasks.filter(([, one]) => !one.Resource?.endsWith('waitForTaskToken'));
    for (const [, { Arguments, TimeoutSeconds }] of limits) {
      const version = resourcesOf(router).get(Arguments?.FunctionName.slice(1, -1) ?? '');
      const called = resourcesOf(router).get(flat(version?.Properties['FunctionName']).slice(1, -1));
      expect(TimeoutSeconds).toBeGreaterThan(Number(called?.Properties['Timeout']));
    }
    expect(limits).toHaveLength(4);
  });

  it('people get as long as the policy says; then Route looks at the clock, which never approves', () => {
    expect(state('Wait')).toMatchObject({
      TimeoutSeconds: '{% $states.input.waitSeconds %}',
      Catch: [
        { ErrorEquals: ['States.Timeout'], Next: 'Route' },
        { ErrorEquals: ['States.ALL'], Next: 'Pause' },
      ],
      Next: 'Route',
    });
  });

  it('a pause is bounded and leads to Route, which asks the rows', () => {
    expect(state('Pause')).toEqual({ Type: 'Wait', Seconds: 60, Next: 'Route' });
  });
});

describe('what it carries', () => {
  it('is the id, and the token to the one task that keeps it', () => {
    const request = '{% $states.context.Execution.Input.request %}';
    expect(Object.fromEntries(tasks.map(([name, { Arguments }]) => [name, Arguments?.Payload]))).toEqual({
      Compare: { request },
      Route: { request },
      Wait: { request, token: '{% $states.context.Task.Token %}' },
      Seal: { kind: 'request', request },
      Release: { request },
    });
  });

  it('it calls versions, which a deploy keeps (evidence of a deploy between two votes)', () => {
    const versions = ofType(router, 'AWS::Lambda::Version');
    for (const [, { Arguments }] of tasks) {
      const version = versions.get(Arguments?.FunctionName.slice(1, -1) ?? '');
      expect(version).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });
});
