import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { type Config, retentionDaysOf } from '../config.ts';
import type { Stores } from '../constructs/access.ts';
import { IndexTable } from '../constructs/index-table.ts';
import { PrivateTable } from '../constructs/private-table.ts';
import { CHECKPOINTS, SEALS, SigningKey, type SigningKeyProps } from '../constructs/sealing-keys.ts';
import { VaultBucket } from '../constructs/vault-bucket.ts';

export type EvidenceProps = StackProps & { readonly config: Config };

/**
 * What must outlive everything else: vault, index, keys, and the two roles that these name. Protected against termination; what is
 * taken out of it stays in the account. The ids of its constructs are for ever: another id is another bucket.
 */
export class Evidence extends Stack {
  readonly bucket: Bucket;
  readonly index: TableV2;
  readonly private: TableV2;
  /** Oldest first. */
  readonly sealKeys: readonly Key[];
  readonly logKeys: readonly Key[];
  /** Here and not beside their functions: key and vault name them, and a role made again would not be the one that they name. */
  readonly sealRole: Role;
  readonly logRole: Role;

  constructor(scope: Construct, id: string, props: EvidenceProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { config } = props;
    const { breakGlassRole } = config;
    const lambda = new ServicePrincipal('lambda.amazonaws.com');
    this.sealRole = new Role(this, 'SealRole', {
      assumedBy: lambda,
      description: 'Signs events and writes events/ and records/',
    });
    this.logRole = new Role(this, 'LogRole', { assumedBy: lambda, description: 'Signs checkpoints and writes log/' });
    for (const role of [this.sealRole, this.logRole]) role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.bucket = new VaultBucket(this, 'Vault', {
      ...{ class: config.class, retentionDays: retentionDaysOf(config), breakGlassRole },
      writers: { seal: this.sealRole, log: this.logRole },
    }).bucket;
    this.index = new IndexTable(this, 'Index').table;
    this.private = new PrivateTable(this, 'Private').table;
    this.sealKeys = this.#keys('SealKey', config.keys.seal, {
      ...{ description: `${config.name}: seals promotion events`, signing: SEALS, signer: this.sealRole, breakGlassRole },
    });
    this.logKeys = this.#keys('LogKey', config.keys.log, {
      ...{
        description: `${config.name}: signs checkpoints of the log`,
        signing: CHECKPOINTS,
        signer: this.logRole,
        breakGlassRole,
      },
    });
    for (const [name, value] of [
      ['Bucket', this.bucket.bucketName],
      ['Table', this.index.tableName],
      ['PrivateTable', this.private.tableName],
      ...this.sealKeys.map(({ keyArn }, at) => [numbered('SealKeyArn', at), keyArn] as const),
      ...this.logKeys.map(({ keyArn }, at) => [numbered('LogKeyArn', at), keyArn] as const),
    ] as const)
      new CfnOutput(this, name, { value });
  }

  /** For the stack that uses them, as exports: their names are written into its own template. */
  arns(): Stores {
    return {
      bucket: this.exportValue(this.bucket.bucketArn),
      index: this.exportValue(this.index.tableArn),
      private: this.exportValue(this.private.tableArn),
      sealKeys: this.sealKeys.map(({ keyArn }) => this.exportValue(keyArn)),
      logKeys: this.logKeys.map(({ keyArn }) => this.exportValue(keyArn)),
    };
  }

  #keys(name: string, generations: number, props: SigningKeyProps): Key[] {
    return Array.from({ length: generations }, (_, at) => new SigningKey(this, numbered(name, at), props).key);
  }
}

/** The first has no number: it was there before anybody thought of a second. */
const numbered = (name: string, at: number): string => (at === 0 ? name : `${name}${at + 1}`);
