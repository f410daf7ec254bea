/** Voices Deepgram offers through Vapi; any other id makes Vapi refuse the assistant. Source: Vapi's OpenAPI document. */
export const deepgramVoices = new Set(
  (
    'asteria luna stella athena hera orion arcas perseus angus orpheus helios zeus thalia andromeda helena apollo aries ' +
    'amalthea atlas aurora callista cora cordelia delia draco electra harmonia hermes hyperion iris janus juno jupiter mars ' +
    'minerva neptune odysseus ophelia pandora phoebe pluto saturn selene theia vesta celeste estrella nestor sirio carina ' +
    'alvaro diana aquila selena javier viktoria kara fabian julius lara elara aurelia'
  ).split(' '),
);
