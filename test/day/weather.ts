export type Service = 'blob' | 'queue' | 'table';

/** What can befall a request to storage. `-after`: it has been done, and only its answer is lost. */
export const faultKinds = ['500', '503', 'hang-before', 'hang-after', 'reset-before', 'reset-after'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Chances of each fault, from 0 to 1. */
export type Weather = Readonly<Partial<Record<FaultKind, number>>>;

export const calm: Weather = {};

interface Phase {
  /** Share of the day's deliveries that are acknowledged when it begins, and when it ends at the latest. */
  from: number;
  to: number;
  /** Seconds after which it is over, however far the day has come: in an outage it would not come any further. */
  seconds: number;
  weather: Weather;
  /** The one service that it befalls; all, unless given. */
  only?: Service;
}

const phases: readonly Phase[] = [
  { from: 0.05, to: 0.25, seconds: 120, weather: { '500': 0.03, '503': 0.03 } },
  // What is received can be stored, and cannot be worked on.
  { from: 0.26, to: 0.3, seconds: 3, weather: { '503': 1 }, only: 'table' },
  { from: 0.3, to: 0.45, seconds: 120, weather: { 'reset-before': 0.02, 'reset-after': 0.03 } },
  { from: 0.5, to: 0.58, seconds: 60, weather: { 'hang-before': 0.003, 'hang-after': 0.006 } },
  { from: 0.65, to: 0.7, seconds: 3, weather: { '503': 1 } },
  {
    from: 0.72,
    to: 0.92,
    seconds: 120,
    weather: { '500': 0.02, '503': 0.01, 'reset-before': 0.01, 'reset-after': 0.02, 'hang-after': 0.001 },
  },
];

/** The weather of a day by how far it has come. */
export class Forecast {
  readonly #begun = new Map<Phase, number>();

  /** `progress` from 0 to 1, `now` in milliseconds. */
  at(progress: number, now: number, service: Service): Weather {
    const phase = phases.find(({ from, to }) => progress >= from && progress < to);
    if (!phase) return calm;
    const begun = this.#begun.get(phase) ?? now;
    this.#begun.set(phase, begun);
    const isOver = now - begun >= phase.seconds * 1000;
    return isOver || (phase.only ?? service) !== service ? calm : phase.weather;
  }
}

/** The fault that befalls one request; `part` from 0 up to 1. */
export function faultOf(weather: Weather, part: number): FaultKind | undefined {
  let left = part;
  for (const kind of faultKinds) {
    left -= weather[kind] ?? 0;
    if (left < 0) return kind;
  }
  return undefined;
}
