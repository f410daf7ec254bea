/** `npm run package`: builds the bundle and writes `gatehouse.zip`, all that an Azure Functions app needs to run. */
import { createWriteStream, globSync, readFileSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { bundle } from '../build.ts';
import { root } from './gatehouse.ts';

await bundle();
const { name, version, type, main } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Record<
  string,
  string
>;
const zip = new ZipFile();
for (const path of ['host.json', ...globSync(['dist/*.js', 'dist/vocabulary/*.bin'], { cwd: root }).sort()])
  zip.addFile(`${root}${path}`, path);
zip.addBuffer(
  Buffer.from(JSON.stringify({ name, version, type, main, private: true }, null, 2)),
  'package.json',
);
zip.end();
await pipeline(zip.outputStream as NodeJS.ReadableStream, createWriteStream(`${root}gatehouse.zip`));
console.log(`gatehouse.zip: ${(statSync(`${root}gatehouse.zip`).size / 2 ** 20).toFixed(1)} MB`);
