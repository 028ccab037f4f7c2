// Loaded before a function's own code where a test asks for it: its clock runs ahead by what a file says, so that thirty days pass.
// Never in the API: the people who use it are signed in today.
import { readFileSync } from 'node:fs';

const { AWS_LAMBDA_FUNCTION_NAME: name = '', TEST_AHEAD_FILE: file } = process.env;
/** It is asked for the time thousands of times. */
const READ_EVERY_MS = 50;

if (file !== undefined && !name.includes('StagesApi')) {
  const now = Date.now.bind(Date);
  let ahead = 0;
  let readAt = 0;
  Date.now = () => {
    const today = now();
    if (today - readAt > READ_EVERY_MS) {
      ahead = Number(readFileSync(file, 'utf8'));
      readAt = today;
    }
    return today + ahead;
  };
}
