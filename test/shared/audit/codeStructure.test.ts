import { describe, expect, it } from 'vitest';
import { readStatements } from '../../../shared/audit/design/statements.ts';
import { CodeIndex } from '../../../shared/audit/retrieval/codeIndex.ts';
import { Segments } from '../../../shared/audit/retrieval/segments.ts';
import type { AuditInput } from '../../../shared/audit/sourceTree.ts';
import { readStructure } from '../../../shared/audit/structure/codeStructure.ts';
import { numbersIn } from '../../../shared/audit/structure/numbers.ts';
import { routeName } from '../../../shared/audit/structure/routeTable.ts';
import { undocumentedIn } from '../../../shared/audit/structure/undocumented.ts';
import { Turns } from '../../../shared/audit/turns.ts';
import { auditInput } from '../../support/lexicalAudit.ts';

async function structureOf(sources: Record<string, string>) {
  const { files } = auditInput(sources, '');
  const index = await CodeIndex.build(files, new Turns());
  return readStructure(index.files, new Turns());
}

const routesOf = async (sources: Record<string, string>) =>
  (await structureOf(sources)).routes.routes.map(routeName).sort();

describe('routes', () => {
  it.each<[framework: string, sources: Record<string, string>, routes: string[]]>([
    [
      'Express',
      { 'a.js': "app.get('/a/:id', show);\napp.all('/b', any);\n" },
      ['GET /a/{}', 'any method /b'],
    ],
    [
      'an Express router of another file',
      {
        'app.js':
          "const orders = require('./routes/orders');\napp.use('/api/orders', requireUser, orders);\n",
        'routes/orders.js': "router.post('/', create);\nrouter.get('/:id', show);\n",
      },
      ['GET /api/orders/{}', 'POST /api/orders'],
    ],
    [
      'a chained route',
      { 'a.js': "router.route('/a')\n  .get(list)\n  .post(create);\n" },
      ['GET /a', 'POST /a'],
    ],
    [
      'Fastify',
      { 'a.ts': "fastify.route({\n  method: 'PUT',\n  url: '/a/:id',\n  handler,\n});\n" },
      ['PUT /a/{}'],
    ],
    [
      'NestJS',
      {
        'a.ts':
          "@Controller('cats')\nexport class Cats {\n  @Get(':id')\n  one() {}\n\n  @Post()\n  add() {}\n}\n",
      },
      ['GET /cats/{}', 'POST /cats'],
    ],
    [
      'Azure Functions',
      { 'a.ts': "app.http('a', {\n  methods: ['GET', 'DELETE'],\n  route: 'a/{id}',\n  handler,\n});\n" },
      ['DELETE /a/{}', 'GET /a/{}'],
    ],
    [
      'FastAPI',
      {
        'a.py':
          'router = APIRouter(prefix="/a")\n\n@router.get("/{a_id}")\nasync def one(): ...\n\n@router.post("")\nasync def add(): ...\n',
      },
      ['GET /a/{}', 'POST /a'],
    ],
    [
      'Flask',
      { 'a.py': '@app.route("/a/<int:a_id>", methods=["PUT", "PATCH"])\ndef change(a_id): ...\n' },
      ['PATCH /a/{}', 'PUT /a/{}'],
    ],
    [
      'Django',
      { 'urls.py': "urlpatterns = [\n    path('a/<int:pk>/', views.one),\n]\n" },
      ['any method /a/{}'],
    ],
    [
      'Spring',
      {
        'A.java':
          '@RequestMapping("/a")\npublic class A {\n  @GetMapping("/{id}")\n  void one() {}\n\n  @RequestMapping(value = "/b", method = RequestMethod.POST)\n  void b() {}\n}\n',
      },
      ['GET /a/{}', 'POST /a/b'],
    ],
    [
      'ASP.NET',
      {
        'A.cs':
          '[Route("api/[controller]")]\npublic class OrdersController\n{\n    [HttpGet("{id:int}")]\n    public void One() {}\n}\n',
        'P.cs': 'app.MapPost("/b", Add);\n',
      },
      ['GET /api/orders/{}', 'POST /b'],
    ],
    [
      'Go',
      {
        'a.go':
          'mux.HandleFunc("GET /a/{id}", one)\nv1 := r.Group("/v1")\nv1.POST("/b", add)\nr.HandleFunc("/c", c).Methods("PUT")\n',
      },
      ['GET /a/{}', 'POST /v1/b', 'PUT /c'],
    ],
    ['Sinatra', { 'a.rb': "get '/a/:id' do\nend\n" }, ['GET /a/{}']],
    [
      'a dispatch by hand',
      { 'a.ts': "if (request.method === 'GET' && url.pathname === '/a') return list();\n" },
      ['GET /a'],
    ],
    [
      'OpenAPI',
      {
        'api.yaml':
          'openapi: 3.1.0\npaths:\n  /a/{id}:\n    get:\n      summary: x\n    delete:\n      summary: y\n',
      },
      ['DELETE /a/{}', 'GET /a/{}'],
    ],
    [
      'no client and no comment',
      { 'a.ts': "await axios.get('/a', options);\n// app.get('/b', c)\nconst x = cache.get('/c', 1);\n" },
      [],
    ],
  ])('of %s are found', async (_, sources, routes) => {
    expect(await routesOf(sources)).toEqual(routes);
  });

  it('are the same with another base and other names of parameters', async () => {
    const { routes } = await structureOf({ 'a.js': "app.get('/api/v1/a/:id', show);\n" });
    expect(routes.find('GET', '/a/{key}').exact).toHaveLength(1);
    expect(routes.find('PUT', '/a/{key}').otherMethod).toHaveLength(1);
    expect(routes.find('GET', '/a').exact).toEqual([]);
  });
});

describe('settings', () => {
  it.each([
    ['a.ts', 'const a = process.env.A_B;'],
    ['a.ts', "const a = process.env['A_B'];"],
    ['a.ts', 'const { A_B, C_D: c } = process.env;'],
    ['a.py', 'a = os.environ["A_B"]'],
    ['a.py', 'a = os.getenv("A_B", "x")'],
    ['a.go', 'a := os.Getenv("A_B")'],
    ['A.java', 'String a = System.getenv("A_B");'],
    ['A.cs', 'var a = Environment.GetEnvironmentVariable("A_B");'],
    ['a.rb', "a = ENV.fetch('A_B')"],
    ['a.rs', 'let a = env::var("A_B")?;'],
  ])('are read in %s: %s', async (path, line) => {
    const { settings } = await structureOf({ [path]: `${line}\n` });
    expect(settings.map(({ name }) => name)).toContain('A_B');
  });
});

describe('types', () => {
  it.each([
    ['a.ts', 'interface Order {\n  id: string;\n  total?: number;\n}\n'],
    ['a.ts', 'type Order = { id: string; total: number };\n'],
    ['a.ts', 'const orderSchema = z.object({\n  id: z.string(),\n  total: z.number(),\n});\n'],
    ['a.py', 'class Order(Base):\n    id: int\n    total = Column(Numeric)\n'],
    ['A.java', 'public class Order {\n    private Long id;\n    private BigDecimal total;\n}\n'],
    [
      'A.cs',
      'public class Order\n{\n    public int Id { get; set; }\n    public decimal Total { get; set; }\n}\n',
    ],
    ['a.go', 'type Order struct {\n\tId    string `json:"id"`\n\tTotal int\n}\n'],
    ['a.sql', 'CREATE TABLE orders (\n  id uuid PRIMARY KEY,\n  total numeric\n);\n'],
  ])('and their members are read in %s', async (path, text) => {
    const { types } = await structureOf({ [path]: text });
    expect(types).toHaveLength(1);
    expect(types[0]?.stems).toEqual(['order']);
    expect(types[0]?.members.map(({ name }) => name.toLowerCase())).toEqual(['id', 'total']);
  });
});

describe('numbersIn', () => {
  it.each([
    ['const MAX_BYTES = 5 * 1024 * 1024;', 5_242_880, 'MAX_BYTES'],
    ['TIMEOUT = timedelta(seconds=30)', 30, 'TIMEOUT'],
    ['const window = 60_000;', 60_000, 'window'],
    ['size := 4 << 20', 4_194_304, 'size'],
    ['Duration.ofMinutes(15)', 15, 'Duration.ofMinutes'],
  ])('reads %s', (line, value, name) => {
    expect(numbersIn(line)).toMatchObject([{ value, name }]);
  });
});

describe('Segments', () => {
  it.each([
    [
      'a.ts',
      "a('b', /'/, `c $" + '{d} e`); // f',
      { a: 'code', b: 'string', c: 'string', d: 'code', e: 'string', f: 'comment' },
    ],
    ['a.py', '"""a"""\nb = "c"  # d', { a: 'comment', b: 'code', c: 'string', d: 'comment' }],
    ['a.sql', "a -- b\n'c' /* d */", { a: 'code', b: 'comment', c: 'string', d: 'comment' }],
  ])('tell code, texts and comments apart in %s', (path, text, kinds) => {
    const segments = new Segments(path, text);
    const found = Object.keys(kinds).map((letter) => [letter, segments.at(text.indexOf(letter))]);
    expect(Object.fromEntries(found)).toEqual(kinds);
  });
});

describe('rank', () => {
  it('puts the file first that a text is about, and leaves out those it is not', async () => {
    const { files } = auditInput(
      {
        'src/refunds.ts': 'export function refundOrder(order: Order) {}\n',
        'src/orders.ts': 'export function placeOrder(order: Order) {}\n',
        'src/log.ts': 'export function write(line: string) {}\n',
      },
      '',
    );
    const index = await CodeIndex.build(files, new Turns());
    expect(index.rank('An order can be refunded.').map(({ path }) => path)).toEqual([
      'src/refunds.ts',
      'src/orders.ts',
    ]);
  });
});

describe('undocumentedIn', () => {
  const findUndocumented = async ({ files, designs }: AuditInput, turns: Turns) => {
    const index = await CodeIndex.build(files, turns);
    return undocumentedIn(await readStructure(index.files, turns), designs, readStatements(designs));
  };

  const sources = {
    'src/app.ts':
      "app.get('/a', a);\napp.get('/b', b);\nconst x = process.env.A_ONE;\nconst y = process.env.B_TWO;\n",
  };

  it('tells routes and settings that the design does not know', async () => {
    const found = await findUndocumented(
      auditInput(sources, '# D\n## E\n- `GET /a` reads `A_ONE`.\n'),
      new Turns(),
    );
    expect(
      found.map(({ rule, severity, file, line, message }) => [rule, severity, file, line, message]),
    ).toEqual([
      ['route', 'low', 'src/app.ts', 2, 'src/app.ts registers `GET /b`, and the design does not know it.'],
      [
        'setting',
        'low',
        'src/app.ts',
        4,
        'src/app.ts reads the setting `B_TWO`, and the design does not know it.',
      ],
    ]);
  });

  it('tells none where the design does not mean to list them', async () => {
    const input = auditInput(sources, '# D\n## E\n- The app must start quickly.\n');
    expect(await findUndocumented(input, new Turns())).toEqual([]);
  });

  it('gives the same fingerprint wherever the route has moved', async () => {
    const design = '# D\n## E\n- `GET /a` is there.\n';
    const moved = { 'src/other.ts': `\n\n${sources['src/app.ts']}` };
    const [one] = await findUndocumented(auditInput(sources, design), new Turns());
    const [other] = await findUndocumented(auditInput(moved, design), new Turns());
    expect(one?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(other?.fingerprint).toBe(one?.fingerprint);
  });
});
