/**
 * Where baselines can be collected from besides the stored history: a CSV of metrics, and a Prometheus server.
 *
 * Both answer with one mean a minute and with notes on what could not be read, never with guesses.
 */
import type { MetricName } from '../domain/metric.ts';
import type { HttpClient } from '../domain/ports.ts';
import { type EpochMs, epochMs, type Ms, minutes, ms } from '../domain/units.ts';
import { createMinuteMeans, type MinuteMeans } from './minute-means.ts';
import { createPrometheusApi, type PrometheusApi, type PrometheusServer } from './prometheus-api.ts';
import type { PrometheusQuery } from './prometheus-config.ts';
import { readHeader, readTime, readValues } from './replay/csv-cells.ts';
import { openCsv } from './replay/csv-file.ts';
import { readCsv } from './replay/csv-rows.ts';

/** Two days at a minute a point stay far below what a server and our client allow in one answer. */
const CHUNK: Ms = minutes(2 * 1_440);
const NOTES_KEPT = 10;

export interface Gathered {
  readonly means: MinuteMeans;
  readonly notes: readonly string[];
}

/** @throws OpsError `NOT_FOUND` where the file cannot be read, `USAGE` where its header is none. */
export async function gatherCsv(path: string): Promise<Gathered> {
  const source = await openCsv(path, undefined);
  const means = createMinuteMeans();
  const notes: string[] = [];
  let bad = 0;
  let names: readonly MetricName[] | null = null;
  for await (const record of readCsv(source.chunks())) {
    if (names === null && record.kind === 'fields') {
      names = readHeader(record.fields);
      continue;
    }
    const fault =
      names === null || record.kind === 'broken' ? 'not a row' : takeRow(record.fields, names, means);
    if (fault === null) continue;
    bad += 1;
    if (notes.length < NOTES_KEPT) notes.push(`line ${record.line}: ${fault}`);
  }
  if (bad > notes.length) notes.push(`and ${bad - notes.length} more rows that could not be read`);
  return { means, notes };
}

function takeRow(fields: readonly string[], names: readonly MetricName[], means: MinuteMeans): string | null {
  const [time = '', ...cells] = fields;
  const at = readTime(time);
  if (at === undefined) return `"${time.slice(0, 40)}" is no time`;
  if (cells.length !== names.length) return `expected ${names.length + 1} columns, found ${cells.length + 1}`;
  for (const [metric, value] of readValues(names, cells).values) means.add(metric, at, value);
  return null;
}

export interface PrometheusGather {
  readonly http: HttpClient;
  readonly server: PrometheusServer;
  readonly queries: readonly PrometheusQuery[];
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export async function gatherPrometheus(request: PrometheusGather): Promise<Gathered> {
  const api = createPrometheusApi(request.http, request.server);
  const means = createMinuteMeans();
  const notes: string[] = [];
  for (const query of request.queries) {
    const fault = await gatherQuery(api, query, request, means);
    if (fault !== null) notes.push(`${query.metric}: ${fault}`);
  }
  return { means, notes };
}

async function gatherQuery(
  api: PrometheusApi,
  { metric, expr }: PrometheusQuery,
  { from, to }: PrometheusGather,
  means: MinuteMeans,
): Promise<string | null> {
  for (let start: number = from; start < to; start += CHUNK) {
    const end = Math.min(to, start + CHUNK - minutes(1));
    const range = { from: epochMs(start), to: epochMs(end), step: ms(60_000) };
    const answer = await api.range(expr, range);
    if (answer.kind === 'failed') return answer.reason;
    for (const { at, value } of answer.value) means.add(metric, at, value);
  }
  return null;
}
