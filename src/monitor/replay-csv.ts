/**
 * Replays a CSV of metrics through the detector: one JSON line an input row, causal, the same code as live.
 *
 * What is printed for a row depends on the rows up to it. A row whose time or shape cannot be read has no line;
 * it is counted and named by its line number.
 */
import type { Writable } from 'node:stream';
import { OpsError } from '../domain/errors.ts';
import type { MetricName } from '../domain/metric.ts';
import { type EpochMs, toIso } from '../domain/units.ts';
import { createDetector, type Detector } from './detect/detector.ts';
import { fitHost } from './detect/host-model.ts';
import type { DetectorRow, Judgement } from './detect/judgement.ts';
import { type DetectorParameters, PARAMETERS } from './detect/parameters.ts';
import { readHeader, readTime, readValues } from './replay/csv-cells.ts';
import { openCsv } from './replay/csv-file.ts';
import { type CsvRecord, readCsv } from './replay/csv-rows.ts';
import { createLineSink } from './replay/line-sink.ts';
import { createTally, type ReplaySummary, type Tally } from './replay/summary.ts';

export interface ReplayProgress {
  readonly phase: 'train' | 'judge';
  readonly rows: number;
  /** Read so far and in all, of the file of this phase. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface ReplayCsvOptions {
  /** A CSV, or a gzipped one by its ending `.gz`. */
  readonly input: string;
  /** A history to learn from first. */
  readonly train?: string;
  /** Path of the JSON lines, or a stream (stdout), which is left open. */
  readonly output: string | Writable;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Each judged row, for whoever replays strategies on top. */
  readonly onRow?: (row: DetectorRow, judgement: Judgement) => void;
  readonly signal?: AbortSignal;
  readonly parameters?: DetectorParameters;
  /** Local wall time for times of day; UTC by default. */
  readonly localTime?: (at: EpochMs) => number;
}

/**
 * @throws OpsError `NOT_FOUND` where a file cannot be read, `USAGE` where its header is none, `STATE_UNWRITABLE`
 * where the output cannot be written.
 */
export async function replayCsv(options: ReplayCsvOptions): Promise<ReplaySummary> {
  const detector = createDetector({
    parameters: options.parameters ?? PARAMETERS,
    localTime: options.localTime ?? ((at) => at),
  });
  const tally = createTally();
  if (options.train !== undefined) {
    for await (const row of readRows(options.train, 'train', options, tally)) detector.learn(row);
  }
  const sink = createLineSink(options.output);
  try {
    for await (const row of readRows(options.input, 'judge', options, tally)) {
      refit(detector);
      const judgement = detector.judge(row);
      tally.judged(row.at, judgement);
      options.onRow?.(row, judgement);
      await sink.write(lineOf(row.at, judgement));
    }
  } finally {
    await sink.close();
  }
  return tally.summary(detector.model()?.names.length ?? 0, detector.hasRefused());
}

/** One row of output, exactly as the specification draws it. */
export function lineOf(at: EpochMs, judgement: Judgement): string {
  return JSON.stringify({
    time: toIso(at),
    score: rounded(judgement.score),
    alarm: rounded(judgement.alarm),
    severity: judgement.severity,
    incident: judgement.incident,
    metrics: judgement.metrics,
  });
}

/** In a replay a fit may take its time: it runs here and now, between two rows. */
function refit(detector: Detector): void {
  const task = detector.dueFit();
  if (task !== null) detector.install(fitHost(task));
}

async function* readRows(
  path: string,
  phase: ReplayProgress['phase'],
  options: ReplayCsvOptions,
  tally: Tally,
): AsyncGenerator<DetectorRow> {
  const source = await openCsv(path, options.signal);
  let names: readonly MetricName[] | null = null;
  let rows = 0;
  for await (const record of readCsv(source.chunks())) {
    if (names === null) {
      names = headerOf(record, path);
      continue;
    }
    rows += 1;
    if (rows % 1_000 === 0)
      options.onProgress?.({ phase, rows, bytes: source.read(), totalBytes: source.bytes });
    const row = rowOf(record, names, phase, tally);
    if (row !== null) yield row;
  }
  if (names === null) throw new OpsError('USAGE', 'the file is empty', { context: { path } });
  options.onProgress?.({ phase, rows, bytes: source.bytes, totalBytes: source.bytes });
}

function headerOf(record: CsvRecord, path: string): readonly MetricName[] {
  if (record.kind === 'broken') {
    throw new OpsError('USAGE', `line ${record.line}: ${record.reason}`, { context: { path } });
  }
  return readHeader(record.fields);
}

function rowOf(
  record: CsvRecord,
  names: readonly MetricName[],
  phase: ReplayProgress['phase'],
  tally: Tally,
): DetectorRow | null {
  const { line } = record;
  if (record.kind === 'broken') return tally.bad(phase, line, record.reason);
  const [time = '', ...cells] = record.fields;
  const at = readTime(time);
  if (at === undefined) return tally.bad(phase, line, `"${time.slice(0, 40)}" is no time`);
  if (cells.length !== names.length) {
    return tally.bad(phase, line, `expected ${names.length + 1} columns, found ${cells.length + 1}`);
  }
  const { values, faults } = readValues(names, cells);
  for (const fault of faults)
    tally.unreadable(phase, line, `"${fault.text}" in column ${fault.column} is no number`);
  return { at, values };
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
