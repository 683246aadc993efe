/**
 * Why a chat platform did not take something, in words the outbox can act on whatever the platform.
 *
 * It travels as an `OpsError` with code `SURFACE_DOWN` whose context holds the fault, so that nobody outside
 * needs to know a platform's own error codes.
 */
import { isOpsError, OpsError } from '../domain/errors.ts';
import type { ChatSurfaceId } from './surface.ts';

export type FaultKind =
  /** Wait `retryAfterSeconds`, then try again. */
  | 'rate_limited'
  /** No answer or a broken one: try later; whether it arrived is unknown. */
  | 'unreachable'
  /** The platform will never take this message. */
  | 'refused'
  /** The channel is gone, the bot is not in it, or a permission is missing: a person can mend it, try later. */
  | 'no_place'
  /** The token is revoked or wrong; only a person can mend it. */
  | 'credentials';

export interface SurfaceFault {
  readonly kind: FaultKind;
  readonly reason: string;
  readonly retryAfterSeconds: number | null;
}

export function fault(
  kind: FaultKind,
  reason: string,
  retryAfterSeconds: number | null = null,
): SurfaceFault {
  return { kind, reason, retryAfterSeconds };
}

export function faultError(surface: ChatSurfaceId, failed: SurfaceFault, cause?: unknown): OpsError {
  return new OpsError('SURFACE_DOWN', failed.reason, {
    context: {
      surface,
      kind: failed.kind,
      reason: failed.reason,
      retryAfterSeconds: failed.retryAfterSeconds,
    },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The fault inside an error of a surface; anything else counts as unreachable: try again later. */
export function readFault(error: unknown): SurfaceFault {
  if (isOpsError(error, 'SURFACE_DOWN')) {
    const { kind, reason, retryAfterSeconds } = error.context;
    return {
      kind: isFaultKind(kind) ? kind : 'unreachable',
      reason: typeof reason === 'string' ? reason : error.message,
      retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : null,
    };
  }
  return fault('unreachable', error instanceof Error ? error.message : 'no reason given');
}

function isFaultKind(value: unknown): value is FaultKind {
  return (
    value === 'rate_limited' ||
    value === 'unreachable' ||
    value === 'refused' ||
    value === 'no_place' ||
    value === 'credentials'
  );
}
