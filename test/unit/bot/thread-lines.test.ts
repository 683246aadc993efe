import { describe, expect, it } from 'vitest';
import { linesAfter, mergedLine, threadLines } from '../../../src/bot/thread-lines.ts';
import type { TimelineEntry } from '../../../src/domain/incident.ts';
import { after, epochMs, minutes } from '../../../src/domain/units.ts';
import { slowIncident, TROUBLE } from '../../support/night-builders.ts';

const entry = (minute: number, text: string): TimelineEntry => ({
  at: after(TROUBLE, minutes(minute)),
  tone: 'note',
  text,
});

describe('threadLines', () => {
  it('gives every entry its own id, also two of the same moment', () => {
    const lines = threadLines(slowIncident({ timeline: [entry(1, 'a'), entry(1, 'b'), entry(2, 'c')] }));

    expect(new Set(lines.map(({ id }) => id)).size).toBe(3);
  });

  it('keeps the ids when more happens', () => {
    const before = threadLines(slowIncident({ timeline: [entry(1, 'a')] }));
    const later = threadLines(slowIncident({ timeline: [entry(1, 'a'), entry(1, 'b')] }));

    expect(later[0]?.id).toBe(before[0]?.id);
  });
});

describe('linesAfter', () => {
  const lines = threadLines(slowIncident({ timeline: [entry(1, 'a'), entry(1, 'b'), entry(2, 'c')] }));

  it('is all of them where nothing was told yet', () => {
    expect(linesAfter(lines, null)).toEqual(lines);
  });

  it('goes on after the line that was told last', () => {
    const mark = { id: lines[0]?.id ?? '', at: lines[0]?.at ?? epochMs(0) };

    expect(linesAfter(lines, mark).map(({ text }) => text)).toEqual(['b', 'c']);
  });

  it('goes by time where that line is gone from the timeline', () => {
    const told = linesAfter(lines, { id: 'gone', at: after(TROUBLE, minutes(1)) });

    expect(told.map(({ text }) => text)).toEqual(['c']);
  });
});

describe('mergedLine', () => {
  it('leaves a single line as it is', () => {
    const [line] = threadLines(slowIncident({ timeline: [entry(1, 'a')] }));
    if (line === undefined) throw new Error('no line');

    expect(mergedLine([line], 'UTC')).toEqual(line);
  });

  it('joins several under the id of the newest, each with its time and zone', () => {
    const [first, ...rest] = threadLines(slowIncident());
    if (first === undefined) throw new Error('no line');

    const merged = mergedLine([first, ...rest], 'Europe/Berlin');

    expect(merged.id).toBe(rest.at(-1)?.id);
    expect(merged.tone).toBe('bad');
    expect(merged.text.split('\n')[0]).toBe(
      '03:06 CET  Latency 890 ms, normal 80–190 ms. Seen 3 of 3 times.',
    );
  });

  it('keeps the newest that fit and counts the others', () => {
    const many = threadLines(
      slowIncident({ timeline: Array.from({ length: 500 }, (_, index) => entry(index, `step ${index}`)) }),
    );
    const [first, ...rest] = many;
    if (first === undefined) throw new Error('no line');

    const merged = mergedLine([first, ...rest], 'UTC');

    expect(merged.text.length).toBeLessThan(1_600);
    expect(merged.text).toMatch(/^\d+ earlier lines: see the timeline\./);
    expect(merged.text.endsWith('step 499')).toBe(true);
  });
});
