import type { PolicyInput } from './policy.ts';

/** What protects both endpoints where the operator says nothing. A policy of the same name in GATEHOUSE_LIMITS is laid over it. */
export const defaultPolicies: readonly PolicyInput[] = [
  {
    name: 'audit-caller',
    operations: ['audit'],
    scope: 'caller',
    limits: [
      { quota: 30, window: '1m' },
      { quota: 1_000, window: '1d' },
    ],
  },
  { name: 'audit-global', operations: ['audit'], scope: 'global', limits: [{ quota: 300, window: '1m' }] },
  {
    name: 'model-requests',
    operations: ['model-call'],
    scope: 'deployment',
    limits: [{ quota: 10, window: '1m' }],
  },
  {
    name: 'model-tokens',
    operations: ['model-call'],
    scope: 'deployment',
    unit: 'tokens',
    limits: [{ quota: 2_000_000, window: '1m' }],
  },
  {
    name: 'model-tokens-caller',
    operations: ['model-call'],
    scope: 'caller',
    unit: 'tokens',
    limits: [{ quota: 2_000_000, window: '1m' }],
  },
  {
    name: 'calls-number',
    operations: ['assistant-request'],
    scope: 'phone-number',
    limits: [
      { quota: 10, window: '1m' },
      { quota: 60, window: '1h' },
    ],
    // Three calls at once, so that hardly any caller ever waits for a lease.
    localShare: 0.3,
  },
  {
    name: 'calls-tenant',
    operations: ['assistant-request'],
    scope: 'tenant',
    limits: [{ quota: 600, window: '1m' }],
  },
  {
    name: 'tools-tenant',
    operations: ['tool-calls'],
    scope: 'tenant',
    limits: [{ quota: 3_000, window: '1m' }],
  },
  {
    name: 'failed-credentials',
    operations: ['failed-credential'],
    scope: 'source-address',
    limits: [{ quota: 60, window: '1m' }],
  },
];
