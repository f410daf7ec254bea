import { app } from '@azure/functions';
import { liveMs, toolsStatus } from '../shared/tools/live/status.ts';
import { http } from './register.ts';
import { services } from './services.ts';

/** How long the first question to an instance waits for what is published. */
const firstLookMs = 5_000;

/** `GET /api/tools`: what is live where, how it fares, and what was refused. */
http('tools', { methods: ['GET'], authLevel: 'function', route: 'tools' }, async () => {
  const { source, reporter, instances } = await services.tools();
  await source.ready(firstLookMs);
  const own = reporter.beat(source);
  const others = await instances.list(new Date(Date.now() - liveMs));
  const beats = [own, ...others.filter(({ instance }) => instance !== own.instance)];
  return { status: 200, jsonBody: toolsStatus(beats) };
});

// Whoever publishes does not wait for an instance that was taken away.
app.hook.appTerminate(async () => (await services.tools()).reporter.leave());
