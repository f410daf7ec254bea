import { z } from 'zod';
import { list } from '../config/fields.ts';

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;

export const mcpSettings = z.object({
  GATEHOUSE_MCP_ORIGINS: list('').refine(
    (origins) => origins.every(isOrigin),
    'must be origins such as https://app.example, separated by commas',
  ),
});

export interface McpConfig {
  /** Origins of web pages that may ask, as `https://app.example`. Clients that are no web pages send none. */
  origins: readonly string[];
}

export const toMcp = (s: z.infer<typeof mcpSettings>): McpConfig => ({ origins: s.GATEHOUSE_MCP_ORIGINS });
