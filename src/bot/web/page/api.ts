/** The page's one way to the server: JSON, with the CSRF token on writes. A refusal is thrown as `Problem`. */
import { session } from './store.ts';

const READ_MS = 20_000;
/** A command may take a minute: a restart waits for its grace. */
const WRITE_MS = 70_000;

/** What the server answered instead of what was asked for. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Problem';
    this.status = status;
    this.code = code;
  }
}

/** How a command or a decision ended. */
export interface Reply {
  readonly ok: boolean;
  readonly code: string;
  readonly text: string;
  readonly data: unknown;
}

export function get<T>(path: string): Promise<T> {
  return request<T>(path, { signal: AbortSignal.timeout(READ_MS) });
}

export function post<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json', 'x-nightshift-csrf': session.value?.csrf ?? '' };
  return request<T>(path, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(WRITE_MS),
  });
}

/** Runs one command of the table. A refusal is an answer like any other, so it is not thrown. */
export async function command(
  words: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Reply> {
  return asReply(post<Reply>('/api/commands', { command: words, options }));
}

export async function commandLine(text: string): Promise<Reply> {
  return asReply(post<Reply>('/api/commands', { text }));
}

export async function decide(approval: string, decision: 'approve' | 'deny', reason: string): Promise<Reply> {
  return asReply(post<Reply>(`/api/approvals/${encodeURIComponent(approval)}`, { decision, reason }));
}

async function asReply(answer: Promise<Reply>): Promise<Reply> {
  try {
    return await answer;
  } catch (cause) {
    const code = cause instanceof Problem ? cause.code : 'INTERNAL';
    return { ok: false, code, text: cause instanceof Error ? cause.message : String(cause), data: null };
  }
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const answer = await reach(path, init);
  const body: unknown = await answer.json().catch(() => null); // not JSON: an answer of something in between
  if (answer.ok) return body as T;
  if (answer.status === 401 && path !== '/api/login') session.value = null;
  const { code, message } = (body as { error?: { code?: string; message?: string } } | null)?.error ?? {};
  throw new Problem(answer.status, code ?? 'INTERNAL', message ?? `The server answered ${answer.status}.`);
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    throw unreachable(cause);
  }
}

/** The request may have arrived all the same: nobody should simply press again. */
function unreachable(cause: unknown): Problem {
  return new Problem(
    0,
    'UNREACHABLE',
    'Nightshift does not answer. Look again before you repeat this.',
    cause,
  );
}
