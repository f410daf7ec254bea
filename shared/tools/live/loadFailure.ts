import { shortened } from '../shortened.ts';

/**
 * Why a version of a tool does not go live. `missing`, `hash`, `size`: of its bundle. `built-in`: the name is one of the
 * deployment's. `schema`: of its arguments. `definition`: it is not what the manifest says. `load`: it does not start.
 * `self-test`: it does, and fails its own test. `secret`: the app has not the secret it needs.
 */
export type LoadReason =
  | 'missing'
  | 'hash'
  | 'size'
  | 'built-in'
  | 'schema'
  | 'definition'
  | 'load'
  | 'self-test'
  | 'secret';

/** A version that does not go live. The message is for operators: it repeats no code and no secret. */
export class LoadFailure extends Error {
  override readonly name = 'LoadFailure';
  readonly reason: LoadReason;

  constructor(reason: LoadReason, message: string, options?: ErrorOptions) {
    super(shortened(message), options);
    this.reason = reason;
  }
}
