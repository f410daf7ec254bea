/** A route that the source registers. */
export interface Route {
  /** Upper case; undefined where any method is answered. */
  method: string | undefined;
  /** Segments, parameters as `{}`, without what it is mounted under. */
  segments: readonly string[];
  file: string;
  /** 0-based. */
  line: number;
  /** What it is registered on: `router`, `app`; undefined for annotations and descriptions. */
  receiver: string | undefined;
}

/** A path under which a router or a whole program is mounted. */
export interface Mount {
  segments: readonly string[];
  file: string;
  /** What it is mounted on. */
  receiver: string | undefined;
  /** The variable that holds the mounted group or router. */
  assigned: string | undefined;
  /** What is mounted, as the mounting line names it. */
  target: string | undefined;
}
