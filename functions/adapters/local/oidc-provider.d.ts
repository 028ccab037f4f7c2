// oidc-provider ships no types. Only what openid-provider.ts and login-page.ts use is declared here.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export type ProviderContext = {
    type: string;
    body: unknown;
    set(header: string, value: string): void;
    readonly oidc: {
      readonly client?: { readonly clientId: string };
      readonly account?: { readonly accountId: string };
      readonly session?: { grantIdFor(clientId: string): string | undefined };
    };
  };

  export type ClientToken = { readonly kind: string; readonly clientId: string };

  export type Grant = { addOIDCScope(scope: string): void; save(): Promise<string> };

  export type Interaction = { readonly uid: string; readonly prompt: { readonly name: string } };

  export type InteractionResult =
    | {
        readonly login: {
          readonly accountId: string;
          readonly acr: string;
          readonly amr: string[];
          readonly remember: boolean;
        };
      }
    | { readonly error: string; readonly error_description: string };

  export default class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Grant: new (of: {
      readonly accountId: string;
      readonly clientId: string;
    }) => Grant;
    callback(): (req: IncomingMessage, res: ServerResponse) => Promise<void>;
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<Interaction>;
    interactionFinished(
      req: IncomingMessage,
      res: ServerResponse,
      result: InteractionResult,
      options: { readonly mergeWithLastSubmission: boolean },
    ): Promise<void>;
    on(event: 'error', listener: (error: unknown) => void): this;
    on(event: 'server_error', listener: (ctx: ProviderContext, error: unknown) => void): this;
  }

  export const errors: { readonly InvalidTarget: new () => Error; readonly SessionNotFound: new () => Error };
}
