// Sample people of the local OpenID provider. SAMPLES ONLY: the passwords stand here for everybody to read and are printed by
// `countersign serve --demo`. Nothing but that provider, on loopback, accepts them.
import { type Account, hashPassword } from './passwords.ts';

type SamplePerson = Omit<Account, 'password'> & { readonly password: string };

/** A role that decides names its committee: `role@committee`. Subjects are opaque, as a real provider should send them. */
export const SAMPLE_PEOPLE: readonly SamplePerson[] = [
  person('alice', 'Alice Sample', 'person-7f3a51c9', ['model-risk@retail-credit']),
  person('bob', 'Bob Sample', 'person-2c84e0d7', ['model-risk@retail-credit']),
  person('carol', 'Carol Sample', 'person-b19d6f42', ['business-owner@retail-credit']),
  person('dave', 'Dave Sample', 'person-50ea8b36', ['model-risk-reviewer@retail-credit']),
  person('frank', 'Frank Sample', 'person-c3a1f09e', ['policy-owner@model-risk']),
  person('grace', 'Grace Sample', 'person-71d5b2c8', ['policy-owner@model-risk']),
  person('gina', 'Gina Sample', 'person-a8f20c5d', ['ai-governance-lead@ai-governance']),
  // Holds the register's entry that the example lines name as their owner of record.
  person('olivia', 'Olivia Sample', 'person-a86e4d10', ['owner-of-record@model-owner-1']),
  person('kim', 'Kim Sample', 'person-1d9be375', ['key-custodian@security']),
  person('lee', 'Lee Sample', 'person-f40c72aa', ['key-custodian@security']),
  person('erin', 'Erin Sample', 'person-e6c7193b', ['model-developer']),
  person('mallory', 'Mallory Sample', 'person-9d02f5a8', []),
  person('ada', 'Ada Sample', 'person-4b7ec21d', ['auditor']),
];

type SampleService = { readonly clientId: string; readonly secret: string; readonly roles: readonly string[] };

export const SAMPLE_SERVICES: readonly SampleService[] = [
  { clientId: 'german-credit-pipeline', secret: 'sample-secret-german-credit-pipeline', roles: ['pipeline'] },
  { clientId: 'german-credit-monitor', secret: 'sample-secret-german-credit-monitor', roles: ['monitoring'] },
];

function person(username: string, name: string, sub: string, roles: readonly string[]): SamplePerson {
  return { username, name, sub, roles, password: `sample-password-${username}` };
}

/** The provider keeps hashes even of samples, so that it is the same code a real account would meet. */
export const accountsOf = (people: readonly SamplePerson[]): Promise<Account[]> =>
  Promise.all(people.map(async (one) => ({ ...one, password: await hashPassword(one.password) })));
