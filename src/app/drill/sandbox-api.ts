/** The sandbox bot over its own API, as any other program would use it. No answer is `null`, never an empty list. */
import type { HttpClient } from '../../domain/ports.ts';
import { type Ms, seconds } from '../../domain/units.ts';

const LIMIT: Ms = seconds(3);

/** Of an incident, what a drill looks at. */
export interface SeenIncident {
  readonly id: string;
  readonly state: string;
  readonly stateDetail: Readonly<Record<string, string | null>>;
  readonly target: string | null;
  readonly severity: string;
  readonly openedAt: string;
  readonly resolvedAt: string | null;
  readonly pagedAt: string | null;
  readonly reopened: number;
  readonly anomalies: readonly { readonly target: string | null; readonly detectedAt: string }[];
}

export interface SeenWorker {
  readonly worker: string;
  readonly state: string;
  readonly pid: number | null;
}

export interface SeenLine {
  readonly time: string;
  readonly kind: string;
  readonly text: string;
  readonly target?: string;
  readonly strategy?: string;
  readonly actionId?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface SandboxApi {
  incidents(): Promise<readonly SeenIncident[] | null>;
  workers(): Promise<readonly SeenWorker[] | null>;
  audit(kind: string): Promise<readonly SeenLine[] | null>;
  push(samples: readonly { readonly metric: string; readonly value: number }[]): Promise<void>;
}

export function createSandboxApi(url: string, token: string, http: HttpClient): SandboxApi {
  const ask = async (path: string, body?: unknown): Promise<Readonly<Record<string, unknown>> | null> => {
    const answer = await http.request({
      url: `${url}${path}`,
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      timeLimit: LIMIT,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.kind === 'answered' && answer.status < 300 ? parsed(answer.body) : null;
  };
  // The shapes are those of our own API, which has tests of its own.
  const list = async <T>(path: string, key: string): Promise<readonly T[] | null> => {
    const found = (await ask(path))?.[key];
    return Array.isArray(found) ? (found as readonly T[]) : null;
  };
  return {
    incidents: () => list('/api/incidents?limit=200', 'incidents'),
    workers: () => list('/api/workers', 'workers'),
    audit: (kind) => list(`/api/audit?kind=${kind}&limit=1000`, 'lines'),
    push: async (samples) => void (await ask('/api/metrics', { samples })),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // Cut off by a bot that was just killed: no answer.
    return null;
  }
}
