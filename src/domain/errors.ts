/**
 * The one error class. The code decides what happens next, the message informs a person.
 *
 * Expected events (refused, waiting, failed action, gap in data) are values, never an `OpsError`.
 * Every code is explained in docs/errors.md; a test compares the two lists both ways.
 */

/** Every stable code, in the order of docs/errors.md. */
export const OPS_ERROR_CODES = [
  'CONFIG_INVALID',
  'USAGE',
  'UNKNOWN_COMMAND',
  'BAD_OPTION',
  'FORBIDDEN',
  'REFUSED',
  'NOT_FOUND',
  'NOT_RUNNING',
  'DATA_LOCKED',
  'PORT_IN_USE',
  'STATE_CORRUPT',
  'STATE_UNWRITABLE',
  'AUDIT_UNWRITABLE',
  'AUDIT_BROKEN',
  'COMMAND_TIMEOUT',
  'COMMAND_FAILED',
  'HTTP_TIMEOUT',
  'HTTP_FAILED',
  'DEADLINE',
  'SURFACE_DOWN',
  'INTERNAL',
] as const;

export type OpsErrorCode = (typeof OPS_ERROR_CODES)[number];

/** Plain data about what was being done; never a secret. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface OpsErrorInit {
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

/** An unexpected failure with a stable code, plain context and the foreign error kept as `cause`. */
export class OpsError extends Error {
  readonly code: OpsErrorCode;
  readonly context: ErrorContext;

  constructor(code: OpsErrorCode, message: string, init: OpsErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'OpsError';
    this.code = code;
    this.context = init.context ?? {};
  }
}

export function isOpsError(value: unknown, code?: OpsErrorCode): value is OpsError {
  return value instanceof OpsError && (code === undefined || value.code === code);
}

/** A readable line for anything that can be thrown; SDKs reject with `undefined` too. */
export function describeError(value: unknown): string {
  if (value instanceof Error) return value.message || value.name;
  return value === undefined ? 'no reason given' : String(value);
}

/** Ends every `switch` over a union: the compiler finds the forgotten member. */
export function assertNever(value: never): never {
  throw new OpsError('INTERNAL', 'a case was forgotten', { context: { value: JSON.stringify(value) } });
}
