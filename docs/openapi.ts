// Writes docs/openapi.json: what the server answers at /openapi.json.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApi } from '../functions/http/openapi/document.ts';

export const OPENAPI_FILE = join(import.meta.dirname, 'openapi.json');

export const openApiText = (): string => `${JSON.stringify(openApi(), null, 1)}\n`;

if (import.meta.main) await writeFile(OPENAPI_FILE, openApiText());
