import { expect, it } from 'vitest';
import { placeOf } from '../../../cli/commands/doctor-aws.ts';

const ARN = 'arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555';

it('the doctor looks where the keys are, unless somebody said where', () => {
  expect(placeOf({ sealKey: ARN }, {})).toEqual({ region: 'eu-central-1' });
  expect(placeOf({ machine: ARN.replace('kms', 'states') }, {})).toEqual({ region: 'eu-central-1' });
  expect(placeOf({ sealKey: ARN }, { AWS_REGION: 'us-east-1' })).toEqual({});
  expect(placeOf({}, {})).toEqual({});
});
