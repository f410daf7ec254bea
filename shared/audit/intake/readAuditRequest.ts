import { isDeepStrictEqual } from 'node:util';
import type { HttpRequest } from '@azure/functions';
import type { AuditConfig } from '../../config/audit.ts';
import type { PlatformConfig } from '../../config/platform.ts';
import { AppError } from '../../errors.ts';
import { bodyPieces, parseJson, readBytes } from '../../http/body.ts';
import type { AuditRequest } from '../auditRequest.ts';
import { readArchive } from './archive/readArchive.ts';
import { pathsIn } from './design.ts';
import { finishRequest, type HeldAuditRequest, holding, type Named } from './finishRequest.ts';
import { readFormRequest } from './formRequest.ts';
import { GivenOptions, invalid } from './givenOptions.ts';
import { howToSend, readJsonRequest } from './jsonRequest.ts';
import { instanceRoom, type Share } from './memoryRoom.ts';
import { readOptions, readQuestion } from './readOptions.ts';
import { safePath } from './safePath.ts';
import { TreeBuilder } from './treeBuilder.ts';

type Limits = Pick<PlatformConfig, 'maxBody' | 'maxJson'>;

/** Types by which archives go; which of them it is, its bytes tell. */
const archiveTypes: ReadonlySet<string> = new Set([
  'application/gzip',
  'application/x-gzip',
  'application/x-tgz',
  'application/x-gtar',
  'application/x-compressed-tar',
  'application/tar+gzip',
  'application/tar',
  'application/x-tar',
  'application/zip',
  'application/x-zip-compressed',
  'application/x-zip',
  'application/octet-stream',
  'binary/octet-stream',
]);

/** A request on its way in. */
interface Reading {
  request: HttpRequest;
  type: string;
  settings: AuditConfig;
  limits: Limits;
  share: Share;
  options: GivenOptions;
}

/**
 * Reads an audit request: an archive (tar.gz, tar, zip) with the design named by `?hld=`, a multipart form with tree and
 * design apart, or JSON. Options come by the same names from query, form fields and JSON. What is read is selected,
 * normalised and free of secrets.
 * @throws AppError that says what to send instead.
 */
export async function readAuditRequest(
  request: HttpRequest,
  settings: AuditConfig,
  limits: Limits,
  room = instanceRoom,
): Promise<HeldAuditRequest> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return holding(room.open(settings.inFlight), (share) => {
    const options = new GivenOptions(request.query);
    return readAs({ request, type, settings, limits, share, options });
  });
}

function readAs(reading: Reading): Promise<AuditRequest> {
  const { type } = reading;
  if (type === 'application/json') return readJson(reading);
  if (type === 'multipart/form-data') return readForm(reading);
  if (archiveTypes.has(type)) return readUpload(reading);
  throw new AppError(
    'unsupported-media-type',
    `The content type "${type.slice(0, 100) || 'none'}" is not supported. ${howToSend}`,
  );
}

function namedInQuery(options: GivenOptions): Named {
  const baseline = options.inQuery('baseline')[0];
  return {
    refs: options.inQuery('hld').map((path) => ({ kind: 'path', path: safePath(path) })),
    baseline: baseline === undefined ? undefined : { path: safePath(baseline) },
  };
}

/** @throws AppError `invalid-request` where query and body say different things. */
function joined(query: Named, body: Named, options: GivenOptions): Named {
  const differ = (name: string) => invalid(`"${name}" differs between query and body. Give it once.`);
  if (query.refs.length > 0 && body.refs.length > 0) {
    if (body.refs.some(({ kind }) => kind === 'file')) throw differ('hld');
    options.all('hld');
  }
  if (query.baseline && body.baseline && !isDeepStrictEqual(query.baseline, body.baseline))
    throw differ('baseline');
  return {
    refs: body.refs.length > 0 ? body.refs : query.refs,
    baseline: body.baseline ?? query.baseline,
  };
}

function createBuilder(
  { settings, options, share }: Reading,
  { refs, baseline }: Named,
  kind: { isArchive: boolean; keepsDocuments?: boolean },
): TreeBuilder {
  const [include, exclude] = [options.all('include'), options.all('exclude')];
  const named = [...pathsIn(refs), ...(baseline && 'path' in baseline ? [baseline.path] : [])];
  return new TreeBuilder(settings, { include, exclude, named, ...kind }, share);
}

/** How much larger source is than its archive, as a rule. */
const usualExpansion = 4;

/** Reserves what an upload will take by its length, so that it waits before it is read rather than fails in the middle. */
async function reserve({ request, settings, share }: Reading): Promise<void> {
  const declared = Number(request.headers.get('content-length') ?? 0) || 0;
  await share.hold(Math.min(settings.inFlight.bytes, declared * usualExpansion));
}

async function readUpload(reading: Reading): Promise<AuditRequest> {
  const { request, type, limits, options } = reading;
  const named = namedInQuery(options);
  if (named.refs.length === 0)
    throw invalid('Name the High-Level Design by its path in the archive: ?hld=docs/hld.md');
  checkOptions(options);
  const builder = createBuilder(reading, named, { isArchive: true });
  await reserve(reading);
  await fill(builder, bodyPieces(request, limits.maxBody), type, reading);
  return finishRequest(builder, named, options);
}

async function fill(
  builder: TreeBuilder,
  pieces: AsyncIterable<Uint8Array>,
  type: string,
  { settings: { limits }, share }: Reading,
): Promise<void> {
  for await (const file of readArchive(pieces, { limits, share, isTar: type.includes('tar') })) {
    const path = builder.claim(file.path);
    if (!builder.wants(path)) continue;
    if (file.size > limits.fileBytes) builder.addTooLarge(path);
    else await builder.add(path, await file.read());
  }
}

async function readJson(reading: Reading): Promise<AuditRequest> {
  const { request, limits, share, options } = reading;
  const bytes = await readBytes(request, limits.maxJson);
  await share.hold(bytes.length);
  const { files, ...body } = readJsonRequest(parseJson(bytes), options);
  const named = joined(namedInQuery(options), body, options);
  if (named.refs.length === 0) throw invalid(`The JSON names no design: "hld" is missing. ${howToSend}`);
  checkOptions(options);
  const builder = createBuilder(reading, named, { isArchive: false });
  for (const [given, text] of files) {
    const path = builder.claim(given);
    if (builder.wants(path)) await builder.add(path, text);
  }
  return finishRequest(builder, named, options);
}

async function readForm(reading: Reading): Promise<AuditRequest> {
  const { request, limits, settings, options } = reading;
  const query = namedInQuery(options);
  checkOptions(options);
  await reserve(reading);
  let builder: TreeBuilder | undefined;
  const form = await readFormRequest(
    bodyPieces(request, limits.maxBody),
    request.headers.get('content-type') ?? '',
    options,
    settings.limits.fileBytes,
    async (tree, soFar) => {
      const kind = { isArchive: true, keepsDocuments: true };
      builder = createBuilder(reading, joined(query, soFar, options), kind);
      await fill(builder, tree, '', reading);
    },
  );
  const named = joined(query, form, options);
  if (named.refs.length === 0) throw invalid(`The form has no part "hld". ${howToSend}`);
  if (!builder) throw invalid(`The form has no part "tree". ${howToSend}`);
  return finishRequest(builder, named, options);
}

/** Before a tree is read, so that what is wrong is told at once. */
function checkOptions(options: GivenOptions): void {
  readQuestion(options);
  readOptions(options, undefined);
}
