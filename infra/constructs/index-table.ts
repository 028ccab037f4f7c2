import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** The index: rows that follow the vault's journal. A cache, so it may be lost, but not by mistake. */
export class IndexTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      deletionProtection: true,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // For whoever compares rows with the vault from outside: what a row was, and what it became.
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      resourcePolicy: new PolicyDocument({ statements: [onlyTransactions()] }),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

/**
 * Rows are put and deleted by transactions with conditions. These calls have none, or write past them. Exempt: nobody. Transactions
 * are not among these: they ask for the rights to put and delete. "*" is the table that this policy belongs to.
 */
const onlyTransactions = () =>
  new PolicyStatement({
    sid: 'NobodyWritesPastTheConditions',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [
      ...['dynamodb:UpdateItem', 'dynamodb:BatchWriteItem'],
      ...['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:PartiQLDelete'],
    ],
    resources: ['*'],
  });
