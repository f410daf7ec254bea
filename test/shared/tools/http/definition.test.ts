import { globSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { hostsOf, httpToolJsonSchema, httpToolSchema } from '../../../../shared/tools/http/definition.ts';
import { secretsOf } from '../../../../shared/tools/http/secrets.ts';
import { root } from '../../../support/process.ts';
import { define, written } from './parts.ts';

/** The faults of a definition with this change, as `path: message`. */
function faultsOf(change: { request?: object; response?: object } & Record<string, unknown>): string[] {
  const { request, response, ...members } = change;
  const parsed = httpToolSchema.safeParse({
    ...written,
    ...members,
    request: { ...written.request, ...request },
    response: { ...written.response, ...response },
  });
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a definition', () => {
  it('is taken as written', () => {
    expect(faultsOf({})).toEqual([]);
  });

  it.each<[string, Parameters<typeof faultsOf>[0], string]>([
    ['a name of another form', { name: 'Find-Order' }, 'name: must be 1 to 40 of a-z'],
    ['an unknown member', { retries: 3 }, ': Unrecognized key: "retries"'],
    ['a description of two lines', { description: 'a\nb' }, 'description: must be one line'],
    ['an endless timeout', { timeoutMs: 60_000 }, 'timeoutMs: Too big'],
    ['a body on a GET', { request: { body: {} } }, 'request.body: a GET has none'],
    [
      'an argument that is not in the schema',
      { request: { url: 'https://shop.example/{other}' } },
      'request.url: {other} is no argument',
    ],
    [
      'an argument by a name objects have anyway',
      { request: { url: 'https://shop.example/{constructor}' } },
      'request.url: {constructor} is no argument',
    ],
    [
      'an optional argument in the path',
      { request: { url: 'https://shop.example/{note}' } },
      'request.url: {note} may be missing',
    ],
    [
      'a list in the path',
      { inputSchema: { type: 'object', properties: { id: { type: 'array' } }, required: ['id'] } },
      'request.url: {id} needs one of the types',
    ],
    [
      'a list within a text',
      { request: { method: 'POST', body: { text: 'of {tags}' } } },
      'request.body.text: {tags} needs one of the types',
    ],
    [
      'a secret in the query',
      { request: { query: { key: '{secret:KEY}' } } },
      'request.query.key: {secret:KEY} cannot stand here',
    ],
    [
      'a secret in the body',
      { request: { method: 'POST', body: ['{secret:KEY}'] } },
      'request.body.0: {secret:KEY} cannot stand here',
    ],
    [
      'a secret in the response',
      { response: { say: '{secret:KEY}' } },
      'response.say: {secret:KEY} cannot stand here',
    ],
    [
      'an argument in a header',
      { request: { headers: { 'x-id': '{id}' } } },
      'request.headers.x-id: {id} cannot stand here',
    ],
    [
      'the caller in a header',
      { request: { headers: { 'x-id': '{context.caller}' } } },
      'request.headers.x-id: {context.caller} is not known here',
    ],
    [
      'what the context does not have',
      { request: { query: { a: '{context.log}' } } },
      'request.query.a: {context.log} is not known here',
    ],
    [
      'a pointer in the request',
      { request: { query: { a: '{/id}' } } },
      'request.query.a: {/id} cannot stand here',
    ],
    [
      'a header that says how the message travels',
      { request: { headers: { Host: 'a.example' } } },
      'request.headers.Host: is no header a tool may set',
    ],
    [
      'a header beyond ASCII',
      { request: { headers: { 'x-a': 'é' } } },
      'request.headers.x-a: is no header a tool may set',
    ],
    [
      'a header twice',
      { request: { headers: { 'X-A': 'b', 'x-a': 'c' } } },
      'request.headers: has a name twice',
    ],
    [
      'a body of another type',
      { request: { headers: { 'content-type': 'text/xml' } } },
      'request.headers.content-type: must be a JSON type',
    ],
    ['a brace alone', { response: { say: 'a { b' } }, 'response.say: a brace stands alone'],
    ['a placeholder of no kind', { response: { say: '{a b}' } }, 'response.say: {a b} is no placeholder'],
    [
      'a secret by a name that no setting has',
      { request: { headers: { a: '{secret:key}' } } },
      'request.headers.a: {secret:key} is no placeholder',
    ],
    ['an empty placeholder', { response: { say: '{}' } }, 'response.say: {} is no placeholder'],
    [
      'a pointer with a bad escape',
      { response: { say: '{/a~2}' } },
      'response.say: {/a~2} is no placeholder',
    ],
    [
      'a pointer that does not begin with a slash',
      { response: { fails: [{ pointer: 'ok', equals: false, say: 'No.' }] } },
      'response.fails.0.pointer: must be a JSON Pointer',
    ],
    [
      'a format nobody knows',
      { response: { say: '{/a|money}', timeZone: 'UTC' } },
      'response.say: {/a|money} has no such format',
    ],
    [
      'a format in the request',
      { request: { query: { a: '{id|date}' } } },
      'request.query.a: {id|date} can have a format only in the response',
    ],
    ['a time without a zone', { response: { say: '{/a|time}' } }, 'response.timeZone: is needed'],
    [
      'a zone that does not exist',
      { response: { timeZone: 'Mars/Olympus' } },
      'response.timeZone: must be an IANA time zone',
    ],
    [
      'a zone of an argument that is not there',
      { response: { timeZone: '{zone}' } },
      'response.timeZone: {zone} is no argument',
    ],
    [
      'a list that is not said',
      { response: { list: { items: '', each: '{/a}', empty: 'None.' } } },
      'response.say: must have {list.text}',
    ],
    [
      'a list where there is none',
      { response: { say: '{list.text}' } },
      'response.say: {list.text} cannot stand here',
    ],
    [
      'how many more, elsewhere',
      { response: { say: '{list.text} {list.more}', list: { items: '', each: '{/a}', empty: 'None.' } } },
      'response.say: {list.more} is not known here',
    ],
    [
      'words for no status',
      { response: { errors: { default: 'No.', '40': 'No.' } } },
      'response.errors.40: must be a status',
    ],
    [
      'no words for other failures',
      { response: { errors: { '404': 'No.' } } },
      'response.errors.default: Invalid input',
    ],
    ['a change without words for silence', { sideEffect: true }, 'response.errors.noAnswer: is needed'],
    [
      'a self-test that expects nothing',
      { selfTest: [{ name: 'a', answer: { status: 200 } }] },
      'selfTest.0.say: Invalid input',
    ],
  ])('is refused for %s', (_what, change, fault) => {
    expect(faultsOf(change)).toContainEqual(expect.stringContaining(fault));
  });

  it.each([
    ['no https', 'http://shop.example/'],
    ['no scheme', 'shop.example/v1'],
    ['a host from an argument', 'https://{id}/v1'],
    ['part of a host from an argument', 'https://{id}.shop.example/v1'],
    ['a port from an argument', 'https://shop.example:{count}/v1'],
    ['a name and password', 'https://a:b@shop.example/v1'],
    ['a host behind an at sign', 'https://shop.example@evil.example/v1'],
    ['a port of another service', 'https://shop.example:25/v1'],
    ['the usual port, written out', 'https://shop.example:443/v1'],
    ['a host in upper case', 'https://SHOP.example/v1'],
    ['a host beyond ASCII', 'https://bücher.example/v1'],
    ['an IPv4 address', 'https://127.0.0.1/v1'],
    ['an IPv4 address as one number', 'https://2130706433/v1'],
    ['an IPv4 address in hexadecimal', 'https://0x7f.1/v1'],
    ['an IPv4 address in octal', 'https://0177.0.0.1/v1'],
    ['the platform address', 'https://168.63.129.16/metadata'],
    ['an IPv6 address', 'https://[::1]/v1'],
    ['a query', 'https://shop.example/v1?a={id}'],
    ['a fragment', 'https://shop.example/v1#a'],
    ['a backslash', 'https://shop.example\\v1'],
    ['a backslash in the path', 'https://shop.example/v1\\{id}'],
    ['a way up', 'https://shop.example/v1/../{id}'],
    ['a way up, encoded', 'https://shop.example/v1/%2e%2E/{id}'],
    ['half an escape', 'https://shop.example/v1/%{id}'],
    ['a space', 'https://shop.example/v1/a b'],
    ['a tab that parsers drop', 'https://shop.exam\tple/v1'],
  ])('is refused for an address with %s', (_what, url) => {
    expect(faultsOf({ request: { url } })).toContainEqual(expect.stringMatching(/^request\.url: must/));
  });

  it.each([
    ['has a default', '{note}', { type: 'string', default: 'x' }],
    ['has words instead', '{note ?? x}', { type: 'string' }],
  ])('takes an optional argument in the path that %s', (_what, placeholder, note) => {
    const inputSchema = { type: 'object', properties: { note } };
    expect(faultsOf({ inputSchema, request: { url: `https://shop.example/${placeholder}` } })).toEqual([]);
  });

  it('says which hosts and which secrets it needs', () => {
    const definition = define({
      request: {
        url: 'https://api.shop.example:8443/{id}.json',
        headers: {
          authorization: 'Bearer {secret:TOKEN}',
          'x-a': '{secret:OTHER}{secret:TOKEN}',
          'x-b': 'plain',
        },
      },
    });
    expect(hostsOf(definition)).toEqual(['api.shop.example:8443']);
    expect(secretsOf(definition)).toEqual(['TOKEN', 'OTHER']);
  });
});

it('is what an editor takes by its JSON Schema, and what it marks', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(httpToolJsonSchema());
  const files = globSync('examples/tools/*.json', { cwd: root });
  const right = files.map((file) => JSON.parse(readFileSync(root + file, 'utf8')));
  expect(right).toHaveLength(4);
  expect(right.map((definition) => validate(definition))).toEqual([true, true, true, true]);
  for (const wrong of [{ name: 'Find-Order' }, { retries: 3 }, { timeoutMs: 60_000 }, { sideEffect: 'no' }])
    expect(validate({ ...right[0], ...wrong })).toBe(false);
});
