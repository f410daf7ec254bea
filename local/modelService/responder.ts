import { type Answer, chatCompletion, response } from './answerBodies.ts';
import { Deployment } from './deployment.ts';
import { type Encoder, loadEncoder } from './encoder.ts';
import { type Fault, promptFiltered, unknownDeployment } from './fault.ts';
import { type ModelRequest, readModelRequest } from './modelRequest.ts';
import { models } from './models.ts';
import { layOut, type PromptLayout } from './promptLayout.ts';
import { busyFault, quotaHeaders } from './rateHeaders.ts';
import type { RateLimits } from './rateWindow.ts';
import type { AnswerScript, Breaks, Fails, Refuses, Reply, Says } from './reply.ts';
import { contextFault, ruleFault } from './requestRules.ts';
import type { Route } from './route.ts';
import { speak } from './speech.ts';

export interface DeploymentOptions {
  /** A name of `models`. */
  model: string;
  limits?: RateLimits;
}

export interface ResponderOptions {
  deployments: Readonly<Record<string, DeploymentOptions>>;
  limits: RateLimits;
  answer: AnswerScript;
  /** False: what depends on the model is not checked, as on servers that only speak the protocol. */
  checks: boolean;
}

/** What goes back over the wire. */
export interface Outcome {
  status: number;
  headers: Record<string, string>;
  body: unknown;
  delayMs: number;
  broken: Breaks['broken'] | undefined;
  /** The request as it was understood; undefined where it was not. */
  request: ModelRequest | undefined;
}

/** The service without its transport: a body goes in, and what the service would answer comes out. */
export class Responder {
  readonly #deployments: ReadonlyMap<string, Deployment>;
  readonly #answer: AnswerScript;
  readonly #checks: boolean;
  #attempts = 0;

  /** @throws Error for a deployment of a model nobody knows. */
  constructor({ deployments, limits, answer, checks }: ResponderOptions) {
    this.#answer = answer;
    this.#checks = checks;
    this.#deployments = new Map(
      Object.entries(deployments).map(([name, { model, limits: own }]) => {
        const facts = Object.hasOwn(models, model) ? models[model] : undefined;
        if (!facts)
          throw new Error(
            `The deployment "${name}" is of "${model}", which is none of: ${Object.keys(models).join(', ')}.`,
          );
        return [name, new Deployment(name, facts, { ...limits, ...own })];
      }),
    );
  }

  /** `now`: milliseconds since 1970. */
  async respond(route: Route, body: unknown, now: number): Promise<Outcome> {
    const read = readModelRequest(route.api, withModel(body, route.deployment));
    if ('fault' in read) return faulty(read.fault);
    const { request } = read;
    const name = route.deployment ?? request.model;
    const deployment = this.#deployments.get(name);
    if (!deployment) return faulty(unknownDeployment(route.dialect, name), request);
    const { facts } = deployment;
    const fault = this.#checks ? ruleFault(request, facts) : undefined;
    if (fault) return faulty(fault, request);
    const encoder = await loadEncoder(facts.encoding);
    const layout = layOut(request, encoder);
    const tooLong = contextFault(request, facts, layout.tokens.length);
    if (tooLong) return faulty(tooLong, request);
    const decision = deployment.window.take(layout.tokens.length + (request.maxOutputTokens ?? 0), now);
    const headers = quotaHeaders(deployment.limits, decision);
    if (!decision.taken) {
      const { quota, waitMs } = decision;
      return faulty(busyFault(route.dialect, name, { quota, retryAfterMs: waitMs }, now, headers), request);
    }
    this.#attempts += 1;
    const reply = await this.#answer(request, this.#attempts);
    const outcome = this.#outcome(reply, { route, request, deployment, layout, encoder, now });
    return { ...outcome, headers: { ...headers, ...outcome.headers }, delayMs: reply.delayMs ?? 0, request };
  }

  #outcome(reply: Reply, asked: Asked): Outcome {
    const { route, deployment, now } = asked;
    if ('broken' in reply) return { ...spoken({ content: '' }, asked), broken: reply.broken };
    if ('promptFiltered' in reply) return faulty(promptFiltered());
    if ('retryAfterMs' in reply) return faulty(busyFault(route.dialect, deployment.name, reply, now));
    if ('status' in reply) return faulty(failure(reply));
    return spoken(reply, asked);
  }
}

interface Asked {
  route: Route;
  request: ModelRequest;
  deployment: Deployment;
  layout: PromptLayout;
  encoder: Encoder;
  now: number;
}

function spoken(reply: Says | Refuses, { request, deployment, layout, encoder, now }: Asked): Outcome {
  const { facts } = deployment;
  const promptTokens = layout.tokens.length;
  const given = 'cachedTokens' in reply && reply.cachedTokens !== undefined ? reply.cachedTokens : undefined;
  const answer: Answer = {
    request,
    speech: speak(reply, request, facts, promptTokens, encoder),
    model: facts.snapshot,
    promptTokens,
    cacheUse: given === undefined ? deployment.cacheUse(request, layout, now) : { cached: given, written: 0 },
    reportsWrites: facts.cache === 'breakpoints',
    withUsage: !('usage' in reply && reply.usage === null),
    now,
  };
  const body = request.api === 'chat' ? chatCompletion(answer) : response(answer);
  return { status: 200, headers: {}, body, delayMs: 0, broken: undefined, request };
}

/** Under Azure's own paths the deployment is in the path, and `model` may be left out of the body. */
function withModel(body: unknown, deployment: string | undefined): unknown {
  if (deployment === undefined || typeof body !== 'object' || body === null || Array.isArray(body))
    return body;
  return { model: deployment, ...body };
}

function failure({ status, message, code = null, param = null, headers = {} }: Fails): Fault {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return { status, error: { message, type, param, code }, headers };
}

function faulty({ status, error, headers = {} }: Fault, request?: ModelRequest): Outcome {
  return { status, headers, body: { error }, delayMs: 0, broken: undefined, request };
}
