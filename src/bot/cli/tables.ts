/**
 * Which answers are tables on a terminal, and their columns. The rows come from the data of the answer, so the
 * table and `--json` can never disagree; everything else is shown as its text.
 */
import { fromIso } from '../../domain/units.ts';
import { clipped } from '../figures.ts';

/** Row after row of plain text; the first column is a state word where there is one. */
export interface TableText {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Row = Readonly<Record<string, unknown>>;
type Time = (iso: unknown) => string;

interface TableShape {
  /** Where the rows are in the data. */
  readonly list: string;
  readonly columns: readonly (readonly [head: string, cell: (row: Row, time: Time) => unknown])[];
}

const LONGEST_CELL = 400;

const AUDIT: TableShape = {
  list: 'lines',
  columns: [
    ['time', (row, time) => time(row['time'])],
    ['kind', (row) => row['kind']],
    ['who', (row) => row['actor']],
    ['what', (row) => row['text']],
  ],
};

const QUIET: TableShape['columns'] = [
  ['subject', (row) => row['subject'] ?? 'the whole host'],
  ['until', (row, time) => time(row['until'])],
  ['by', (row) => row['by']],
  ['why', (row) => row['reason']],
];

const TABLES: Readonly<Record<string, TableShape>> = {
  'incident list': {
    list: 'incidents',
    columns: [
      ['state', (row) => row['word']],
      ['id', (row) => row['id']],
      ['severity', (row) => capital(row['severity'])],
      ['what', (row) => row['title']],
      ['since', (row, time) => time(row['since'])],
      ['over', (row, time) => (row['resolvedAt'] === null ? '' : time(row['resolvedAt']))],
    ],
  },
  'incident timeline': {
    list: 'timeline',
    columns: [
      ['time', (row, time) => time(row['time'])],
      ['what', (row) => row['text']],
    ],
  },
  approvals: {
    list: 'approvals',
    columns: [
      ['id', (row) => row['id']],
      ['target', (row) => plan(row)['target'] ?? 'this host'],
      ['will run', (row) => plan(row)['effect']],
      ['why', (row) => row['why']],
      ['undo', (row) => plan(row)['undo'] ?? 'none'],
      ['expires', (row, time) => time(row['expiresAt'])],
    ],
  },
  'heal history': {
    list: 'attempts',
    columns: [
      ['time', (row, time) => time(row['startedAt'])],
      ['incident', (row) => row['incidentId']],
      ['action', (row) => spaced(row['action'])],
      ['target', (row) => row['target'] ?? 'this host'],
      ['outcome', (row) => row['outcome'] ?? 'under way'],
      ['helped', (row) => spaced(row['verification'] ?? 'not known yet')],
    ],
  },
  'strategy list': {
    list: 'strategies',
    columns: [
      ['strategy', (row) => row['name']],
      ['alone', (row) => (row['enabled'] === true ? row['autonomy'] : 'disabled')],
      ['answers', (row) => row['matches']],
      ['ladder', (row) => (Array.isArray(row['rungs']) ? row['rungs'].join(' → ') : '')],
    ],
  },
  'strategy validate': {
    list: 'checks',
    columns: [
      ['strategy', (row) => row['strategy']],
      ['target', (row) => row['target']],
      ['rung', (row) => `${Number(row['rung']) + 1} ${row['action']}`],
      ['here', (row) => (row['runnable'] === true ? 'can run' : 'cannot')],
      ['why', (row) => row['reason']],
    ],
  },
  'worker list': {
    list: 'workers',
    columns: [
      ['worker', (row) => row['worker']],
      ['instance', (row) => Number(row['instance']) + 1],
      ['state', (row) => spaced(row['state'])],
      ['pid', (row) => row['pid'] ?? ''],
      ['time', (row, time) => time(row['time'])],
      ['exits 10 min / 24 h', (row) => `${row['exitsInTenMinutes']} / ${row['exitsInDay']}`],
      ['detail', (row) => row['detail']],
    ],
  },
  'maintenance list': { list: 'windows', columns: QUIET },
  doctor: {
    list: 'checks',
    columns: [
      ['state', (row) => row['state']],
      ['check', (row) => row['name']],
      ['what', (row) => row['text']],
    ],
  },
  'audit tail': AUDIT,
  'audit search': AUDIT,
};

/** The answer as a table, or `null` where it is none or has no rows. */
export function tableOf(command: string, data: unknown, time: (iso: string) => string): TableText | null {
  const shape = Object.hasOwn(TABLES, command) ? TABLES[command] : undefined;
  const list = shape === undefined || !isRow(data) ? undefined : data[shape.list];
  if (shape === undefined || !Array.isArray(list) || list.length === 0) return null;
  const readTime: Time = (iso) =>
    typeof iso === 'string' && fromIso(iso) !== undefined ? time(iso) : String(iso ?? '');
  return {
    head: shape.columns.map(([head]) => head),
    rows: list
      .filter(isRow)
      .map((row) =>
        shape.columns.map(([, cell]) => clipped(String(cell(row, readTime) ?? ''), LONGEST_CELL)),
      ),
  };
}

function plan(row: Row): Row {
  return isRow(row['plan']) ? row['plan'] : {};
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function spaced(value: unknown): string {
  return String(value ?? '').replaceAll('_', ' ');
}

function capital(value: unknown): string {
  const text = String(value ?? '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
