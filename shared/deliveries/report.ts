import { recordMetric } from '../telemetry/instruments.ts';
import type { DeliveryReport } from './processDelivery.ts';

/** Counts a try; 0 means that it was given up before the first. Ages are of deliveries that have ended. */
export function reportDelivery({ outcome, attempt, ageSeconds }: DeliveryReport): void {
  const attributes = { 'gatehouse.outcome': outcome };
  if (attempt > 0) recordMetric('gatehouse.delivery.attempts', 1, attributes);
  if (outcome !== 'failed') recordMetric('gatehouse.delivery.age', ageSeconds, attributes);
}
