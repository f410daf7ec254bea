import { raceDeadline } from '../../deadline.ts';
import { errorFields, type Logger } from '../../telemetry/logger.ts';
import { membersOf, textOf } from '../messages/tolerant.ts';
import { isE164 } from '../phoneNumber.ts';
import type { DoNotCallList } from '../tenants/doNotCall.ts';

/** Vapi gives up after 20 s; a contact that could not be checked is not called. */
const lookupMs = 5_000;

/** The answer to `campaign.predial`: whether the contact may be called. When in doubt it may not. */
export async function answerPredial(
  list: Pick<DoNotCallList, 'has'>,
  tenantId: string,
  message: Record<string, unknown>,
  log: Logger,
): Promise<{ eligible: boolean }> {
  const number = textOf(membersOf(message.contact).number)?.replace(/[\s().-]/g, '');
  if (number === undefined || !isE164(number)) return { eligible: false };
  try {
    const isListed = await raceDeadline(list.has(tenantId, number), lookupMs);
    return { eligible: isListed === false };
  } catch (error) {
    log.error('do-not-call-unavailable', { tenant: tenantId, ...errorFields(error) });
    return { eligible: false };
  }
}
