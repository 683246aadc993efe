/**
 * The one shape of every HTTP error: `{"error": {"code", "message", "details"}}`. The code decides, the message
 * is for a person, details are plain data. A failure of ours is told without its inside.
 */
import { isOpsError, type OpsErrorCode } from '../domain/errors.ts';

/** Every code an HTTP caller can meet, with the status it comes with. */
export const HTTP_STATUS = {
  BAD_REQUEST: 400,
  UNKNOWN_COMMAND: 400,
  BAD_OPTION: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  TIMEOUT: 408,
  REFUSED: 409,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA: 415,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;
export type HttpCode = keyof typeof HTTP_STATUS;

export interface ProblemBody {
  readonly error: { readonly code: HttpCode; readonly message: string; readonly details: unknown };
}

/** What a handler answers with. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export function problem(code: HttpCode, message: string, details: unknown = null): HttpAnswer {
  return { status: HTTP_STATUS[code], body: { error: { code, message, details } } satisfies ProblemBody };
}

/** The answer to anything thrown on the way; `isOurs` = worth a log line, because nobody but us can mend it. */
export function problemOf(thrown: unknown): { readonly answer: HttpAnswer; readonly isOurs: boolean } {
  if (isOpsError(thrown)) {
    const code = CODE_OF_OPS[thrown.code] ?? 'INTERNAL';
    if (code !== 'INTERNAL') return { answer: problem(code, thrown.message), isOurs: false };
  }
  const status = statusOf(thrown);
  if (status >= 400 && status < 500) {
    const code = CODE_OF_STATUS[status] ?? 'BAD_REQUEST';
    return { answer: problem(code, MESSAGE_OF[code] ?? messageOf(thrown)), isOurs: false };
  }
  return { answer: problem('INTERNAL', 'Something went wrong inside; the log has it.'), isOurs: true };
}

const CODE_OF_OPS: Readonly<Partial<Record<OpsErrorCode, HttpCode>>> = {
  USAGE: 'BAD_REQUEST',
  UNKNOWN_COMMAND: 'UNKNOWN_COMMAND',
  BAD_OPTION: 'BAD_OPTION',
  FORBIDDEN: 'FORBIDDEN',
  REFUSED: 'REFUSED',
  NOT_FOUND: 'NOT_FOUND',
  DEADLINE: 'UNAVAILABLE',
  SURFACE_DOWN: 'UNAVAILABLE',
  AUDIT_UNWRITABLE: 'UNAVAILABLE',
};

const CODE_OF_STATUS: Readonly<Record<number, HttpCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'TIMEOUT',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA',
  429: 'RATE_LIMITED',
};

const MESSAGE_OF: Readonly<Partial<Record<HttpCode, string>>> = {
  TOO_LARGE: 'The body is larger than 1 MB.',
  UNSUPPORTED_MEDIA: 'Send JSON, with the header "Content-Type: application/json".',
};

function statusOf(thrown: unknown): number {
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : 'The request could not be read.';
}
