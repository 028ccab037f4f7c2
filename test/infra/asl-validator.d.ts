declare module 'asl-validator' {
  type Answer = { readonly isValid: boolean; readonly errors: readonly unknown[] };
  export default function validate(definition: unknown, options?: { checkPaths?: boolean; checkArn?: boolean }): Answer;
}
