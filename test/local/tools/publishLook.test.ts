import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DevFolder } from '../../../local/tools/devFolder.ts';
import { bothLooks, noLook } from '../../../local/tools/look.ts';
import { publishLook } from '../../../local/tools/publishLook.ts';
import { buildTool, toolFiles } from '../../../local/tools/toolSource.ts';
import { imprint, publishing } from './published.ts';
import { codeTool, httpTool, toolFolder } from './toolFiles.ts';

/** Somebody who works on a folder; `step` looks once and gives the sequence of what that published. */
function author() {
  const { write, path } = toolFolder();
  const { stores, publisher: open } = publishing();
  const publisher = open();
  const begin = () => {
    const watched = new DevFolder({ files: () => toolFiles(path), build: buildTool });
    return async () => (await publishLook(watched, await watched.look(), publisher)).sequence;
  };
  const tools = async () => Object.keys((await publisher.read()).manifest?.tools ?? {});
  return { write, stores, publisher, begin, tools };
}

it('publishes what is new, changed and gone, and nothing where nothing is', async () => {
  const { write, publisher, begin, tools } = author();
  const step = begin();
  expect(await step()).toBeUndefined();
  write('rain.tool.json', httpTool('rain'));
  const echo = write('echo.tool.ts', codeTool('echo'));
  expect(await step()).toBe(1);
  expect(await step()).toBeUndefined();
  write('echo.tool.ts', codeTool('echo', "'two'"));
  expect(await step()).toBe(2);
  const { manifest } = await publisher.read();
  expect(manifest?.tools.echo).toMatchObject({ version: 'dev', publisher: 'ann' });
  rmSync(echo);
  expect(await step()).toBe(3);
  expect(await tools()).toEqual(['rain']);
});

it('leaves what stood there at the start and is published already', async () => {
  const { write, begin, tools } = author();
  write('rain.tool.json', httpTool('rain'));
  expect(await begin()()).toBe(1);
  const again = begin();
  expect(await again()).toBeUndefined();
  write('snow.tool.json', httpTool('snow'));
  expect(await again()).toBe(2);
  expect(await tools()).toEqual(['rain', 'snow']);
});

it('publishes what was edited while nobody looked', async () => {
  const { write, publisher, begin, tools } = author();
  write('rain.tool.json', httpTool('rain'));
  write('snow.tool.json', httpTool('snow'));
  expect(await begin()()).toBe(1);
  write('rain.tool.json', httpTool('rain', { description: 'Asks for the rain' }));
  const again = begin();
  expect(await again()).toBe(2);
  expect((await publisher.read()).manifest?.tools.rain?.description).toBe('Asks for the rain');
  expect(await again()).toBeUndefined();
  expect(await tools()).toEqual(['rain', 'snow']);
});

it('takes nothing away that is not of the folder', async () => {
  const { write, publisher, begin, tools } = author();
  const built = await buildTool(write('other/snow.tool.json', httpTool('snow')));
  await publisher.replace([built], [], imprint);
  rmSync(write('other/snow.tool.json', ''));
  const rain = write('rain.tool.json', httpTool('rain'));
  const step = begin();
  expect(await step()).toBe(2);
  rmSync(rain);
  expect(await step()).toBe(3);
  expect(await tools()).toEqual(['snow']);
});

it('keeps a tool whose file was moved, and publishes nothing for it', async () => {
  const { write, begin, tools } = author();
  const step = begin();
  const file = write('rain.tool.json', httpTool('rain'));
  await step();
  rmSync(file);
  write('deep/rain.tool.json', httpTool('rain'));
  expect(await step()).toBeUndefined();
  expect(await tools()).toEqual(['rain']);
});

it('keeps what is published where the file is broken', async () => {
  const { write, begin, tools } = author();
  const step = begin();
  write('rain.tool.json', httpTool('rain'));
  await step();
  write('rain.tool.json', '{');
  expect(await step()).toBeUndefined();
  expect(await tools()).toEqual(['rain']);
});

it('publishes what differs from a plan that has come true', async () => {
  const { write, publisher, begin, tools } = author();
  const other = await buildTool(
    write('rain.tool.json', httpTool('rain', { description: 'Asks for the rain' })),
  );
  write('rain.tool.json', httpTool('rain'));
  await begin()();
  const [then, since] = [new Date(Date.now() - 60_000), new Date(Date.now() - 30_000)];
  await publisher.replace([other], [], { version: 'v2', now: then, activeFrom: since });
  expect(await begin()()).toBe(3);
  expect((await publisher.read()).manifest?.tools.rain?.description).toBe('Asks for the weather');
  expect(await tools()).toEqual(['rain']);
});

it('says that what is published counts for nothing, also where a tool is only taken away', async () => {
  const { write, stores, begin } = author();
  const step = begin();
  const file = write('rain.tool.json', httpTool('rain'));
  await step();
  await stores.blobs.put('tools', 'manifest.json', Buffer.from('x'));
  rmSync(file);
  await expect(step()).rejects.toThrow('is not a signed document');
});

describe('what somebody else did in the meantime stays', () => {
  it('where a tool was taken away', async () => {
    const { write, publisher, begin, tools } = author();
    const step = begin();
    write('rain.tool.json', httpTool('rain'));
    write('snow.tool.json', httpTool('snow'));
    await step();
    await publisher.replace([], ['rain'], imprint);
    write('snow.tool.json', httpTool('snow', { description: 'Asks for snow' }));
    expect(await step()).toBe(3);
    expect(await tools()).toEqual(['snow']);
  });

  it('where an older version was put back', async () => {
    const { write, publisher, begin } = author();
    const step = begin();
    const echo = write('echo.tool.ts', codeTool('echo'));
    const before = await buildTool(echo);
    await step();
    write('echo.tool.ts', codeTool('echo', "'two'"));
    await step();
    await publisher.replace([before], [], imprint);
    write('rain.tool.json', httpTool('rain'));
    expect(await step()).toBe(4);
    const { manifest } = await publisher.read();
    expect(manifest?.tools.echo?.sha256).toBe(before.draft.sha256);
  });

  it('until it is edited again, or the work begins anew', async () => {
    const { write, publisher, begin, tools } = author();
    const step = begin();
    write('rain.tool.json', httpTool('rain'));
    await step();
    await publisher.replace([], ['rain'], imprint);
    write('rain.tool.json', httpTool('rain', { description: 'Asks again' }));
    expect(await step()).toBe(3);
    expect(await tools()).toEqual(['rain']);
    await publisher.replace([], ['rain'], imprint);
    expect(await begin()()).toBe(5);
    expect(await tools()).toEqual(['rain']);
  });
});

describe('two looks, the first of which was not published', () => {
  const look = (given: object) => ({ ...noLook, ...given });

  it.each([
    ['is new and changed', { new: ['a'] }, { changed: ['a'] }, { new: ['a'] }],
    ['is new and gone', { new: ['a'] }, { gone: ['a'] }, { gone: ['a'] }],
    ['is changed and gone', { changed: ['a'] }, { gone: ['a'] }, { gone: ['a'] }],
    ['is gone and new', { gone: ['a'] }, { new: ['a'] }, { new: ['a'] }],
    ['is changed twice', { changed: ['a'] }, { changed: ['a', 'b'] }, { changed: ['a', 'b'] }],
  ])('speak once of a tool that %s', (_, earlier, now, both) => {
    expect(bothLooks(look(earlier), look(now))).toEqual(look(both));
  });
});
