import type { Quantity } from '../../design/quantities.ts';
import { type CodeIndex, cellLines } from '../../retrieval/codeIndex.ts';
import type { IndexedFile } from '../../retrieval/indexedFile.ts';
import type { Check, Place, Reading, Tree } from './check.ts';

/** Names of HTTP's statuses, as libraries write them. */
const statusNames: Record<number, string> = {
  200: 'ok',
  201: 'created',
  202: 'accepted',
  204: 'nocontent',
  206: 'partialcontent',
  301: 'movedpermanently',
  302: 'found',
  303: 'seeother',
  304: 'notmodified',
  307: 'temporaryredirect',
  308: 'permanentredirect',
  400: 'badrequest',
  401: 'unauthorized',
  402: 'paymentrequired',
  403: 'forbidden',
  404: 'notfound',
  405: 'methodnotallowed',
  406: 'notacceptable',
  408: 'requesttimeout',
  409: 'conflict',
  410: 'gone',
  412: 'preconditionfailed',
  413: 'payloadtoolarge',
  415: 'unsupportedmediatype',
  416: 'rangenotsatisfiable',
  422: 'unprocessable',
  428: 'preconditionrequired',
  429: 'toomanyrequests',
  500: 'internalservererror',
  501: 'notimplemented',
  502: 'badgateway',
  503: 'serviceunavailable',
  504: 'gatewaytimeout',
};

const mostLines = 20;

const known = new WeakMap<CodeIndex, Map<number, readonly Place[]>>();

/** Checks a status of HTTP: whether anything answers with it, best where the words of the statement stand. */
export function checkStatus({ value }: Quantity, reading: Reading, { index }: Tree): Check {
  const places = placesOf(value, index);
  const here = places.filter((place) => isWithin(place, reading, index)).slice(0, 1);
  const [first] = [...here, ...places];
  if (!first)
    return { state: 'absent', isTelling: false, says: `nothing answers with status ${value}`, places: [] };
  const says = `status ${value} is answered in ${first.file}`;
  return { state: 'found', isTelling: false, says, places: here };
}

/** True for a line of one of the passages, or right beside. */
function isWithin({ file, line }: Place, { passages }: Reading, index: CodeIndex): boolean {
  return passages.some((passage) => {
    const first = (passage.cell - index.firstCell(passage.file)) * cellLines;
    const isNear = line >= first - cellLines && line < first + 3 * cellLines;
    return index.files[passage.file]?.path === file && isNear;
  });
}

/** The first places of a status in each file of the tree, remembered. */
function placesOf(value: number, index: CodeIndex): readonly Place[] {
  const statuses = known.get(index) ?? new Map<number, readonly Place[]>();
  known.set(index, statuses);
  const places =
    statuses.get(value) ??
    index.files.flatMap((file) => {
      const lines = file.isTest ? [] : statusLines(file, value);
      return lines.map((line) => ({ file: file.path, line }));
    });
  statuses.set(value, places);
  return places;
}

/** The lines on which a status stands as number or name, the first of many; comments do not count. */
function statusLines(file: IndexedFile, value: number): number[] {
  const name = statusNames[value]?.split('').join('[_ -]?');
  const named = name !== undefined && name.length > 25 ? `|${name}` : '';
  const pattern = new RegExp(`(?<![\\w.])${value}(?!\\w)${named}`, 'gi');
  const lines: number[] = [];
  for (const { index } of file.text.matchAll(pattern)) {
    const line = file.lineAt(index);
    if (!file.isComment(line)) lines.push(line);
    if (lines.length >= mostLines) break;
  }
  return lines;
}
