// The least a webhook can do: read the body, parse it, answer a constant of the wanted size.
import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });

const answers = new Map();
function constant(size) {
  if (!answers.has(size)) answers.set(size, JSON.stringify({ padding: 'x'.repeat(Math.max(0, size - 14)) }));
  return answers.get(size);
}

app.http('peer', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'peer/{size:int}',
  async handler(request) {
    const parsed = JSON.parse(await request.text());
    return {
      status: parsed ? 200 : 400,
      headers: { 'content-type': 'application/json' },
      body: constant(Number(request.params.size)),
    };
  },
});
