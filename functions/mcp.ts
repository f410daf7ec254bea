import { readBytes } from '../shared/http/body.ts';
import { Repeats } from '../shared/mcp/repeats.ts';
import { http, timer } from './register.ts';
import { required, services } from './services.ts';

/**
 * `POST /api/mcp`: the Model Context Protocol. The key is MCP's own, hence no function key. `GET` and `DELETE` are of
 * sessions, which there are none of: they are answered 405.
 */
http(
  'mcp',
  { methods: ['POST', 'GET', 'DELETE'], authLevel: 'anonymous', route: 'mcp' },
  async (request, { log }) => {
    const endpoint = await services.mcp();
    const { method, url } = request;
    const headers = new Headers([...request.headers]);
    const read = () => readBytes(request, required(services.settings.platform).maxJson);
    return endpoint.answer({ method, url, headers, read }, log);
  },
);

/** Requests deleted in one run; what is left goes in the next. */
const most = 20_000;
const hourMs = 3_600_000;

/** Every hour: what told repeated requests from new ones goes, long after it could matter. */
timer('mcpUpkeep', '0 27 * * * *', async (log) => {
  const { tables } = await services.stores();
  const deleted = await new Repeats(tables).forget(new Date(Date.now() - hourMs), most);
  log.info('mcp-upkeep', { deleted });
});
