import { afterEach, describe, expect, it } from 'vitest';
import { requirementLines } from '../../../local/modelService/wordMatchAudit.ts';
import { createEngine } from '../../../shared/audit/engines/createEngine.ts';
import { assignment, auditSettings, createModelAccess, input } from '../../support/audit.ts';
import { type Running, run, runToEnd } from '../../support/process.ts';
import { hello, startClients } from './clients.ts';

const engineAt = (baseUrl: string, model = 'gpt-4o', apiKey = 'key') =>
  createEngine(
    auditSettings({
      GATEHOUSE_OPENAI_BASE_URL: baseUrl,
      GATEHOUSE_OPENAI_API_KEY: apiKey,
      AZURE_DEPLOYMENT_NAME: model,
    }),
    createModelAccess(),
  );

describe('what the stand-in says by itself', () => {
  it.each(['gpt-4o', 'gpt-5', 'gpt-5.6-terra'])(
    'is an audit by shared words, which Gatehouse takes: %s',
    async (model) => {
      const { service } = await startClients();
      const { requirements, usage, summary } = await (await engineAt(service.baseUrl, model)).assess(
        input,
        assignment(),
      );
      expect(requirements).toMatchObject([
        {
          requirement: 'The shop must hash every password with `scrypt`.',
          design_line: 3,
          verdict: 'partial',
        },
        {
          requirement: 'Orders above 1000 dollars need a second approval.',
          verdict: 'partial',
          evidence: [{ file: 'src/orders.ts', line: 1 }],
        },
        {
          requirement: 'The invoice exporter writes `INVOICE_BUCKET`.',
          verdict: 'not_assessable',
          evidence: [],
        },
      ]);
      expect(summary).toBe('3 requirements found in the design: 2 partial, 1 not assessable.');
      expect(usage?.input_tokens).toBeGreaterThan(200);
    },
  );

  it('depends on the source', async () => {
    const { service } = await startClients();
    const { requirements } = await (await engineAt(service.baseUrl)).assess(
      { ...input, files: [] },
      assignment(),
    );
    expect(requirements.map(({ verdict }) => verdict)).toEqual(Array(3).fill('not_assessable'));
  });

  it('reads names and lines that were escaped as they are', async () => {
    const { service } = await startClients();
    const files = [{ path: 'a%b\n.ts', text: '#HLD_START# invoice exporter writes\n' }];
    const { requirements } = await (await engineAt(service.baseUrl)).assess(
      { ...input, files },
      assignment(),
    );
    expect(requirements[2]?.evidence).toEqual([
      { file: 'a%b\n.ts', line: 1, end_line: 1, quote: '#HLD_START# invoice exporter writes' },
    ]);
  });

  it('is a sentence where nothing is audited, and plain JSON where a schema is given', async () => {
    const { v1 } = await startClients();
    const plain = await v1.chat.completions.create({ model: 'gpt-4o', messages: hello });
    expect(plain.choices[0]?.message.content).toContain('No model was called');
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
      required: ['name', 'tags'],
      additionalProperties: false,
    };
    const json = await v1.chat.completions.create({
      model: 'gpt-4o',
      messages: hello,
      response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } },
    });
    expect(JSON.parse(json.choices[0]?.message.content ?? '')).toEqual({ name: '', tags: [] });
  });

  it('takes list items and lines that oblige for requirements', () => {
    const design = '# Must not count\n\nProse.\n1. One\n- Two\nIt shall do three.\n\n| a | must |';
    expect(requirementLines(design)).toEqual(['One', 'Two', 'It shall do three.', '| a | must |']);
  });
});

describe('npm run model-service', () => {
  let running: Running | undefined;
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  it('says how to point Gatehouse at it, audits, asks for its key and limits requests', async () => {
    running = await run('local/runModelService.ts', ['--port', '0', '--key', 'secret-1', '--rpm', '3']);
    const baseUrl = /GATEHOUSE_OPENAI_BASE_URL=(\S+)/.exec(running.output())?.[1] ?? '';
    expect(baseUrl).toBe(`${running.base}/openai/v1`);
    expect(running.output()).toMatch(/GATEHOUSE_OPENAI_API_KEY=.*\n.*AZURE_DEPLOYMENT_NAME=gpt-4o/);
    expect(running.output()).not.toContain('secret-1');
    await expect((await engineAt(baseUrl)).assess(input, assignment())).rejects.toThrow(/401/);
    const { requirements } = await (await engineAt(baseUrl, 'gpt-4o', 'secret-1')).assess(
      input,
      assignment(),
    );
    expect(requirements).toHaveLength(3);
    const second = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'api-key': 'secret-1' },
      body: JSON.stringify({ model: 'gpt-4o', messages: hello }),
    });
    expect(second.status).toBe(429);
    expect(await running.stop()).toBeLessThan(2_000);
  });

  it.each([
    [['--rpm', '0'], /"0" is no number of requests/],
    [['--port', 'x'], /"x" is not a port/],
    [['--help'], /usage: npm run model-service/],
  ])('%j: says what is wrong', async (args, said) => {
    const { code, printed } = await runToEnd('local/runModelService.ts', args);
    expect([code, printed]).toEqual([1, expect.stringMatching(said)]);
  });
});
