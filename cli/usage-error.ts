/** Wrong use of a command: one sentence to the person, exit code 1, no stack. Apart, because every command loads it. */
export class UsageError extends Error {}
