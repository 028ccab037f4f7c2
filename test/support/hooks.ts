// Deliveries as MLflow 3.17.2 sends them, signed with a secret of the test.
import { createHmac } from 'node:crypto';
import type { RawHook } from '../../functions/domain/hook.ts';

export type SentHook = { readonly text: string; readonly headers: Readonly<Record<string, string>> };

export const requestedTag = (name: string, version: string, value: string, key = 'countersign.request'): string =>
  // Python's json.dumps: a space after each comma and colon.
  `{"entity": "model_version_tag", "action": "set", "timestamp": "2026-11-21T06:11:47.582654+00:00", "data": ${JSON.stringify({ name, version, key, value })}}`;

let count = 0;

export function signedHook(
  text: string,
  secret: string,
  at: string,
  id = `083975b9-0000-4000-8000-${String(count++).padStart(12, '0')}`,
): SentHook {
  const seconds = String(Math.floor(Date.parse(at) / 1000));
  const mac = createHmac('sha256', secret).update(`${id}.${seconds}.${text}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'x-mlflow-delivery-id': id,
    'x-mlflow-timestamp': seconds,
    'x-mlflow-signature': `v1,${mac}`,
  };
  return { text, headers };
}

export const rawOf = ({ text, headers }: SentHook): RawHook => ({ headers, body: new TextEncoder().encode(text) });

/** A CloudEvent 1.0 of an in-house registry, signed as Standard Webhooks say. */
export function cloudEvent(
  { model, version, environment }: { model: string; version: string; environment: string },
  secret: string,
  at: string,
  more: Readonly<Record<string, unknown>> = {},
): SentHook {
  const id = `msg_${count++}`;
  const data = { model, version, environment };
  const event = { specversion: '1.0', id, source: '/registry', type: 'dev.countersign.promotion.requested', data, ...more };
  const text = JSON.stringify(event);
  const seconds = String(Math.floor(Date.parse(at) / 1000));
  const mac = createHmac('sha256', secret).update(`${id}.${seconds}.${text}`).digest('base64');
  return {
    text,
    headers: { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${mac}` },
  };
}
