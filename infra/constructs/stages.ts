// The functions, and what each may do and is told. The table in docs/aws.md is read from what comes out of here.
import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  consumes,
  invokes,
  putsEvents,
  readsEvidence,
  readsPrivate,
  readsSecret,
  type Stores,
  sendsTo,
  signsWith,
  writesPrivate,
  writesRows,
  writesVault,
} from './access.ts';
import type { WorkQueue } from './queues.ts';
import { CHECKPOINTS, SEALS } from './sealing-keys.ts';
import { type Runs, StageFunction, type StageFunctionProps } from './stage-function.ts';

export type StagesProps = {
  readonly runs: Runs;
  readonly stores: Stores;
  readonly sealRole: IRole;
  readonly logRole: IRole;
  readonly wakes: WorkQueue;
  readonly toLog: WorkQueue;
  readonly bus: EventBus;
  readonly secretArn: string;
  /** The policy pack that is put into force at the start: a folder. */
  readonly pack: string;
  /** Environment of all who open the stores. */
  readonly told: Readonly<Record<string, string>>;
};

/**
 * Whole seconds that each may take. The API's own limit is 30. Comparing reads and counts files of up to 100 MB, so it gets a whole
 * processor (1769 MB) and time; the rest reads and writes rows.
 */
export const LIMITS = {
  api: { memoryMb: 1024, timeout: Duration.seconds(29) },
  compare: { memoryMb: 1769, timeout: Duration.seconds(120) },
  route: { memoryMb: 1024, timeout: Duration.seconds(60) },
  approve: { memoryMb: 512, timeout: Duration.seconds(15) },
  wake: { memoryMb: 512, timeout: Duration.seconds(30) },
  seal: { memoryMb: 1024, timeout: Duration.seconds(60) },
  log: { memoryMb: 1024, timeout: Duration.seconds(60) },
  release: { memoryMb: 512, timeout: Duration.seconds(60) },
  // It asks for a seal, and once more by a canary; each may take as long as that function may, and then the fault is still to be noted.
  sweep: { memoryMb: 1024, timeout: Duration.seconds(240) },
};
type StageName = keyof typeof LIMITS;

type Own = Pick<StageFunctionProps, 'does' | 'may' | 'environment'> & Partial<StageFunctionProps>;

/** All but `wake`, which drives the machine that most of these are part of. */
export class Stages extends Construct {
  readonly api: StageFunction;
  readonly compare: StageFunction;
  readonly route: StageFunction;
  readonly approve: StageFunction;
  readonly seal: StageFunction;
  readonly log: StageFunction;
  readonly release: StageFunction;
  readonly sweep: StageFunction;

  constructor(scope: Construct, id: string, props: StagesProps) {
    super(scope, id);
    const { runs, stores, wakes, toLog, bus, secretArn, told } = props;
    const wakeUrl = { COUNTERSIGN_WAKE_QUEUE: wakes.queue.queueUrl };
    const logUrl = { COUNTERSIGN_LOG_QUEUE: toLog.queue.queueUrl };
    const secret = { COUNTERSIGN_SECRET: secretArn };
    // Who opens the stores (openWorld in functions/aws/world.ts) also writes rows: those that the journal is ahead of are written
    // before anything is read.
    const opens = [...readsEvidence(stores), writesRows(stores.index), readsPrivate(stores, 'NOTES')];
    const world = { ...told, ...wakeUrl };
    const stage = (name: Exclude<StageName, 'wake'>, own: Own) =>
      new StageFunction(this, `${name[0]?.toUpperCase()}${name.slice(1)}`, {
        ...{ runs, stage: name === 'api' ? 'http' : name, ...LIMITS[name], ...own },
      });

    this.seal = stage('seal', {
      does: 'Signs events and records, and nobody else does',
      role: props.sealRole,
      may: [
        ...opens,
        signsWith(stores.sealKeys, SEALS),
        writesVault(stores, 'events', 'records', 'reattested', 'packs', 'blobs', 'said', 'journal'),
        sendsTo(wakes.queue, toLog.queue),
      ],
      environment: { ...world, ...logUrl },
      beside: { pack: props.pack },
    });
    const sealer = { COUNTERSIGN_SEALER: this.seal.alias.functionArn };
    const asksSeal = invokes(this.seal.alias.functionArn);
    this.log = stage('log', {
      does: 'Appends to the log and signs its checkpoints, one call at a time',
      role: props.logRole,
      may: [
        ...opens,
        signsWith(stores.logKeys, CHECKPOINTS),
        writesVault(stores, 'log', 'blobs', 'journal'),
        consumes(toLog.queue),
      ],
      environment: world,
      // The tree is guarded by compare-and-swap; two at once would only lose races.
      concurrency: 1,
    });
    this.api = stage('api', {
      does: 'All that is asked over HTTP: pipelines, people, gates, hooks',
      may: [
        ...opens,
        writesVault(stores, 'blobs', 'said', 'votes', 'journal', 'packs'),
        writesPrivate(stores, 'ERASABLE#*', 'NOTES', 'SESSION#*'),
        readsSecret(secretArn),
        asksSeal,
        sendsTo(wakes.queue),
      ],
      environment: { ...world, ...sealer, ...secret },
    });
    const steps = [...opens, writesVault(stores, 'blobs', 'journal'), sendsTo(wakes.queue)];
    this.compare = stage('compare', { does: 'Compares candidate and incumbent', may: steps, environment: world });
    this.route = stage('route', { does: 'Asks the policy for the path, and tallies', may: steps, environment: world });
    this.approve = stage('approve', {
      does: 'Keeps the token of an execution that waits for people',
      // No evidence: it is handed tokens, and may do nothing with them.
      may: [writesPrivate(stores, 'TOKEN#*'), sendsTo(wakes.queue)],
      environment: { COUNTERSIGN_PRIVATE_TABLE: told['COUNTERSIGN_PRIVATE_TABLE'] ?? '', ...wakeUrl },
    });
    this.release = stage('release', {
      does: 'Tells registry and listeners what was sealed',
      may: [...opens, writesVault(stores, 'journal'), putsEvents(bus.eventBusArn), readsSecret(secretArn)],
      environment: { ...world, COUNTERSIGN_BUS: bus.eventBusName, ...secret },
    });
    this.sweep = stage('sweep', {
      does: 'Finishes what stopped half-way, ends what has expired, seals a canary',
      may: [
        ...opens,
        writesVault(stores, 'said', 'blobs', 'journal'),
        // What a registry announces comes with a token of its own; beside the notes, when something was last sealed.
        writesPrivate(stores, 'ERASABLE#*', 'NOTES', 'SESSION#*'),
        readsSecret(secretArn),
        asksSeal,
        sendsTo(wakes.queue, toLog.queue),
      ],
      environment: { ...world, ...logUrl, ...sealer, ...secret },
    });
  }
}
