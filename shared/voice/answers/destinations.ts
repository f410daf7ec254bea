import { isOpenAt, toHandoff, toVapiDestination } from '../assistant/nativeTools.ts';
import { termsOf } from '../knowledge/ranking.ts';
import { lastWanted, wordsOf } from '../messages/conversation.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { chooseDestination, isAssistant, isPhone, type TransferNeed } from '../tenants/transfer.ts';

const nobody = 'Nobody can be reached right now. Offer to take a message.';

/** Part of an emergency's words that must have been said for it to be that emergency. */
const enough = 0.6;

/** True where the caller speaks of an emergency: the word itself, or most words of one the business names. */
export function soundsUrgent({ emergencies }: Tenant, said: string): boolean {
  const terms = new Set(termsOf(said));
  if (/(?<!\b(?:not|no|isn.t|non)[ -](?:an? )?)\bemergenc(?:y|ies)\b/i.test(said)) return true;
  return emergencies.some(({ when }) => {
    const wanted = termsOf(when.replace(/\bthe caller\b/gi, ''));
    return wanted.length > 0 && wanted.filter((term) => terms.has(term)).length / wanted.length >= enough;
  });
}

function needOf(tenant: Tenant, message: Record<string, unknown>, asked: string, now: Date): TransferNeed {
  const said = lastWanted(message);
  return {
    wanted: `${asked} ${said}`,
    isEmergency: soundsUrgent(tenant, `${asked} ${said}`),
    isOpen: isOpenAt(tenant, now),
  };
}

/** The answer to `transfer-destination-request`: a phone that can be reached, by department, hours and urgency. */
export function answerTransfer(tenant: Tenant, message: Record<string, unknown>, now: Date) {
  const found = chooseDestination(
    tenant.transfer.destinations.filter(isPhone),
    needOf(tenant, message, '', now),
  );
  return found ? { destination: toVapiDestination(found) } : { error: nobody };
}

/** The answer to `handoff-destination-request`: an assistant of the tenant's, by what the model asked for and the caller said. */
export function answerHandoff(tenant: Tenant, message: Record<string, unknown>, now: Date) {
  const asked = wordsOf(message.parameters);
  const found = chooseDestination(
    tenant.transfer.destinations.filter(isAssistant),
    needOf(tenant, message, asked, now),
  );
  // An empty destination and an error both mean that there is no handoff.
  if (!found) return { destination: {}, error: nobody };
  return { destination: toHandoff(found) };
}
