import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Two files at once also on two cores: most of them wait for a server of theirs half of the time.
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000, maxWorkers: 2 },
});
