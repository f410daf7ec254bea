import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 40_000,
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      // Functions and the host's servers run in child processes, where integration tests see them and coverage does not.
      include: ['shared/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { statements: 95, branches: 90, functions: 95, lines: 95 },
    },
  },
});
