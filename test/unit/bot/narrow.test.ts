import { describe, expect, it } from 'vitest';
import { columns } from '../../../src/bot/columns.ts';
import { segments } from '../../../src/bot/inert.ts';
import { narrow } from '../../../src/bot/narrow.ts';

describe('narrow', () => {
  it('makes an item of short lines of each row that a phone would wrap', () => {
    const rows = [
      [
        'Waiting',
        'c0ffee',
        'Restart billing-api?',
        'systemctl restart billing-api',
        'no answer by 02:29 means no',
      ],
      ['Waiting', 'beef', 'Clear /tmp?', 'rm of 3 files', 'no answer by 02:31 means no'],
    ];

    expect(narrow(columns(rows).join('\n')).split('\n')).toEqual([
      'Waiting  c0ffee  Restart billing-api?',
      '  systemctl restart billing-api',
      '  no answer by 02:29 means no',
      'Waiting  beef  Clear /tmp?  rm of 3 files',
      '  no answer by 02:31 means no',
    ]);
  });

  it('leaves what fits, what is prose, and labels with their values as they are', () => {
    const small = columns([
      ['cpu', '12 %', 'normal 5–20 %'],
      ['memory', '40 %', 'normal 30–50 %'],
    ]);
    const story = columns([
      ['Why', 'Latency of billing-api is 2,340 ms; normal is 80–190 ms'],
      ['Undo', 'none'],
    ]);
    const text = [
      'All is well on web-1, production: it acts and tells what it did.',
      ...small,
      'End.',
      ...story,
    ];

    expect(narrow(text.join('\n'))).toBe(text.join('\n'));
  });

  it('stays one block of code: an item does not fall apart', () => {
    const rows = [['Open', 'inc-9792', 'Info', 'web-1 is overloaded', 'since 05:24, and nothing was tried']];

    expect(segments(narrow(columns(rows).join('\n')))).toMatchObject([{ kind: 'table' }]);
  });

  it('loses no word', () => {
    const row = `a  ${'b'.repeat(80)}  c  d  ${'e'.repeat(30)}`;

    expect(narrow(row).split(/\s+/).filter(Boolean)).toEqual(row.split(/\s+/));
  });
});
