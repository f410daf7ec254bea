import { z } from 'zod';
import { defineTool } from '../../tools/tool.ts';
import { openState, sayHolidays, sayState, sayWeek } from '../tenants/hours.ts';
import { localMoment } from '../tenants/localClock.ts';
import type { Tenants } from '../tenants/tenantEvents.ts';
import { knownTenant } from './knownTenant.ts';

const mostHolidays = 4;

/** `get_business_hours`: whether the business is open now, until when, and its week. */
export function getBusinessHoursTool(tenants: Tenants) {
  return defineTool({
    name: 'get_business_hours',
    description:
      'Tell whether the business is open right now, when it opens or closes next, and its weekly hours.',
    input: z.object({}),
    sideEffect: false,
    async run(_input, { tenantId, now }) {
      const { hours, businessHours, timezone } = await knownTenant(tenants, tenantId);
      if (!hours) return { hours: businessHours, timezone };
      const moment = localMoment(now, timezone);
      return {
        now: sayState(openState(hours, moment), moment.date),
        hours: sayWeek(hours),
        holidays: sayHolidays(hours, moment.date, mostHolidays),
        timezone,
      };
    },
  });
}
