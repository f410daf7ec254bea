import { type Instrument, modelSeconds, tokens } from './instrument.ts';

const spending = ['gen_ai.request.model', 'gen_ai.provider.name', 'gen_ai.token.modality'] as const;

/** Metrics of model calls: what they used and cost, and what was saved. */
export const modelInstruments = {
  'gatehouse.saved.tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Input tokens that did not have to be sent.',
    attributes: ['gatehouse.saving'],
  },
  'gatehouse.saved.cost': {
    kind: 'counter',
    unit: '{USD}',
    description: 'Cost of model calls that was avoided, at list price.',
    attributes: ['gatehouse.saving', 'gen_ai.request.model'],
  },
  'gatehouse.llm.cost': {
    kind: 'counter',
    unit: '{USD}',
    description: 'Cost of model calls at list price.',
    attributes: ['gen_ai.request.model'],
  },
  'gatehouse.llm.unpriced': {
    kind: 'counter',
    unit: '{call}',
    description: 'Model calls whose price is not known.',
    attributes: ['gen_ai.request.model'],
  },
  'gatehouse.llm.calls': {
    kind: 'counter',
    unit: '{call}',
    description: 'Model calls.',
    attributes: ['gen_ai.request.model', 'gatehouse.outcome'],
  },
  'gen_ai.client.operation.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'GenAI operation duration.',
    attributes: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model', 'error.type'],
    buckets: modelSeconds,
  },
  'gen_ai.client.token.usage': {
    kind: 'histogram',
    unit: '{token}',
    description: 'Number of input and output tokens used.',
    attributes: [
      'gen_ai.operation.name',
      'gen_ai.provider.name',
      'gen_ai.request.model',
      'gen_ai.token.type',
    ],
    buckets: tokens,
  },
  'gen_ai.client.inference.usage.input_tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Input tokens used, cached ones included.',
    attributes: spending,
  },
  'gen_ai.client.inference.usage.output_tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Output tokens used, reasoning included.',
    attributes: spending,
  },
  'gen_ai.client.inference.usage.cache_read.input_tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Input tokens served from a cache of the provider.',
    attributes: spending,
  },
  'gen_ai.client.inference.usage.cache_write.input_tokens': {
    kind: 'counter',
    unit: '{token}',
    description: 'Input tokens written to a cache of the provider.',
    attributes: spending,
  },
} as const satisfies Record<string, Instrument>;
