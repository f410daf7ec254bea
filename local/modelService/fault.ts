import type OpenAI from 'openai';

/** An answer that is no success: the HTTP status, and what stands in `error`. */
export interface Fault {
  status: number;
  error: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Azure's API for its resources and OpenAI's own say some things differently. */
export type Dialect = 'azure' | 'openai';

/** A request that is not valid, in the shape both dialects share. */
export function invalid(message: string, param: string | null = null, code: string | null = null): Fault {
  return {
    status: 400,
    error: { message, type: 'invalid_request_error', param, code } satisfies OpenAI.ErrorObject,
  };
}

export function unauthorized(dialect: Dialect): Fault {
  if (dialect === 'azure') {
    const message =
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.';
    return { status: 401, error: { code: '401', message } };
  }
  return { ...invalid('Incorrect API key provided.', null, 'invalid_api_key'), status: 401 };
}

export function unknownAddress(dialect: Dialect, method: string, path: string): Fault {
  if (dialect === 'azure') return { status: 404, error: { code: '404', message: 'Resource not found' } };
  return { ...invalid(`Invalid URL (${method} ${path})`), status: 404 };
}

export function unknownDeployment(dialect: Dialect, name: string): Fault {
  if (dialect === 'azure') {
    const message =
      'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.';
    return { status: 404, error: { code: 'DeploymentNotFound', message } };
  }
  const message = `The model \`${name}\` does not exist or you do not have access to it.`;
  return { ...invalid(message, null, 'model_not_found'), status: 404 };
}

/** The prompt did not pass the content filter. */
export function promptFiltered(): Fault {
  const passed = { filtered: false, severity: 'safe' };
  return {
    status: 400,
    error: {
      message:
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: {
          hate: passed,
          self_harm: passed,
          sexual: passed,
          violence: { filtered: true, severity: 'medium' },
          jailbreak: { filtered: false, detected: false },
        },
      },
    },
  };
}

/** What of a deployment was used up. */
export type Quota = 'requests' | 'tokens';

/** The deployment is at its limit; `headers` say when to come back. */
export function rateLimited(
  dialect: Dialect,
  deployment: string,
  quota: Quota,
  waitMs: number,
  headers: Record<string, string>,
): Fault {
  const seconds = Math.ceil(waitMs / 1000);
  const kind = quota === 'tokens' ? 'token' : 'call';
  const error =
    dialect === 'azure'
      ? {
          code: '429',
          message: `Your requests to ${deployment} have exceeded the ${kind} rate limit of your current pricing tier. Please retry after ${seconds} seconds.`,
        }
      : {
          message: `Rate limit reached for ${deployment} on ${quota} per min. Please try again in ${seconds}s.`,
          type: quota,
          param: null,
          code: 'rate_limit_exceeded',
        };
  return { status: 429, error, headers };
}
