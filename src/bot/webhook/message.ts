/** What a webhook of any source came to, before the configuration gives it a target. */
import type { Severity } from '../../domain/anomaly.ts';
import type { EpochMs } from '../../domain/units.ts';

export interface HookAlert {
  /** The same trouble has the same fingerprint, firing and resolved. */
  readonly fingerprint: string;
  /** The same message sent twice has the same id. */
  readonly eventId: string;
  readonly name: string;
  readonly state: 'firing' | 'resolved';
  /** `null` where the source has no severities. */
  readonly severity: Severity | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly text: string;
  readonly startedAt: EpochMs | null;
}

export interface HookDeploy {
  readonly eventId: string;
  /** The same deployment has the same id from start to end. */
  readonly id: string;
  readonly repository: string;
  readonly environment: string;
  readonly state: 'started' | 'succeeded' | 'failed';
  readonly text: string;
}

export type HookReading =
  | { readonly kind: 'read'; readonly alerts: readonly HookAlert[]; readonly deploys: readonly HookDeploy[] }
  /** Amazon asks whether the subscription is wanted; the answer is a visit to this address. */
  | { readonly kind: 'confirm'; readonly url: string }
  | { readonly kind: 'bad'; readonly reason: string };

/** What the parser of a source is given. Header names are in lower case. */
export interface HookInput {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** sha256 of the body, hex: the id of a message whose source gives none. */
  readonly digest: string;
}

export const NOTHING_READ: HookReading = { kind: 'read', alerts: [], deploys: [] };

export function alertsRead(alerts: readonly HookAlert[]): HookReading {
  return { kind: 'read', alerts, deploys: [] };
}

/** The severity a word stands for in the systems we know; `null` for a word we do not. */
export function severityOf(word: string | undefined): Severity | null {
  const known = word?.trim().toLowerCase();
  if (known === undefined) return null;
  if (['critical', 'crit', 'page', 'error', 'fatal', 'emergency', 'high', 'sev1', 'p1'].includes(known)) {
    return 'critical';
  }
  if (['warning', 'warn', 'medium', 'sev2', 'p2', 'p3'].includes(known)) return 'warning';
  return ['info', 'informational', 'none', 'low', 'notice', 'p4', 'p5'].includes(known) ? 'info' : null;
}
