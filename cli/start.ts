// Imported before any schema is made. The schema library writes and compiles code for each shape at its first use, which pays
// after some hundred uses: a server gains by it, a command that checks one event spends half its time on it.
import { config } from 'zod';

const LONG = ['serve', 'rebuild', 'audit', 'profile', 'what-if', 'policy'];
const command = process.argv[2];

if (command !== undefined && !LONG.includes(command)) config({ jitless: true });
