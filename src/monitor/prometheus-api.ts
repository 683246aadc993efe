/**
 * Two questions to a Prometheus server: a value now, and values over a range. One request, one answer, one
 * deadline; what is not exactly one series is a fault that names what was found.
 */
import type { HttpClient, HttpResult } from '../domain/ports.ts';
import { type EpochMs, epochMs, type Ms } from '../domain/units.ts';

/** `null` = the server knows of no value, or of one that is no number. */
export type PrometheusAnswer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'failed'; readonly reason: string };

export interface RangePoint {
  readonly at: EpochMs;
  readonly value: number | null;
}

export interface PrometheusRange {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly step: Ms;
}

export interface PrometheusApi {
  now(expr: string, signal?: AbortSignal): Promise<PrometheusAnswer<number | null>>;
  range(
    expr: string,
    range: PrometheusRange,
    signal?: AbortSignal,
  ): Promise<PrometheusAnswer<readonly RangePoint[]>>;
}

export interface PrometheusServer {
  /** `http://host:9090`, with or without a path before `/api/v1`. */
  readonly url: string;
  readonly timeLimit: Ms;
}

export function createPrometheusApi(http: HttpClient, server: PrometheusServer): PrometheusApi {
  async function ask(
    path: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<PrometheusAnswer<readonly unknown[]>> {
    const query = new URLSearchParams(fields).toString();
    const answer = await http.request({
      url: `${server.url.replace(/\/+$/, '')}/api/v1/${path}?${query}`,
      timeLimit: server.timeLimit,
      ...(signal === undefined ? {} : { signal }),
    });
    return pairsOf(answer);
  }

  return {
    async now(expr, signal) {
      const answer = await ask('query', { query: expr }, signal);
      if (answer.kind === 'failed') return answer;
      const last = answer.value.at(-1);
      return { kind: 'answered', value: last === undefined ? null : numberOf(last) };
    },
    async range(expr, { from, to, step }, signal) {
      const fields = { query: expr, start: inSeconds(from), end: inSeconds(to), step: inSeconds(step) };
      const answer = await ask('query_range', fields, signal);
      if (answer.kind === 'failed') return answer;
      return { kind: 'answered', value: answer.value.flatMap(pointOf) };
    },
  };
}

/** The `[time, "value"]` pairs of the one series of an answer; none where there is no series. */
function pairsOf(answer: HttpResult): PrometheusAnswer<readonly unknown[]> {
  if (answer.kind === 'timed_out') return failed(`no answer within ${Math.round(answer.took)} ms`);
  if (answer.kind === 'failed') return failed(answer.reason);
  const body = parsed(answer.body);
  if (body?.['status'] !== 'success') {
    const error = body?.['error'];
    return failed(typeof error === 'string' ? error.slice(0, 300) : `answered ${answer.status}`);
  }
  const data = body['data'];
  if (!isRecord(data) || !Array.isArray(data['result'])) return failed('an answer without a result');
  if (data['resultType'] === 'scalar') return { kind: 'answered', value: [data['result']] };
  return oneSeries(data['result']);
}

function oneSeries(series: readonly unknown[]): PrometheusAnswer<readonly unknown[]> {
  if (series.length > 1) return failed(`gives ${series.length} series; expected one, for example sum(…)`);
  const [only] = series;
  if (only === undefined) return { kind: 'answered', value: [] };
  if (!isRecord(only)) return failed('an answer without a result');
  const { value, values } = only;
  return { kind: 'answered', value: Array.isArray(values) ? values : [value] };
}

function pointOf(pair: unknown): readonly RangePoint[] {
  const at = Array.isArray(pair) ? Number(pair[0]) : Number.NaN;
  return Number.isFinite(at) ? [{ at: epochMs(Math.round(at * 1_000)), value: numberOf(pair) }] : [];
}

/** Prometheus writes values as text, also `NaN` and `+Inf`: those are unknown here. */
function numberOf(pair: unknown): number | null {
  const text: unknown = Array.isArray(pair) ? pair[1] : undefined;
  const value = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

function inSeconds(moment: number): string {
  return String(moment / 1_000);
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    // A page of something else; the caller says so with the status.
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function failed(reason: string): { readonly kind: 'failed'; readonly reason: string } {
  return { kind: 'failed', reason };
}
