import { app } from '@azure/functions';
import './audit.ts';
import './endOfCall.ts';
import './healthz.ts';
import './readyz.ts';
import './vapiWebhook.ts';

app.setup({ enableHttpStream: true });
