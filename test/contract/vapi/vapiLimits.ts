/** One bound that Vapi's schema has and its SDK's types cannot say. */
export interface Limit {
  /** The answers it is of, by their names in the SDK. */
  of: readonly string[];
  /** Members from the answer down; `*` is every item or member. */
  path: string;
  problem: string;
  holds: (value: unknown, holder: unknown) => boolean;
}

const characters =
  (least: number, most: number): Limit['holds'] =>
  (value) =>
    typeof value !== 'string' || (value.length >= least && value.length <= most);
const between =
  (least: number, most: number): Limit['holds'] =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most;
const matches =
  (pattern: RegExp): Limit['holds'] =>
  (value) =>
    typeof value === 'string' && pattern.test(value);

const assistantRequest = 'ServerMessageResponseAssistantRequest';
const toolCalls = 'ServerMessageResponseToolCalls';
const transfer = 'ServerMessageResponseTransferDestinationRequest';
const handoff = 'HandoffDestinationAssistant';

const has = (value: unknown, name: string) => typeof value === 'object' && value !== null && name in value;
const limit = (of: string, path: string, problem: string, holds: Limit['holds']): Limit => ({
  of: [of],
  path,
  problem,
  holds,
});

/** Where a destination a call can be put through to stands. */
const destinations: [answer: string, path: string][] = [
  [assistantRequest, 'destination'],
  [assistantRequest, 'assistant.model.tools.*.destinations.*'],
  [transfer, 'destination'],
];

/** The sections are those of the project's notes on Vapi's contract (2026-08); OA is Vapi's own OpenAPI document. */
export const limits: readonly Limit[] = [
  // Section 4, CreateAssistantDTO.
  limit(assistantRequest, 'assistant.name', 'must be at most 40 characters', characters(0, 40)),
  limit(assistantRequest, 'assistant.voicemailMessage', 'must be at most 1000', characters(0, 1_000)),
  limit(assistantRequest, 'assistant.endCallMessage', 'must be at most 1000', characters(0, 1_000)),
  limit(assistantRequest, 'assistant.endCallPhrases.*', 'must be 2 to 140 characters', characters(2, 140)),
  limit(assistantRequest, 'assistant.maxDurationSeconds', 'must be 10 to 43200', between(10, 43_200)),
  limit(assistantRequest, 'assistant.server.timeoutSeconds', 'must be 1 to 300', between(1, 300)),
  limit(assistantRequest, 'assistant.analysisPlan.*.timeoutSeconds', 'must be 1 to 60', between(1, 60)),
  limit(assistantRequest, 'assistant.model.temperature', 'must be 0 to 2', between(0, 2)),
  limit(assistantRequest, 'assistant.model.maxTokens', 'must be 50 to 10000', between(50, 10_000)),
  // Section 4, function tools; the length of a description is OA's, OpenAIFunction.
  limit(
    assistantRequest,
    'assistant.model.tools.*.function.name',
    'must be a name of at most 64 characters',
    matches(/^[a-zA-Z0-9_-]{1,64}$/),
  ),
  limit(
    assistantRequest,
    'assistant.model.tools.*.function.description',
    'must be at most 1000 characters',
    characters(0, 1_000),
  ),
  limit(
    assistantRequest,
    'assistant.model.tools.*.messages.*.timingMilliseconds',
    'must be 100 to 120000',
    between(100, 120_000),
  ),
  limit(
    assistantRequest,
    'assistant.model.tools.*.server.timeoutSeconds',
    'must be 1 to 300',
    between(1, 300),
  ),
  // Section 4: "Send only DTO fields", and a list of what is heard of calls that never end otherwise (section 1).
  limit(assistantRequest, 'assistant.serverMessages', 'must ask for the end-of-call report', (value) =>
    Array.isArray(value) ? value.includes('end-of-call-report') : false,
  ),
  // Section 4, TransferDestinationNumber; `extension` and `callerId` are OA's.
  ...destinations.flatMap(([answer, path]) => [
    limit(answer, `${path}.number`, 'must be 3 to 40 characters', characters(3, 40)),
    limit(
      answer,
      `${path}.number`,
      'must be in E.164 form',
      (value, holder) => has(holder, 'numberE164CheckEnabled') || matches(/^\+[1-9]\d{1,14}$/)(value, holder),
    ),
    limit(answer, `${path}.extension`, 'must be 1 to 10 characters', characters(1, 10)),
    limit(answer, `${path}.callerId`, 'must be at most 40 characters', characters(0, 40)),
    limit(answer, `${path}.message`, 'must be at most 1000 characters', characters(0, 1_000)),
    limit(answer, `${path}.sipUri`, 'must be a SIP address', matches(/^sips?:/)),
  ]),
  // The error is spoken: silence would be no answer.
  limit(assistantRequest, 'error', 'must say something', characters(1, Number.POSITIVE_INFINITY)),
  limit(transfer, 'error', 'must say something', characters(1, Number.POSITIVE_INFINITY)),
  // Section 4, HandoffDestinationAssistant: "either assistantName or assistantId".
  limit(handoff, 'type', 'needs assistantId or assistantName', (_, holder) =>
    ['assistantId', 'assistantName', 'assistant'].some((name) => has(holder, name)),
  ),
  // Section 3: strings of a single line, one of the two in each entry; a spoken message has at most 1000 characters.
  limit(toolCalls, 'results.*.result', 'must be one line', matches(/^[^\r\n]*$/)),
  limit(toolCalls, 'results.*.error', 'must be one line', matches(/^[^\r\n]+$/)),
  limit(toolCalls, 'results.*.message.content', 'must be at most 1000 characters', characters(0, 1_000)),
  limit(
    toolCalls,
    'results.*',
    'must have either result or error',
    (entry) => has(entry, 'result') !== has(entry, 'error'),
  ),
  // Section 2, knowledge-base-request and call.endpointing.request.
  limit(
    'ServerMessageResponseKnowledgeBaseRequest',
    'documents.*.similarity',
    'must be 0 to 1',
    between(0, 1),
  ),
  limit(
    'ServerMessageResponseCallEndpointingRequest',
    'timeoutSeconds',
    'must be a time to wait',
    between(0, 300),
  ),
];
