import type { HttpResponseInit } from '@azure/functions';

/** What a handler answers: as the Functions library takes it, with headers by name. */
export type Answer = Omit<HttpResponseInit, 'headers'> & { headers?: Record<string, string> };
