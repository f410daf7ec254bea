/**
 * `npm run model-service -- [--port N] [--key K] [--rpm N]`: a stand-in for Azure OpenAI, so that Gatehouse's model
 * engine can be tried without an account. Its answers match words and understand nothing.
 */
import { readCommandLine, runCommand, UsageError } from './commandLine.ts';
import { startModelService } from './modelService/modelService.ts';
import { models } from './modelService/models.ts';
import { parsePort, portInUse } from './ports.ts';
import { onStopSignal } from './stopSignal.ts';

const usage = `usage: npm run model-service -- [--port N] [--key K] [--rpm N]

  --port N   listen on port N (0: any free one); default 7080
  --key K    the key to ask for; default any key
  --rpm N    most requests a minute of each deployment; default no limit`;

const options = { port: { type: 'string' }, key: { type: 'string' }, rpm: { type: 'string' } } as const;

function readRate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError(
      `"${text}" is no number of requests a minute; give a whole number from 1.\n\n${usage}`,
    );
  return Number(text);
}

runCommand(async () => {
  const { values } = readCommandLine(usage, options);
  const wanted = parsePort(values.port ?? '7080');
  const { port, stop } = await startModelService({
    port: wanted,
    apiKey: values.key,
    limits: { requestsPerMinute: readRate(values.rpm) },
    journalSize: 1,
  }).catch((error: unknown) => {
    throw portInUse(error, wanted, 'npm run model-service');
  });
  onStopSignal(stop);
  console.log(`A stand-in for Azure OpenAI: no model is called, its answers match words and understand nothing.
Deployments: ${Object.keys(models).join(', ')}
Point Gatehouse at it in another terminal:

  GATEHOUSE_OPENAI_BASE_URL=http://localhost:${port}/openai/v1 \\
  GATEHOUSE_OPENAI_API_KEY=${values.key === undefined ? 'any' : '<the key given>'} \\
  AZURE_DEPLOYMENT_NAME=gpt-4o npm start

listening on http://localhost:${port}`);
});
