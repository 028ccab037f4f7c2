// The order of things as Step Functions knows it. It carries a request's id and nothing that matters: what is decided stands in
// rows, and `code` is the state that functions/domain/flow.ts gives them. It decides nothing itself.

/** The functions of the tasks: ARNs of versions, so that an execution ends with the code that it began with. */
export type Tasks = { readonly [task in 'compare' | 'route' | 'approve' | 'seal' | 'release']: string };

/** Longer than the function itself may run, so that its own error is what we see. */
export type TaskSeconds = { readonly [task in Exclude<keyof Tasks, 'approve'>]: number };

const REQUEST = '{% $states.context.Execution.Input.request %}';
const RESULT = '{% $states.result.Payload %}';

/**
 * Names of Lambda and of its client only: the call did not reach the code, or nobody knows whether it did. What our code throws is
 * no reason to run at once again; it pauses, and then asks the rows where things stand.
 */
const RETRY = [
  {
    ErrorEquals: [
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
      'Lambda.ClientExecutionTimeoutException',
    ],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxDelaySeconds: 60,
    MaxAttempts: 6,
    JitterStrategy: 'FULL',
  },
];

/** So long until a fault is met again. Ten steps a minute would fill an execution's history in a day; this takes two. */
const PAUSE_SECONDS = 60;

/** Whatever went wrong: a pause, and then the rows say what is next. So every way leads to a sealed outcome. */
const LATER = { ErrorEquals: ['States.ALL'], Output: { request: REQUEST }, Next: 'Pause' };

export function promotionGraph(partition: string, tasks: Tasks, seconds: TaskSeconds) {
  const call = (how: 'invoke' | 'invoke.waitForTaskToken', version: string, more: Readonly<Record<string, string>> = {}) => ({
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:${how}`,
    Arguments: { FunctionName: version, Payload: { request: REQUEST, ...more } },
    Retry: RETRY,
  });
  const task = (name: keyof TaskSeconds, more?: Readonly<Record<string, string>>) => ({
    ...call('invoke', tasks[name], more),
    TimeoutSeconds: seconds[name],
    Output: RESULT,
    Catch: [LATER],
  });
  return {
    Comment: 'One promotion: compared, routed, approved by policy or by people, sealed, and only then released.',
    QueryLanguage: 'JSONata',
    StartAt: 'Compare',
    States: {
      Compare: { ...task('compare'), Next: 'Route' },
      Route: { ...task('route'), Next: 'Choose' },
      Choose: {
        Type: 'Choice',
        Choices: [
          { Condition: codeIs('decided'), Next: 'Seal' },
          { Condition: codeIs('sealed'), Next: 'Release' },
          // Only after a fault: the comparison did not come to its end.
          { Condition: codeIs('received'), Next: 'Compare' },
        ],
        Default: 'Wait',
      },
      // One token for all who are asked. It only wakes: who holds it makes the rows be looked at, and nothing else.
      Wait: {
        ...call('invoke.waitForTaskToken', tasks.approve, { token: '{% $states.context.Task.Token %}' }),
        TimeoutSeconds: '{% $states.input.waitSeconds %}',
        Output: { request: REQUEST },
        // The time is up: Route tallies, and what has expired is decided so.
        Catch: [{ ErrorEquals: ['States.Timeout'], Output: { request: REQUEST }, Next: 'Route' }, LATER],
        Next: 'Route',
      },
      Seal: { ...task('seal', { kind: 'request' }), Next: 'Release' },
      Release: { ...task('release'), End: true },
      Pause: { Type: 'Wait', Seconds: PAUSE_SECONDS, Next: 'Route' },
    },
  };
}

const codeIs = (state: string) => `{% $states.input.code = '${state}' %}`;
