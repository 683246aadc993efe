/**
 * The labelled sets in a folder laid out like the development data: `nab/`, `smd/`, `asd/`, `cmd/`. Compact column
 * files become the CSVs that `nightshift replay` reads, with made-up times where the set has none.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Row 0 of the training of sets without a wall clock. */
const ORIGIN = Date.parse('2024-01-01T00:00:00Z');

export interface Case {
  /** `machine-1-4` or `realKnownCause/rogue_agent_key_hold.csv`. */
  readonly name: string;
  readonly input: string;
  readonly train: string | null;
  readonly metrics: number;
}

/** A host with labelled rows. */
export interface HostCase extends Case {
  readonly labels: Uint8Array;
  readonly stepSeconds: number;
}

export interface StreamCase extends Case {
  readonly times: Float64Array;
  /** First and last moment of each labelled window. */
  readonly windows: readonly (readonly [number, number])[];
}

export function nabCases(data: string): readonly StreamCase[] {
  const folder = join(data, 'nab', 'data');
  const windowsFile = join(data, 'nab', 'windows.json');
  if (!existsSync(windowsFile)) return [];
  const windows = JSON.parse(readFileSync(windowsFile, 'utf8')) as Record<
    string,
    readonly [string, string][]
  >;
  return Object.entries(windows).flatMap(([name, spans]) => {
    const input = [`${name}.gz`, name].map((file) => join(folder, file)).find((path) => existsSync(path));
    if (input === undefined) return [];
    const times = Float64Array.from(linesOf(input).slice(1), (line) => momentOf(line.split(',')[0] ?? ''));
    const bounds = spans.map(([from, to]) => [momentOf(from), momentOf(to)] as const);
    return [{ name, input, train: null, metrics: 1, times, windows: bounds }];
  });
}

/** Servers with training, test and labels; writes their CSVs into `scratch`. */
export function hostCases(
  data: string,
  set: 'smd' | 'asd',
  stepSeconds: number,
  scratch: string,
): readonly HostCase[] {
  const folder = join(data, set, 'test');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const name = basename(file, '.dcol.gz');
      const training = readColumns(join(data, set, 'train', file));
      const test = readColumns(join(folder, file));
      const train = join(scratch, `${name}-train.csv`);
      const input = join(scratch, `${name}-test.csv`);
      writeCsv(train, training, 0, stepSeconds);
      writeCsv(input, test, training.rows, stepSeconds);
      const labels = readLabels(join(data, set, 'labels', `${name}.csv.gz`));
      return { name, input, train, metrics: test.names.length, labels, stepSeconds };
    });
}

/** Service series with their labels beside the values. */
export function serviceCases(data: string, scratch: string): readonly HostCase[] {
  const folder = join(data, 'cmd');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.csv.gz'),
  );
  return files.sort().map((file) => {
    const name = basename(file, '.csv.gz');
    const rows = linesOf(join(folder, file))
      .slice(1)
      .map((line) => line.split(','));
    const input = join(scratch, `${name}.csv`);
    writeFileSync(input, `time,value\n${rows.map(([time, value]) => `${time},${value}`).join('\n')}\n`);
    const labels = Uint8Array.from(rows, (row) => Number(Number(row[2]) > 0));
    const times = rows.map((row) => momentOf(row[0] ?? ''));
    return { name, input, train: null, metrics: 1, labels, stepSeconds: typicalStep(times) };
  });
}

export interface Columns {
  readonly names: readonly string[];
  readonly values: readonly Float64Array[];
  readonly rows: number;
}

/** One line a metric: name, first value, then deltas, in thousandths. */
export function readColumns(path: string): Columns {
  const columns = linesOf(path).map((line) => line.split(','));
  const values = columns.map(([, ...deltas]) => {
    let sum = 0;
    return Float64Array.from(deltas, (delta) => {
      sum += Number(delta);
      return sum / 1_000;
    });
  });
  return { names: columns.map(([name = '']) => name), values, rows: values[0]?.length ?? 0 };
}

function writeCsv(
  path: string,
  { names, values, rows }: Columns,
  firstRow: number,
  stepSeconds: number,
): void {
  const lines = [`time,${names.join(',')}`];
  for (let row = 0; row < rows; row += 1) {
    const at = new Date(ORIGIN + (firstRow + row) * stepSeconds * 1_000).toISOString();
    lines.push(`${at},${values.map((column) => column[row]).join(',')}`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

export function readLabels(path: string): Uint8Array {
  const [head = '', ...lines] = linesOf(path);
  const column = head.split(',').indexOf('label');
  return Uint8Array.from(lines, (line) => Number(Number(line.split(',')[column]) > 0));
}

function linesOf(path: string): string[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split(/\r?\n/).filter((line) => line !== '');
}

/** A time without a zone is UTC. */
function momentOf(text: string): number {
  return Date.parse(
    `${text
      .trim()
      .replace(' ', 'T')
      .replace(/(\.\d{3})\d+$/, '$1')}Z`,
  );
}

function typicalStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return (steps.sort((a, b) => a - b)[steps.length >> 1] ?? 60_000) / 1_000;
}
