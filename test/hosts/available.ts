/** Says why a real host cannot be had on this machine; the reason is printed, so that a skip is never silent. */
import { accessSync, constants } from 'node:fs';

export function lacking(...programs: readonly string[]): string {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'this needs root';
  const missing = programs.filter((program) => !isThere(program));
  return missing.length === 0 ? '' : `not installed: ${missing.join(', ')}`;
}

/** True where the tests of `what` have to be skipped. */
export function skips(what: string, reason: string): boolean {
  if (reason !== '') process.stderr.write(`skipped: ${what}: ${reason}\n`);
  return reason !== '';
}

export function isThere(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not to be run
  }
}
