// What an error of AWS means for us: may the same call succeed later, or does somebody have to set something right first?
import { InfrastructureError } from '../../domain/errors.ts';

/**
 * Refusals that pass by themselves although they are the caller's fault by their status: too fast, another call on the same thing,
 * a clock or a credential that is renewed.
 */
const PASSING = new Set([
  ...['ThrottlingException', 'Throttling', 'ThrottledException', 'RequestThrottled', 'RequestThrottledException', 'SlowDown'],
  ...['TooManyRequestsException', 'ProvisionedThroughputExceededException', 'ProvisionedThroughputExceeded', 'ThrottlingError'],
  ...['RequestLimitExceeded', 'LimitExceededException', 'BandwidthLimitExceeded', 'PriorRequestNotComplete'],
  ...[
    'TransactionConflict',
    'TransactionConflictException',
    'TransactionInProgressException',
    'ReplicatedWriteConflictException',
  ],
  ...['ConditionalRequestConflict', 'OperationAborted', 'RequestTimeout', 'RequestTimeoutException', 'RequestTimeTooSkewed'],
  ...['ExpiredToken', 'ExpiredTokenException', 'KeyUnavailableException', 'DependencyTimeoutException', 'KMSInternalException'],
  ...['ResourceConflictException', 'ResourceNotReadyException', 'EC2ThrottledException'],
]);

type SdkError = Error & { readonly $metadata?: { readonly httpStatusCode?: number } };

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'an unknown error');

export const statusOf = (error: unknown): number | undefined =>
  error instanceof Error ? (error as SdkError).$metadata?.httpStatusCode : undefined;

export const isPassing = (error: unknown): boolean => PASSING.has(nameOf(error));

/**
 * No answer at all, or one of the server's own troubles: the call may have taken effect. Everything else was refused, and nothing
 * happened.
 */
function isUnanswered(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500 || status < 400;
}

/**
 * One error for the caller. Its message is read by strangers, as the reason of a freeze, and what AWS says names accounts, roles and
 * keys: so only the error's name stands there, and the rest goes with the cause into the log. `secret`: what was sent must not
 * be repeated there either, and a validation error of AWS repeats it.
 */
export function faultOf(
  what: string,
  error: unknown,
  { secret = false }: { readonly secret?: boolean } = {},
): InfrastructureError {
  if (error instanceof InfrastructureError) return error;
  const retryable = isPassing(error) || isUnanswered(error);
  return new InfrastructureError(`cannot ${what}: ${nameOf(error)}`, { retryable, ...(secret ? {} : { cause: error }) });
}

/** Runs one call and gives its errors their meaning. */
export async function asking<T>(what: string, call: () => Promise<T>, options: { readonly secret?: boolean } = {}): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw faultOf(what, error, options);
  }
}
