/** What a failed mail means for us. Pure: error in, outcome out. */
import { describeError, isOpsError } from '../../domain/errors.ts';
import { inertLine } from '../inert.ts';

export type MailOutcome =
  | { readonly kind: 'sent'; readonly response: string }
  /** The server said no for good (5xx), or the settings cannot work: a person has to mend it. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Try again later; it may have arrived where the connection broke after the text. */
  | { readonly kind: 'later'; readonly reason: string };

const LONGEST = 200;
/** Nothing but other settings mends these. */
const SETTINGS: ReadonlySet<string> = new Set(['EAUTH', 'ENOAUTH', 'ECONFIG', 'ETLS', 'EREQUIRETLS']);

export function outcomeOf(error: unknown): Exclude<MailOutcome, { kind: 'sent' }> {
  const { code, status } = factsOf(error);
  const said = inertLine(describeError(error)).slice(0, LONGEST);
  if (isOpsError(error, 'DEADLINE')) return later('The mail server did not answer in time.');
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/.test(`${code} ${certificate(error)}`)) {
    return refused(`The certificate of the mail server is not trusted: ${said}. Name its CA with ?ca=/path.`);
  }
  if (code === 'EAUTH' || status === 535)
    return refused(`The mail server refuses user or password: ${said}.`);
  if (SETTINGS.has(code)) return refused(`The mail server cannot be used as configured: ${said}.`);
  if (status >= 500) return refused(`The mail server refuses the mail: ${said}.`);
  if (status >= 400) return later(`The mail server asks to wait: ${said}.`);
  return later(`The mail server cannot be reached: ${said}.`);
}

function factsOf(error: unknown): { readonly code: string; readonly status: number } {
  const { code, responseCode } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
  };
  return {
    code: typeof code === 'string' ? code : '',
    status: typeof responseCode === 'number' ? responseCode : 0,
  };
}

/** The library keeps the reason of TLS one level down. */
function certificate(error: unknown): string {
  const inner = error instanceof Error ? error.cause : undefined;
  return `${describeError(error)} ${inner === undefined ? '' : factsOf(inner).code}`
    .toUpperCase()
    .replaceAll(' ', '_');
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}

function later(reason: string): { readonly kind: 'later'; readonly reason: string } {
  return { kind: 'later', reason };
}
