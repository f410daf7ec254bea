import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Booking, isBookable, moveBooking, SlotTakenError, TooManyMovesError } from './booking.ts';
import { log } from './log.ts';
import { MemoryBookingRepository } from './repository.ts';
import { freeSlots } from './slots.ts';
import { validateBooking } from './validation.ts';

const repository = new MemoryBookingRepository();
const port = Number(process.env.PORT ?? 8080);

const server = createServer(async (request, response) => {
  const requestId = String(request.headers['x-request-id'] ?? randomUUID());
  response.setHeader('x-request-id', requestId);
  try {
    await route(request, response);
  } catch (error) {
    if (error instanceof SlotTakenError) return send(response, 409, { error: 'slot taken' });
    if (error instanceof TooManyMovesError) return send(response, 422, { error: error.message });
    log('error', 'request failed', { requestId });
    send(response, 500, { error: 'internal' });
  }
});

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const id = /^\/bookings\/([\w-]+)$/.exec(url.pathname)?.[1];
  if (request.method === 'GET' && url.pathname === '/healthz') return send(response, 200, { status: 'ok' });
  if (request.method === 'GET' && url.pathname === '/slots') {
    const day = new Date(String(url.searchParams.get('day')));
    return send(response, 200, { slots: freeSlots(day, await repository.takenSlots()) });
  }
  if (request.method === 'POST' && url.pathname === '/bookings') {
    const { errors, value } = validateBooking(await readJson(request));
    if (!value) return send(response, 400, { errors });
    if (!isBookable(new Date(value.slot), new Date())) return send(response, 400, { errors: ['slot'] });
    const booking: Booking = { ...value, id: randomUUID(), status: 'requested', moves: 0 };
    await repository.create(booking);
    return send(response, 201, booking);
  }
  const booking = id ? await repository.find(id) : undefined;
  if (!booking) return send(response, 404, { error: 'not found' });
  if (request.method === 'GET') return send(response, 200, booking);
  if (request.method === 'PATCH') {
    const { slot } = (await readJson(request)) as { slot: string };
    const moved = moveBooking(booking, slot);
    await repository.update(moved);
    return send(response, 200, moved);
  }
  if (request.method === 'DELETE') {
    await repository.update({ ...booking, status: 'cancelled' });
    return send(response, 204, undefined);
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString());
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body));
}

server.listen(port, () => log('info', 'listening', { port }));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
