/**
 * Stale, failed and slow backups as anomalies like any other: told once while they last, cleared when they end.
 * After a restart what still holds is told again; the incident that knows it takes it for the same.
 */
import { type Anomaly, fingerprintOf } from '../domain/anomaly.ts';
import { describeError } from '../domain/errors.ts';
import { type EpochMs, ms } from '../domain/units.ts';
import type { Room } from './room.ts';
import type { BackupDeps } from './site.ts';
import { type Complaint, complaintsOf } from './views.ts';

const KINDS = [
  'backup_failed',
  'backup_stale',
  'restore_slow',
] as const satisfies readonly Complaint['kind'][];
/** What they are about: it can be silenced by this name, and nothing else joins its incident. */
const SUBJECT = 'backups';
const OVER: Readonly<Record<Complaint['kind'], string>> = {
  backup_failed: 'The backups are good again.',
  backup_stale: 'There is a fresh verified backup.',
  restore_slow: 'A full restore is fast enough again.',
};

const METRICS: Readonly<Record<Complaint['kind'], string>> = {
  backup_failed: 'backup_faults',
  backup_stale: 'backup_age',
  restore_slow: 'restore_time',
};

export interface Troubles {
  /** Looks at what there is and tells what began or ended since the last look. Never throws. */
  look(): Promise<void>;
}

export function createTroubles(room: Room): Troubles {
  const { bus, clock, config, log } = room.deps;
  const teller = new Teller(room.deps);
  return {
    async look() {
      if (bus === null) return;
      try {
        const { all, ledger } = await room.found();
        const now = clock.now();
        const complaints = complaintsOf(all, ledger, config.current(), now);
        for (const kind of KINDS) {
          const own = complaints.filter((one) => one.kind === kind);
          teller.tell(kind, own, now);
        }
      } catch (cause) {
        log.warn('the backups could not be looked at', { error: describeError(cause) });
      }
    },
  };
}

class Teller {
  readonly #deps: Pick<BackupDeps, 'bus' | 'host'>;
  /** What was told last of each kind; `null` = that it is over. */
  readonly #told = new Map<Complaint['kind'], string | null>();
  readonly #since = new Map<Complaint['kind'], EpochMs>();

  constructor(deps: Pick<BackupDeps, 'bus' | 'host'>) {
    this.#deps = deps;
  }

  tell(kind: Complaint['kind'], complaints: readonly Complaint[], now: EpochMs): void {
    const { bus, host } = this.#deps;
    const before = this.#told.get(kind);
    const [first] = complaints;
    const text = first === undefined ? null : complaints.map((one) => one.text).join(' ');
    if (before === text) return;
    this.#told.set(kind, text);
    if (first === undefined || text === null) {
      const fingerprint = fingerprintOf(host, SUBJECT, kind);
      bus?.publish({ type: 'anomaly.cleared', fingerprint, at: now, text: OVER[kind] });
      return;
    }
    const isNew = typeof before !== 'string';
    if (isNew) this.#since.set(kind, now);
    const anomaly = anomalyOf({ ...first, text }, host, this.#since.get(kind) ?? now, now);
    bus?.publish({ type: isNew ? 'anomaly.detected' : 'anomaly.updated', anomaly });
  }
}

function anomalyOf({ kind, text, value }: Complaint, host: string, since: EpochMs, now: EpochMs): Anomaly {
  return {
    fingerprint: fingerprintOf(host, SUBJECT, kind),
    host,
    target: SUBJECT,
    kind,
    severity: 'warning',
    witnesses: ['external'],
    confirmed: true,
    since,
    detectedAt: now,
    summary: text,
    evidence: {
      metric: METRICS[kind],
      value,
      band: { centre: null, low: null, high: null, warn: null, critical: null },
      score: 1,
      lasted: ms(Math.max(0, now - since)),
      chart: [],
      topProcesses: [],
      causes: [],
    },
  };
}
