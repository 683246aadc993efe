/**
 * A CSV stream → records of fields, with the line each began on. Quoted fields may hold commas, quotes and line
 * ends; CRLF and a byte-order mark are fine. Memory stays bounded: a record past the cap is given up as bad.
 */

/** No honest row of metrics is longer; an unclosed quote would otherwise swallow the file. */
const LONGEST_RECORD = 1_000_000;

export type CsvRecord =
  | { readonly kind: 'fields'; readonly line: number; readonly fields: readonly string[] }
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string };

/** @param chunks text in pieces, cut anywhere. Empty lines are skipped. */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let rest = '';
  let line = 1;
  let isFirst = true;
  /** The rest of a line that was too long is no row of its own. */
  let isGivenUp = false;
  for await (const chunk of chunks) {
    let text: string = rest + chunk;
    if (isFirst && text.startsWith('\uFEFF')) text = text.slice(1);
    isFirst &&= text.length === 0;
    if (isGivenUp) {
      const end = text.indexOf('\n');
      if (end === -1) continue;
      isGivenUp = false;
      line += 1;
      text = text.slice(end + 1);
    }
    const cut = cutRecords(text, line, false);
    yield* cut.records;
    rest = cut.rest;
    line = cut.line;
    if (rest.length <= LONGEST_RECORD) continue;
    yield {
      kind: 'broken',
      line,
      reason: `a row of more than ${LONGEST_RECORD.toLocaleString('en')} characters`,
    };
    line += countLineEnds(rest);
    rest = '';
    isGivenUp = true;
  }
  yield* cutRecords(rest, line, true).records;
}

interface Cut {
  readonly records: readonly CsvRecord[];
  readonly rest: string;
  readonly line: number;
}

function cutRecords(text: string, firstLine: number, isLast: boolean): Cut {
  const records: CsvRecord[] = [];
  let from = 0;
  let line = firstLine;
  while (from < text.length) {
    const end = recordEnd(text, from);
    if (end === -1 && !isLast) break;
    const record = text.slice(from, end === -1 ? text.length : end).replace(/\r$/, '');
    if (record !== '') records.push(parseRecord(record, line));
    line += 1 + countLineEnds(record);
    from = end === -1 ? text.length : end + 1;
  }
  return { records, rest: text.slice(from), line };
}

/** The line end that is not inside quotes, or -1. */
function recordEnd(text: string, from: number): number {
  let end = text.indexOf('\n', from);
  const quote = text.indexOf('"', from);
  if (quote === -1 || (end !== -1 && quote > end)) return end;
  let isQuoted = false;
  for (end = quote; end < text.length; end += 1) {
    const char = text[end];
    if (char === '"') isQuoted = !isQuoted;
    else if (char === '\n' && !isQuoted) return end;
  }
  return -1;
}

function parseRecord(record: string, line: number): CsvRecord {
  if (!record.includes('"')) return { kind: 'fields', line, fields: record.split(',') };
  const fields: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/gy;
  for (;;) {
    const match = pattern.exec(record);
    if (match === null) return { kind: 'broken', line, reason: 'quotes that do not match' };
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] !== ',') return { kind: 'fields', line, fields };
  }
}

function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
