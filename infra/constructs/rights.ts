import { Stack, Validations } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct } from 'constructs';

/** `wide`: why it cannot name each thing it is for. Where it names a star and gives no reason, the checks of cdk-nag fail. */
export type Right = {
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions?: Record<string, object>;
  readonly wide?: string;
};

/** The one policy of a role. Nobody adds to it: grants of the library would, and some are wide. */
export function policyOf(scope: Construct, role: IRole, rights: readonly Right[]): Policy {
  const statements = rights.map(({ wide: _, ...props }) => new PolicyStatement(props));
  const policy = new Policy(scope, 'May', { roles: [role], statements });
  for (const { resources, wide } of rights) {
    if (wide === undefined) continue;
    for (const resource of resources) {
      const named = flattenCfnReference(Stack.of(scope).resolve(resource));
      if (named.includes('*'))
        Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${named}]`, reason: wide });
    }
  }
  return policy;
}

/** X-Ray knows no resources. */
export const TRACES: Right = {
  actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  resources: ['*'],
  wide: 'X-Ray knows no resources; its own documentation asks for "*".',
};
