/**
 * A week behind this host, so that the bot is warm: minutes of eight days and samples of the last three hours, each
 * metric about the level it has now, with a small rhythm of the day and noise of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf } from '../../src/domain/metric.ts';
import { epochMs } from '../../src/domain/units.ts';
import { headerText, rowText } from '../../src/monitor/day-file.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTES = { step: 60_000, span: 8 * DAY, ending: '.1m.jsonl' };
const SAMPLES = { step: 10_000, span: DAY / 3, ending: '.jsonl' };

/** A host that is idle most of the time: for faults of the whole host, whatever else it happens to do now. */
const CALM: Readonly<Record<string, number>> = {
  cpu: 0.2,
  load_per_core: 0.4,
  pressure_cpu: 0.03,
  pressure_memory: 0,
  pressure_io: 0.01,
  swap: 0,
  net_rx: 20_000,
  net_tx: 20_000,
  disk_io: 200_000,
};
/** A service and a queue that are well. */
const LEVELS: Readonly<Record<string, number>> = {
  success_rate: 1,
  probe_up: 1,
  target_up: 1,
};
const FED: Readonly<Record<string, number>> = {
  queue_depth: 0.6,
  queue_oldest: 0.6,
  queue_rate: 30,
};
/** What never moves on a host that is well. */
const STILL = new Set([
  'success_rate',
  'probe_up',
  'target_up',
  'swap',
  'pressure_memory',
  'memory',
  'disk',
  'inodes',
]);

/** Another level some hours ago than now. */
type Past = (metric: string, level: number, hoursAgo: number) => number;

interface Habits {
  /** The host was idle all week, whatever it does now. */
  readonly calm?: boolean;
  /** Its queue has work. */
  readonly feeds?: boolean;
  readonly past?: Past | undefined;
}

/** @param now the level each metric has at rest. */
export function seedHistory(
  dataFolder: string,
  now: ReadonlyMap<string, number>,
  until: number,
  { calm = false, feeds = false, past = (_, level) => level }: Habits,
): void {
  const levels = { ...(calm ? CALM : {}), ...LEVELS, ...(feeds ? FED : {}) };
  const series = [...now].map(([name, seen]) => [name, levels[familyOf(name)] ?? seen] as const);
  const folder = join(dataFolder, 'history');
  mkdirSync(folder, { recursive: true });
  for (const { step, span, ending } of [MINUTES, SAMPLES]) {
    for (const [day, text] of dayTexts(series, { until, step, span, past }))
      writeFileSync(join(folder, `${day}${ending}`), text);
  }
}

interface Stretch {
  readonly until: number;
  readonly step: number;
  readonly span: number;
  readonly past: Past;
}

function dayTexts(
  metrics: readonly (readonly [string, number])[],
  { until, step, span, past }: Stretch,
): ReadonlyMap<string, string> {
  const random = seeded(7);
  const header = headerText(metrics.map(([name]) => name));
  const lines = new Map<string, string[]>();
  const last = Math.floor(until / step) * step;
  for (let at = last - span; at < last; at += step) {
    const day = new Date(at).toISOString().slice(0, 10);
    const values = metrics.map(([name, level]) =>
      levelAt(name, past(name, level, (last - at) / HOUR), at, random),
    );
    const text = rowText({ at: epochMs(at), taught: true, values });
    const known = lines.get(day);
    if (known === undefined) lines.set(day, [header, text]);
    else known.push(text);
  }
  return new Map([...lines].map(([day, texts]) => [day, texts.join('')]));
}

function levelAt(metric: string, level: number, at: number, random: () => number): number {
  const family = familyOf(metric);
  if (family === 'memory') return level + 0.001 * (random() - 0.5);
  if (STILL.has(family)) return level;
  const rhythm = 1 + 0.1 * Math.sin((2 * Math.PI * at) / DAY);
  const noise = 1 + 0.5 * (random() + random() - 1);
  return family.startsWith('queue_d') || family.startsWith('queue_o')
    ? Math.round(random() * 2 * level)
    : level * rhythm * noise;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
