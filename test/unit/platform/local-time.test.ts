import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EpochMs, epochMs } from '../../../src/domain/units.ts';
import {
  formatDay,
  formatMoment,
  formatTime,
  isTimeOfDay,
  isZone,
  latestSlot,
  localTime,
  momentOf,
  systemZone,
} from '../../../src/platform/local-time.ts';

const at = (text: string): EpochMs => epochMs(Date.parse(text));
const iso = (moment: EpochMs): string => new Date(moment).toISOString();
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
];
const moment = fc.integer({ min: Date.parse('2000-01-01'), max: Date.parse('2040-01-01') }).map(epochMs);
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);

describe('isZone', () => {
  it('knows IANA names and nothing else', () => {
    expect(zones.every(isZone)).toBe(true);
    expect(isZone(systemZone())).toBe(true);
    expect([isZone('Berlin'), isZone(''), isZone('Europe/Nowhere')]).toEqual([false, false, false]);
  });
});

describe('isTimeOfDay', () => {
  it('takes 00:00 to 23:59', () => {
    expect(['00:00', '03:30', '23:59'].every(isTimeOfDay)).toBe(true);
    expect(['24:00', '3:30', '03:60', '0330', ''].some(isTimeOfDay)).toBe(false);
  });
});

describe('localTime', () => {
  it('shows what the clock on the wall shows', () => {
    expect(localTime(at('2026-11-22T02:41:07Z'), 'Europe/Berlin')).toEqual({
      date: '2026-11-22',
      hour: 3,
      minute: 41,
      second: 7,
      weekday: 0,
    });
    expect(localTime(at('2026-07-01T22:30:00Z'), 'Asia/Kathmandu')).toMatchObject({
      date: '2026-07-02',
      hour: 4,
      minute: 15,
    });
    expect(localTime(at('2026-01-01T00:00:00Z'), 'America/New_York')).toMatchObject({
      date: '2025-12-31',
      hour: 19,
      weekday: 3,
    });
  });

  it('agrees with the language about every moment in every zone', () => {
    fc.assert(
      fc.property(moment, fc.constantFrom(...zones), (when, zone) => {
        const { date, hour, minute, second, weekday } = localTime(when, zone);
        const shown = new Intl.DateTimeFormat('sv-SE', {
          timeZone: zone,
          dateStyle: 'short',
          timeStyle: 'medium',
        }).format(when);
        const two = (value: number): string => String(value).padStart(2, '0');

        expect(`${date} ${two(hour)}:${two(minute)}:${two(second)}`).toBe(shown);
        expect(['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][weekday]).toBe(
          new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short' }).format(when),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('momentOf', () => {
  it.each([
    ['an ordinary day', '2026-11-22', '03:30', 'Europe/Berlin', '2026-11-22T02:30:00.000Z'],
    ['summer', '2026-07-01', '03:30', 'Europe/Berlin', '2026-07-01T01:30:00.000Z'],
    ['a time that the clocks skip', '2026-03-29', '02:30', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['just after the gap', '2026-03-29', '03:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['a time that comes twice', '2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['after the repeated hour', '2026-10-25', '03:30', 'Europe/Berlin', '2026-10-25T02:30:00.000Z'],
    ['a gap in New York', '2026-03-08', '02:15', 'America/New_York', '2026-03-08T07:00:00.000Z'],
    ['a gap of half an hour', '2026-10-04', '02:10', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
  ])('finds %s', (_, date, clock, zone, expected) => {
    expect(iso(momentOf(date, clock, zone))).toBe(expected);
  });

  it('is shown by the wall clock as that time, or as the first moment after a gap', () => {
    fc.assert(
      fc.property(moment, time, fc.constantFrom(...zones), (day, clock, zone) => {
        const { date } = localTime(day, zone);
        const found = momentOf(date, clock, zone);
        const shown = formatTime(found, zone);

        if (shown !== clock) {
          expect(shown > clock || localTime(found, zone).date > date).toBe(true);
          expect(formatTime(epochMs(found - 1), zone) < clock || shown < clock).toBe(true);
        } else {
          expect(localTime(found, zone).date).toBe(date);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what is no date', () => {
    expect(() => momentOf('2026-13-01', '03:30', 'UTC')).toThrow(RangeError);
  });
});

describe('latestSlot', () => {
  it('is today’s once its time has come, else yesterday’s', () => {
    const slot = (now: string) => latestSlot(at(now), '03:30', 'Europe/Berlin');

    expect(slot('2026-11-22T02:29:59Z')).toEqual({ date: '2026-11-21', at: at('2026-11-21T02:30:00Z') });
    expect(slot('2026-11-22T02:30:00Z')).toEqual({ date: '2026-11-22', at: at('2026-11-22T02:30:00Z') });
  });

  const zoneTimes = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'].flatMap((zone) =>
    ['00:00', '02:30', '03:30', '23:59'].map((clock) => [zone, clock] as const),
  );
  it.each(zoneTimes)('gives each date in %s one slot at %s over both clock changes', (zone, clock) => {
    for (const begin of [at('2026-03-01T00:00:00Z'), at('2026-10-01T00:00:00Z')]) {
      const slots = Array.from({ length: 45 * 48 }, (_, half) =>
        latestSlot(epochMs(begin + half * 1_800_000), clock, zone),
      );
      const byDate = new Map(slots.map((slot) => [slot.date, slot.at]));

      expect(byDate.size).toBe(new Set(slots.map((slot) => slot.at)).size);
      expect(byDate.size).toBeGreaterThanOrEqual(45);
      expect(slots.map((slot) => slot.date)).toEqual(slots.map((slot) => slot.date).toSorted());
    }
  });
});

describe('formatDay, formatMoment', () => {
  it('write times as people read them', () => {
    const when = at('2026-11-22T01:41:07Z');

    expect(formatDay(when, 'Europe/Berlin')).toBe('Sun 22 Nov');
    expect(formatMoment(when, 'Europe/Berlin')).toBe('2026-11-22 02:41');
  });
});
