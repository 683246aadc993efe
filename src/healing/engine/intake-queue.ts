/**
 * Anomalies on their way in. All that wait are taken together and saved in one write, so that a storm of ten
 * thousand costs a handful of writes, and everything that fell sick in the same beat is seen together.
 */
import { type Anomaly, fingerprintOf } from '../../domain/anomaly.ts';
import { isLive } from '../../domain/incident.ts';
import { ms } from '../../domain/units.ts';
import type { IncidentRecord } from '../incident-record.ts';
import { newIncidentId } from '../incidents.ts';
import { type Arrival, type IntakeContext, takeIn } from '../intake.ts';
import type { Core, GaveUp } from './core.ts';
import { lookAround } from './sickness.ts';

/** In a storm others get their turn in between. */
const MOST_AT_ONCE = 1_000;

export interface IntakeQueue {
  /** Resolves when it is on disk. */
  arrive(arrival: Arrival): Promise<void>;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

type IntakeDeps = Pick<Core, 'deps' | 'incidents' | 'poke' | 'nextLook'>;

export function createIntakeQueue(core: IntakeDeps): IntakeQueue {
  let waiting: Arrival[] = [];
  let running: Promise<void> | null = null;

  async function drain(): Promise<void> {
    // One turn later, so that what is published together is taken together.
    await Promise.resolve();
    running = null;
    const batch = waiting;
    waiting = [];
    for (let from = 0; from < batch.length; from += MOST_AT_ONCE) {
      await takeAll(batch.slice(from, from + MOST_AT_ONCE), core);
    }
  }

  let tail: Promise<void> = Promise.resolve();
  return {
    arrive(arrival) {
      waiting.push(arrival);
      if (running === null) {
        running = tail.then(drain);
        tail = running.catch(() => {}); // whoever handed it in hears of the failure
      }
      return running;
    },
    idle: () => tail,
  };
}

async function takeAll(batch: readonly Arrival[], core: IntakeDeps): Promise<void> {
  const before = new Map(core.incidents.records().map((record) => [record.incident.id, record]));
  await core.incidents.changeAll((records) => {
    const context = contextFor(batch, records, core);
    return batch.reduce((all, arrival) => takeIn(all, arrival, context), records);
  });
  for (const record of core.incidents.records()) {
    const { id } = record.incident;
    if (before.get(id) === record || !isLive(record.incident)) continue;
    // What is held is looked at anew: another anomaly may lead now.
    core.nextLook.set(id, core.deps.clock.monotonic());
    core.poke(id);
  }
}

function contextFor(
  batch: readonly Arrival[],
  records: readonly IncidentRecord[],
  { deps, incidents }: IntakeDeps,
): IntakeContext {
  const now = deps.clock.now();
  const { joinWithin, reopenWithin } = deps.config.current();
  const arriving = batch.flatMap((arrival) => ('anomaly' in arrival ? [arrival.anomaly] : []));
  const { wellness, commonCause, settlingRoot } = lookAround({ deps, incidents }, now, arriving);
  const taken = new Set<string>([
    ...records.map(({ incident }) => incident.id),
    ...incidents.closed().map(({ id }) => id),
  ]);
  const newId = () => {
    const id = newIncidentId(
      (bytes) => deps.random.hex(bytes),
      (other) => taken.has(other),
    );
    taken.add(id);
    return id;
  };
  return {
    now,
    joinWithin,
    reopenWithin,
    graph: deps.targets.graph(),
    wellness,
    isSettling: (anomaly) => settlingRoot(anomaly) !== null,
    commonCause,
    newId,
  };
}

/** The supervisor's last word on a worker, as an anomaly that goes straight to a person. */
export function arrivalOf(event: GaveUp, { deps }: Pick<Core, 'deps'>): Arrival {
  const now = deps.clock.now();
  const target = targetOfWorker(event.worker, deps);
  const metric = `target_up:${target}`;
  const anomaly: Anomaly = {
    fingerprint: fingerprintOf(deps.host, target, 'crash_loop'),
    host: deps.host,
    target,
    kind: 'crash_loop',
    severity: 'critical',
    witnesses: ['supervisor'],
    confirmed: true,
    since: now,
    detectedAt: now,
    summary: `${target} keeps crashing: ${event.reason}.`,
    evidence: {
      metric,
      value: 0,
      band: deps.metrics.band(metric),
      score: 1,
      lasted: ms(0),
      chart: [],
      topProcesses: [],
      causes: event.evidence === '' ? [] : [{ text: deps.redact(event.evidence).slice(0, 1_000), at: now }],
    },
  };
  return { kind: 'handed_over', anomaly, reason: `its supervisor stopped it: ${event.reason}` };
}

function targetOfWorker(worker: string, { targets }: Core['deps']): string {
  const named = targets.names().find((name) => {
    const target = targets.get(name)?.target;
    return target?.kind === 'process' && target.worker === worker;
  });
  return named ?? worker;
}
