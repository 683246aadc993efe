/**
 * What is known of the backups beyond what they say themselves: when each was last read in full, how the drills
 * went, which one is the newest. Written only by the holder of the lock; losing it loses no backup.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DrillReport, ReplicaView, Verdict } from '../domain/backup.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../domain/units.ts';
import { writeDurably } from '../platform/durable-file.ts';

const LEDGER_FILE = 'ledger.json';
const MOST_DRILLS = 60;

const moment = z.number().transform(epochMs);
const span = z.number().transform(ms);
const verdict = z.object({ at: moment, good: z.boolean(), reasons: z.array(z.string()) });
const drill = verdict.extend({ id: z.string(), bytes: z.number(), took: span, projected: span });

const LedgerShape: z.ZodType<Ledger> = z.object({
  head: z.object({ id: z.string(), sha256: z.string() }).nullable(),
  verdicts: z.record(z.string(), verdict),
  drills: z.array(drill),
  /** How long the last backup took. */
  lastTook: span.nullable(),
  /** The last run that failed since the last one that did not. */
  failure: z.object({ at: moment, reason: z.string() }).nullable(),
  /** What became of the newest copy to each place. */
  replicas: z.record(
    z.string(),
    z.array(z.object({ name: z.string(), at: moment, failure: z.string().nullable().default(null) })),
  ),
});
export interface Ledger {
  readonly head: { readonly id: string; readonly sha256: string } | null;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly drills: readonly DrillReport[];
  readonly lastTook: Ms | null;
  readonly failure: { readonly at: EpochMs; readonly reason: string } | null;
  readonly replicas: Readonly<Record<string, readonly ReplicaView[]>>;
}

const EMPTY: Ledger = { head: null, verdicts: {}, drills: [], lastTook: null, failure: null, replicas: {} };

export async function readLedger(folder: string): Promise<Ledger> {
  for (const file of [LEDGER_FILE, `${LEDGER_FILE}.bak`]) {
    try {
      return LedgerShape.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    } catch {
      // missing or damaged: the copy before it, else what is known from the backups alone
    }
  }
  return EMPTY;
}

export async function updateLedger(folder: string, change: (ledger: Ledger) => Ledger): Promise<Ledger> {
  const next = change(await readLedger(folder));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kept = { ...next, drills: next.drills.slice(-MOST_DRILLS) };
  await writeDurably(join(folder, LEDGER_FILE), `${JSON.stringify(kept)}\n`);
  return kept;
}
