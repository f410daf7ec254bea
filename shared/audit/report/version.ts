import manifest from '../../../package.json' with { type: 'json' };

/** Which Gatehouse wrote a report. */
export const { version } = manifest;
