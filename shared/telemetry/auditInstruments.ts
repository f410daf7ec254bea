import { auditSeconds, type Instrument, queueSeconds } from './instrument.ts';

/** Metrics of audits and their jobs. */
export const auditInstruments = {
  'gatehouse.audit.count': {
    kind: 'counter',
    unit: '{audit}',
    description: 'Finished audits.',
    attributes: ['gatehouse.verdict', 'gatehouse.engine'],
  },
  'gatehouse.audit.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of audits.',
    attributes: ['gatehouse.engine', 'gatehouse.cache_hit'],
    buckets: auditSeconds,
  },
  'gatehouse.audit.cache.requests': {
    kind: 'counter',
    unit: '{request}',
    description: 'Questions to the cache of audit answers.',
    attributes: ['gatehouse.result'],
  },
  'gatehouse.audit.jobs': {
    kind: 'counter',
    unit: '{job}',
    description: 'Audits that run as jobs: accepted, and how they ended.',
    attributes: ['gatehouse.state'],
  },
  'gatehouse.audit.job.queue_age': {
    kind: 'histogram',
    unit: 's',
    description: 'Time from the acceptance of a job to its beginning.',
    attributes: [],
    buckets: queueSeconds,
  },
  'gatehouse.audit.job.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Time from the acceptance of a job to its end.',
    attributes: ['gatehouse.state'],
    buckets: queueSeconds,
  },
} as const satisfies Record<string, Instrument>;
