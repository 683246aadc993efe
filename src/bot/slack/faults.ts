/** What Slack's refusals mean for us. Pure: error in, fault out. */
import { webApi } from '@slack/bolt';
import { describeError } from '../../domain/errors.ts';
import { inertLine } from '../inert.ts';
import { fault, type SurfaceFault } from '../surface-fault.ts';

/** Nothing but a new token mends these. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'user_removed_from_team',
  'team_disabled',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
]);

const NO_PLACE: ReadonlySet<string> = new Set(['channel_not_found', 'not_in_channel', 'is_archived']);

/** Slack's own trouble, told in the body of a 200. */
const PASSING: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'accesslimited',
]);

/** The message that was to be edited can no longer be: a new one takes its place. */
const GONE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

export function toFault(error: unknown): SurfaceFault {
  if (error instanceof webApi.WebAPIPlatformError) return platformFault(error.data);
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return fault('rate_limited', 'Slack asked to wait.', error.retryAfter);
  }
  if (error instanceof webApi.WebAPIHTTPError) {
    return fault('unreachable', `Slack answered with HTTP ${error.statusCode}.`);
  }
  if (error instanceof webApi.WebAPIRequestError) {
    return fault('unreachable', `Slack cannot be reached: ${why(error.original)}`);
  }
  return fault('unreachable', `Slack did not answer: ${why(error)}`);
}

/** The platform's own code, or an empty text. */
export function platformCode(error: unknown): string {
  return error instanceof webApi.WebAPIPlatformError ? error.data.error : '';
}

export function isGone(error: unknown): boolean {
  return GONE.has(platformCode(error));
}

function platformFault(data: { readonly error: string; readonly needed?: unknown }): SurfaceFault {
  const code = inertLine(data.error).slice(0, 120);
  if (CREDENTIALS.has(code)) {
    return fault('credentials', `Slack refuses the token: ${code}. Put a new one in and restart or reload.`);
  }
  if (NO_PLACE.has(code)) {
    return fault('no_place', `Slack does not let the bot into the channel: ${code}. Invite it there.`);
  }
  if (PASSING.has(code)) return fault('unreachable', `Slack answered ${code}.`);
  if (code === 'ratelimited' || code === 'rate_limited') {
    return fault('rate_limited', 'Slack asked to wait.', 30);
  }
  if (code === 'missing_scope') {
    const needed = typeof data.needed === 'string' ? data.needed : 'it needs';
    return fault('no_place', `The Slack app lacks the scope ${needed}. Add it and install the app again.`);
  }
  return fault('refused', `Slack refused it: ${code}.`);
}

/** fetch hides the reason one level down. */
function why(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  return inertLine(code || describeError(inner)).slice(0, 200);
}
