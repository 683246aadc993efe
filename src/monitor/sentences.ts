/**
 * The words of an anomaly: short sentences, figures with units, always against what is normal.
 *
 * Pure. Nothing from outside gets in here but names and the reason a probe or a target gave.
 */
import {
  type Band,
  familyOf,
  type MetricName,
  type MetricUnit,
  subjectOf,
  unitOf,
} from '../domain/metric.ts';
import type { Ms } from '../domain/units.ts';

const NAMES: Readonly<Record<string, string>> = {
  cpu: 'Processor use',
  memory: 'Memory use',
  swap: 'Swap use',
  load_per_core: 'Load for each core',
  disk: 'Disk use of',
  inodes: 'Inode use of',
  pressure_cpu: 'Time waiting for the processor',
  pressure_memory: 'Time waiting for memory',
  pressure_io: 'Time waiting for the disk',
  net_rx: 'Network traffic in',
  net_tx: 'Network traffic out',
  disk_io: 'Disk traffic',
  loop_lag: 'The delay of the event loop of Nightshift',
  latency: 'Latency of',
  success_rate: 'Success rate of',
  queue_depth: 'Depth of queue',
  queue_oldest: 'Age of the oldest task in queue',
  queue_rate: 'Tasks done by queue',
  target_cpu: 'Processor use of',
  target_memory: 'Memory use of',
  probe_up: 'Answers of',
  target_up: 'State of',
  outside_ok: 'The alert of another system about',
  backup_age: 'Age of the newest good backup',
  restore_time: 'Time that a full restore takes',
};

/** What is plainly up or down, by what became of it. */
const CHANGES: Readonly<Record<string, { readonly up: string; readonly down: string }>> = {
  probe_up: { up: 'answers again', down: 'stopped answering' },
  target_up: { up: 'came up', down: 'went down' },
  outside_ok: { up: 'is fine again, says another system', down: 'is in trouble, says another system' },
};

/** Made once: making one takes a hundred times as long as using it. */
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const ONE_DIGIT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** `Latency of billing-api`, `Processor use`; a metric of someone else's is called by its name. */
export function titleOf(metric: MetricName): string {
  const name = NAMES[familyOf(metric)];
  const subject = subjectOf(metric);
  if (name === undefined) return metric;
  return subject === undefined ? name : `${name} ${subject}`;
}

/** `shop stopped answering`: the change of something that is plainly up or down. */
export function changeText(metric: MetricName, isUp: boolean): string {
  const words = CHANGES[familyOf(metric)] ?? { up: 'is up', down: 'is down' };
  return `${subjectOf(metric) ?? metric} ${isUp ? words.up : words.down}`;
}

/** One figure with its unit: `97 %`, `2,340 ms`, `1.5 GB`. */
export function figure(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'ratio':
      return `${rounded(value * 100)} %`;
    case 'ms':
      return value >= 10_000 ? `${rounded(value / 1_000)} s` : `${rounded(value)} ms`;
    case 's':
      return spanText(value * 1_000);
    case 'bytes':
      return sizeText(value);
    case 'bytes/s':
      return `${sizeText(value)}/s`;
    case 'per-min':
      return `${rounded(value)} a minute`;
    case 'up':
      return value >= 0.5 ? 'up' : 'down';
    case 'count':
    case 'per-core':
      return rounded(value);
  }
}

/** "Latency of billing-api is 2,340 ms; normal is 80 to 190 ms." */
export function valueSentence(metric: MetricName, value: number, band: Band, limit: number | null): string {
  const unit = unitOf(metric);
  const facts: string[] = [];
  if (band.low !== null && band.high !== null) facts.push(`normal is ${range(band.low, band.high, unit)}`);
  if (limit !== null) facts.push(`the limit is ${figure(limit, unit)}`);
  return `${titleOf(metric)} is ${[figure(value, unit), facts.join(', ')].filter(Boolean).join('; ')}.`;
}

/** "rpa-worker is down: exited with code 1." */
export function downSentence(metric: MetricName, target: string | null, reason: string): string {
  const subject = target ?? subjectOf(metric) ?? metric;
  const what = familyOf(metric) === 'probe_up' ? 'does not answer' : 'is down';
  const why = reason.trim().replace(/\.$/, '');
  return why === '' ? `${subject} ${what}.` : `${subject} ${what}: ${why}.`;
}

/** What is said when it is over. */
export function clearedSentence(
  metric: MetricName,
  target: string | null,
  value: number | null,
  lasted: Ms,
): string {
  const unit = unitOf(metric);
  const span = spanText(lasted);
  if (unit === 'up') return `${target ?? subjectOf(metric) ?? metric} is up again after ${span}.`;
  if (value === null) return `${titleOf(metric)} is no longer out of its limits after ${span}.`;
  return `${titleOf(metric)} is back at ${figure(value, unit)} after ${span}.`;
}

/** `45 s`, `12 min`, `3.5 h` */
export function spanText(span: number): string {
  if (span < 90_000) return `${Math.round(span / 1_000)} s`;
  if (span < 5_400_000) return `${Math.round(span / 60_000)} min`;
  return `${rounded(span / 3_600_000)} h`;
}

function range(low: number, high: number, unit: MetricUnit): string {
  const [from, to] = [figure(low, unit), figure(high, unit)];
  const [ending] = /(?<=\d) .*$/.exec(to) ?? [''];
  return ending !== '' && from.endsWith(ending)
    ? `${from.slice(0, -ending.length)} to ${to}`
    : `${from} to ${to}`;
}

function sizeText(size: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = size < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3));
  return `${rounded(size / 1_000 ** step)} ${units[step]}`;
}

/** Whole numbers from ten on, one digit behind the point below. */
function rounded(value: number): string {
  return (Math.abs(value) >= 10 || Number.isInteger(value) ? WHOLE : ONE_DIGIT).format(value);
}
