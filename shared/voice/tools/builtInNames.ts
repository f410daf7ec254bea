/** Names of the tools the voice side brings along, in the order a receptionist is told of them. */
export const builtInToolNames = [
  'create_lead',
  'take_message',
  'request_callback',
  'get_business_hours',
  'lookup_faq',
  'log_call_outcome',
];
