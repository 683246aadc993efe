/**
 * Which Host headers are ours. A page elsewhere can point its own name at 127.0.0.1 (DNS rebinding) and then
 * speak to us as "same origin"; it cannot do so with an address or with a name we know. Pure.
 */
import { isIP } from 'node:net';

/** @param names Lower-case names that are ours besides localhost and any literal address. */
export function isOurHost(header: string | undefined, names: readonly string[]): boolean {
  const name = hostName(header);
  if (name === undefined) return false;
  return name === 'localhost' || isIP(name) !== 0 || names.includes(name);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Host and port as they stand in a URL. */
export function authority(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The name without port and brackets, lower case; `undefined` where the header makes no sense. */
function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
