/** Which process uses what is short: by the kind of the trouble, and only where one stands out. Pure. */
import type { AnomalyKind, TopProcess } from '../domain/anomaly.ts';
import type { MetricName } from '../domain/metric.ts';
import { familyOf } from '../domain/metric.ts';
import type { Candidate } from './candidate.ts';
import type { Moved } from './moved.ts';
import { figure } from './sentences.ts';

/** Less than this of a core explains nothing. */
const NOTABLE_CPU = 0.5;
/** As much memory as this is notable by itself; less only where it is far more than the next. */
const NOTABLE_MEMORY = 1_000_000_000;
const SOME_MEMORY = 150_000_000;
const STANDS_OUT = 2;
/** A disk fills at this rate within hours, not weeks. */
const NOTABLE_WRITES = 500_000;
const SHORT_ITSELF = 1;
const SHORT_BESIDE = 0.75;

type Resource = 'cpu' | 'memory' | 'disk';

export interface ProcessInput {
  readonly kind: AnomalyKind;
  readonly metric: MetricName;
  readonly processes: readonly TopProcess[];
  readonly moved: readonly Moved[];
}

export function processCauses(input: ProcessInput): readonly Candidate[] {
  return resourcesOf(input).flatMap(({ resource, weight }) => {
    const top = standout(resource, input.processes);
    return top === null ? [] : [{ text: textOf(resource, top), at: null, weight }];
  });
}

/** What the trouble is about, and what else became short with it. */
function resourcesOf({
  kind,
  metric,
  moved,
}: ProcessInput): readonly { readonly resource: Resource; readonly weight: number }[] {
  const own = ownResource(kind, metric);
  const beside = moved
    .filter(({ by }) => by > 0)
    .flatMap((one) => ownResource('out_of_band', one.metric) ?? []);
  const others = [...new Set(beside)].filter((resource) => resource !== own);
  return [
    ...(own === null ? [] : [{ resource: own, weight: SHORT_ITSELF }]),
    ...others.map((resource) => ({ resource, weight: SHORT_BESIDE })),
  ];
}

function ownResource(kind: AnomalyKind, metric: MetricName): Resource | null {
  if (kind === 'high_memory' || kind === 'memory_leak') return 'memory';
  if (kind === 'disk_filling') return 'disk';
  switch (familyOf(metric)) {
    case 'cpu':
    case 'load_per_core':
    case 'pressure_cpu':
      return 'cpu';
    case 'memory':
    case 'swap':
    case 'pressure_memory':
      return 'memory';
    case 'disk_io':
    case 'pressure_io':
      return 'disk';
    default:
      return null;
  }
}

function standout(resource: Resource, processes: readonly TopProcess[]): TopProcess | null {
  const share = (one: TopProcess): number => amountOf(resource, one) ?? 0;
  const [top, next] = [...processes].sort((a, b) => share(b) - share(a));
  if (top === undefined) return null;
  switch (resource) {
    case 'cpu':
      return share(top) >= NOTABLE_CPU ? top : null;
    case 'disk':
      return share(top) >= NOTABLE_WRITES ? top : null;
    case 'memory': {
      const standsOut = share(top) >= SOME_MEMORY && share(top) >= STANDS_OUT * (next ? share(next) : 0);
      return share(top) >= NOTABLE_MEMORY || standsOut ? top : null;
    }
  }
}

function amountOf(resource: Resource, one: TopProcess): number | null {
  switch (resource) {
    case 'cpu':
      return one.cpu;
    case 'memory':
      return one.memoryBytes;
    case 'disk':
      return one.writeBytesPerSecond ?? null;
  }
}

function textOf(resource: Resource, one: TopProcess): string {
  const who = `${one.name} (pid ${one.pid})`;
  switch (resource) {
    case 'cpu':
      return `${who} uses ${figure(one.cpu ?? 0, 'ratio')} of a core`;
    case 'memory':
      return `${who} uses ${figure(one.memoryBytes ?? 0, 'bytes')} of memory`;
    case 'disk':
      return `${who} writes ${figure(one.writeBytesPerSecond ?? 0, 'bytes/s')}`;
  }
}
