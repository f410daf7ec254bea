/**
 * `npm run start:func [-- --port N]`: the same app under Azure Functions Core Tools, with Azurite. Core Tools is no
 * npm dependency: install it from https://learn.microsoft.com/azure/azure-functions/functions-run-local
 */
import { spawn, spawnSync } from 'node:child_process';
import { bundle } from '../build.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import { runCommand } from './commandLine.ts';
import { localSettings, root, sampleTenants } from './gatehouse.ts';
import { importTenants } from './importTenants.ts';
import { onStopSignal } from './stopSignal.ts';
import { startAzurite } from './storage/azurite.ts';

runCommand(async () => {
  if (spawnSync('func', ['--version']).error) {
    throw new Error(
      'Azure Functions Core Tools ("func") is not installed. `npm start` runs the same app without it.',
    );
  }
  await bundle();
  const azurite = await startAzurite({ location: `${root}.local/storage`, usualPorts: true });
  const { tables } = await createAzureStores({ connectionString: azurite.connectionString });
  await importTenants(sampleTenants, tables);
  const env = { ...localSettings(), AzureWebJobsStorage: azurite.connectionString };
  const func = spawn('func', ['start', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit', env });
  const ended = new Promise<void>((resolve) => func.once('exit', () => resolve()));
  onStopSignal(async () => {
    func.kill('SIGINT');
    await ended;
    await azurite.stop();
  });
  await ended;
  await azurite.stop();
});
