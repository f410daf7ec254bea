import { app } from '@azure/functions';
import { hostCapabilities } from '../shared/telemetry/destination.ts';
import { destination } from './telemetry.ts';
import './audit.ts';
import './cleanUp.ts';
import './deliveries.ts';
import './doNotCall.ts';
import './endOfCall.ts';
import './healthz.ts';
import './limits.ts';
import './readyz.ts';
import './records.ts';
import './schemas.ts';
import './tenants.ts';
import './usage.ts';
import './usageRows.ts';
import './vapiWebhook.ts';

app.setup({ enableHttpStream: true, capabilities: hostCapabilities(destination) });
