import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { AuditConfig } from '../../config/audit.ts';
import type { PlatformConfig } from '../../config/platform.ts';
import { AppError } from '../../errors.ts';
import { bodyPieces, parseJson, readBytes } from '../../http/body.ts';
import type { AuditInput } from '../sourceTree.ts';
import { safePath } from './safePath.ts';
import { readTarGz } from './tarGz.ts';
import { TreeBuilder } from './treeBuilder.ts';

type Limits = Pick<PlatformConfig, 'maxBody' | 'maxJson'>;

const jsonBody = z.object({
  files: z.record(z.string(), z.string()),
  /** The design's text, or its path among the files. */
  hld: z.string().min(1),
  question: z.string().nullish(),
});

const withoutDot = (path: string) => path.replace(/^(?:\.\/)+/, '');

/** A text of one word that ends like a document is the name of one, mistyped perhaps. */
const documentPath = /^\S+\.(?:md|mdx|rst|txt|adoc)$/i;

const howTo =
  'Send `git archive --format=tar.gz HEAD` with content-type application/gzip and ?hld=path/of/the/design, or JSON {"files": {path: text}, "hld": text}.';

/**
 * Reads an audit request: a tar.gz body with the design named by `?hld=`, or JSON.
 * @throws AppError that says what to send instead.
 */
export async function readAuditRequest(
  request: HttpRequest,
  settings: AuditConfig,
  limits: Limits,
): Promise<AuditInput> {
  const builder = new TreeBuilder(settings, settings.limits.fileBytes);
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json')
    return readJson(await readBytes(request, limits.maxJson), request.query, builder);
  if (
    type === 'application/gzip' ||
    type === 'application/x-gzip' ||
    type === 'application/octet-stream' ||
    type === 'application/x-tgz'
  ) {
    return readArchive(bodyPieces(request, limits.maxBody), request.query, builder, settings.limits);
  }
  throw new AppError(
    'unsupported-media-type',
    `The content type "${type || 'none'}" is not supported. ${howTo}`,
  );
}

function readJson(bytes: Uint8Array, query: URLSearchParams, builder: TreeBuilder): AuditInput {
  const parsed = jsonBody.safeParse(parseJson(bytes));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `${issue.path.join('.').slice(0, 120) || 'body'}: ${issue.message}`,
    );
    throw new AppError('invalid-request', `The JSON is not an audit request. ${howTo}`, {
      details: { errors: faults.slice(0, 20) },
    });
  }
  const { files, hld, question } = parsed.data;
  for (const [given, text] of Object.entries(files)) {
    const path = builder.claim(given);
    if (builder.wants(path)) builder.add(path, text);
  }
  const byPath = files[Object.keys(files).find((path) => withoutDot(path) === withoutDot(hld)) ?? ''];
  const meantAsPath = byPath !== undefined || documentPath.test(hld);
  const design = meantAsPath ? { path: withoutDot(hld), content: byPath } : { path: 'design', content: hld };
  return builder.finish(design, question ?? query.get('question') ?? undefined);
}

function designTooLarge(path: string, bytes: number): AppError {
  return new AppError(
    'invalid-request',
    `The design "${path}" is larger than ${bytes} bytes. Send the design alone, or raise GATEHOUSE_AUDIT_MAX_FILE_MB.`,
  );
}

async function readArchive(
  pieces: AsyncIterable<Uint8Array>,
  query: URLSearchParams,
  builder: TreeBuilder,
  limits: AuditConfig['limits'],
) {
  const named = query.get('hld');
  if (!named)
    throw new AppError(
      'invalid-request',
      'Name the High-Level Design by its path in the archive: ?hld=docs/hld.md',
    );
  const designPath = safePath(named);
  let content: Uint8Array | undefined;
  for await (const file of readTarGz(pieces, limits)) {
    const path = builder.claim(file.path);
    if (path === designPath && file.size > limits.fileBytes) throw designTooLarge(path, limits.fileBytes);
    if (path === designPath) content = await file.read();
    else if (!builder.wants(path)) continue;
    else if (file.size > limits.fileBytes) builder.skip(path, `larger than ${limits.fileBytes} bytes`);
    else builder.add(path, await file.read());
  }
  return builder.finish({ path: designPath, content }, query.get('question') ?? undefined);
}
