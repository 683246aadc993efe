/** Which process uses what is short: by the kind of the trouble, and only where one stands out; of those that write to disks a few. Pure. */
import type { AnomalyKind, TopProcess } from '../domain/anomaly.ts';
import type { MetricName } from '../domain/metric.ts';
import { familyOf } from '../domain/metric.ts';
import type { Candidate } from './candidate.ts';
import type { Moved } from './moved.ts';
import { figure } from './sentences.ts';

/** Less than this of a core explains nothing, nor does a small part of what the busiest use together. */
const NOTABLE_CPU = 0.5;
const NOTABLE_PART = 0.25;
/** As much memory as this is notable by itself; less only where it is far more than the next. */
const NOTABLE_MEMORY = 1_000_000_000;
const SOME_MEMORY = 150_000_000;
const STANDS_OUT = 2;
/** A disk fills at this rate within hours, not weeks. */
const NOTABLE_WRITES = 500_000;
/** Which disk a process writes to is not known: whoever writes much is named, hardest first. */
const WRITERS_NAMED = 3;
const NEXT_LESS = 0.1;
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
    const found = standouts(resource, input.processes);
    return found.map((crew, place) => ({
      text: textOf(resource, crew),
      at: null,
      weight: weight - NEXT_LESS * place,
    }));
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

function standouts(resource: Resource, processes: readonly TopProcess[]): readonly Crew[] {
  const share = (one: Crew | undefined): number => (one === undefined ? 0 : one.amount);
  const crews = resource === 'cpu' ? together(processes) : processes.map((one) => crewOf(resource, [one]));
  const ranked = crews.toSorted((a, b) => share(b) - share(a));
  const [top, next] = ranked;
  if (top === undefined) return [];
  switch (resource) {
    case 'cpu': {
      const all = crews.reduce((sum, one) => sum + share(one), 0);
      return share(top) >= Math.max(NOTABLE_CPU, NOTABLE_PART * all) ? [top] : [];
    }
    case 'disk':
      return ranked.filter((one) => share(one) >= NOTABLE_WRITES).slice(0, WRITERS_NAMED);
    case 'memory': {
      const standsOut = share(top) >= SOME_MEMORY && share(top) >= STANDS_OUT * share(next);
      return share(top) >= NOTABLE_MEMORY || standsOut ? [top] : [];
    }
  }
}

/** Processes that stand for one cause, the heaviest first. */
interface Crew {
  readonly members: readonly TopProcess[];
  readonly amount: number;
}

/** A program with many processes is one cause. */
function together(processes: readonly TopProcess[]): readonly Crew[] {
  const names = [...new Set(processes.map(({ name }) => name))];
  return names.map((name) =>
    crewOf(
      'cpu',
      processes.filter((one) => one.name === name),
    ),
  );
}

function crewOf(resource: Resource, processes: readonly TopProcess[]): Crew {
  const amount = (one: TopProcess): number => amountOf(resource, one) ?? 0;
  const members = processes.toSorted((a, b) => amount(b) - amount(a));
  return { members, amount: members.reduce((sum, one) => sum + amount(one), 0) };
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

function textOf(resource: Resource, { members, amount }: Crew): string {
  const [first] = members;
  const others = members.length > 1 ? ` and ${members.length - 1} more` : '';
  const who = `${first?.name} (pid ${first?.pid}${others})`;
  const verb = members.length > 1 ? 'use' : 'uses';
  switch (resource) {
    case 'cpu':
      return amount < 1
        ? `${who} ${verb} ${figure(amount, 'ratio')} of a core`
        : `${who} ${verb} ${figure(amount, 'per-core')} ${amount < 1.05 ? 'core' : 'cores'}`;
    case 'memory':
      return `${who} uses ${figure(amount, 'bytes')} of memory`;
    case 'disk':
      return `${who} writes up to ${figure(amount, 'bytes/s')}`;
  }
}
