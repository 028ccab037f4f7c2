import { type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpRoute, HttpRouteKey, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { StageFunction } from './stage-function.ts';

/**
 * The routes that functions/http gives to callers with a bearer token and to nobody else (`bearerOnly`); a test holds this list
 * against that code. All other routes ask for a session, a signature of their own, or nothing, and the app itself asks.
 */
const BEARER_ROUTES: readonly (readonly [HttpMethod, path: string])[] = [
  [HttpMethod.GET, '/lines/{line}/{environment}/baselines'],
  [HttpMethod.GET, '/lines/{line}/stages/{root}'],
  [HttpMethod.GET, '/blobs/{digest}'],
  [HttpMethod.PUT, '/blobs/{digest}'],
  [HttpMethod.POST, '/blobs/{digest}/upload'],
  [HttpMethod.POST, '/requests'],
  [HttpMethod.POST, '/requests/{id}/withdraw'],
  [HttpMethod.POST, '/policy/releases'],
  [HttpMethod.POST, '/drift-findings'],
];

/** Of all callers together. A pipeline that runs wild meets 429 before it meets the limits of the account. */
const THROTTLE = { rateLimit: 100, burstLimit: 200 };

/** No path, no query, no caller: those hold ids and codes of sign-ins. */
const LOGGED = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  milliseconds: '$context.responseLatency',
  fault: '$context.integrationErrorMessage',
  refused: '$context.authorizer.error',
};

export type ApiProps = {
  readonly name: string;
  readonly issuer: { readonly url: string; readonly audience: string };
  readonly logRetention: RetentionDays;
  readonly keepLogs: RemovalPolicy;
};

export class Api extends Construct {
  readonly http: HttpApi;
  readonly #issuer: ApiProps['issuer'];

  constructor(scope: Construct, id: string, { name, issuer, logRetention, keepLogs }: ApiProps) {
    super(scope, id);
    this.#issuer = issuer;
    this.http = new HttpApi(this, 'Http', { apiName: name, createDefaultStage: false });
    stageOf(this, this.http, { logRetention, keepLogs, throttle: THROTTLE });
  }

  /** After the functions, which are told the address of this API. */
  serveBy({ alias }: StageFunction): void {
    const integration = new HttpLambdaIntegration('App', alias);
    const { url, audience } = this.#issuer;
    const authorizer = new HttpJwtAuthorizer('Issuer', url, { jwtAudience: [audience] });
    for (const [method, path] of BEARER_ROUTES) this.http.addRoutes({ path, methods: [method], integration, authorizer });
    const rest = new HttpRoute(this, 'Rest', { httpApi: this.http, routeKey: HttpRouteKey.DEFAULT, integration });
    Validations.of(rest).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Pages ask for a session, hooks for their own signature, gate and log are for everybody: the app asks each caller, ' +
        'as it does where it runs without this API.',
    });
  }
}

export type StageProps = {
  readonly logRetention: RetentionDays;
  readonly keepLogs: RemovalPolicy;
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
};

export const stageOf = (scope: Construct, httpApi: HttpApi, { logRetention, keepLogs, throttle }: StageProps): HttpStage =>
  new HttpStage(scope, 'Stage', {
    ...{ httpApi, stageName: '$default', autoDeploy: true, detailedMetricsEnabled: true, throttle },
    accessLogSettings: {
      destination: new LogGroupLogDestination(new LogGroup(scope, 'Log', { retention: logRetention, removalPolicy: keepLogs })),
      format: AccessLogFormat.custom(JSON.stringify(LOGGED)),
    },
  });
