/* v8 ignore start -- runs in the tool's process */
/**
 * Removes every global that is not on this list, so that what a newer Node brings is not there until somebody has
 * looked at it. What is given is put in their place.
 */
export function keepGlobals(given: Record<string, unknown>): void {
  const kept = new Set(
    `Infinity NaN undefined globalThis global
    Object Function Array Number Boolean String Symbol BigInt Date Promise RegExp Map Set WeakMap WeakSet WeakRef
    Proxy Reflect JSON Math Intl Iterator FinalizationRegistry SuppressedError DisposableStack AsyncDisposableStack
    Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError
    ArrayBuffer DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array
    BigInt64Array Uint8ClampedArray Float16Array Float32Array Float64Array
    parseFloat parseInt isFinite isNaN decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval
    Buffer URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal Event EventTarget DOMException
    queueMicrotask structuredClone atob btoa crypto`.split(/\s+/),
  );
  for (const name of Reflect.ownKeys(globalThis)) {
    if (typeof name === 'string' && !kept.has(name)) Reflect.deleteProperty(globalThis, name);
  }
  for (const [name, value] of Object.entries(given))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
/* v8 ignore stop */
