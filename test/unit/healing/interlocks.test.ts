import { describe, expect, it } from 'vitest';
import { fromIso, after as later, minutes } from '../../../src/domain/units.ts';
import type { WorkerState } from '../../../src/domain/worker.ts';
import type { WeeklyWindow } from '../../../src/healing/config.ts';
import { findInterlock, type InterlockInput } from '../../../src/healing/interlocks.ts';
import { openUntil } from '../../../src/healing/maintenance-window.ts';
import { START } from '../../support/builders.ts';

const at = (iso: string) => fromIso(iso) ?? START;
const night: WeeklyWindow = {
  target: null,
  days: ['sat'],
  fromMinute: 23 * 60 + 30,
  lasts: minutes(60),
  reason: 'weekly work',
};

function find(over: Partial<InterlockInput> = {}) {
  return findInterlock({
    target: 'api',
    now: START,
    timezone: 'UTC',
    weekly: [],
    windows: [],
    others: [],
    workers: [],
    hold: null,
    ...over,
  });
}

const worker = (state: WorkerState) =>
  find({
    workers: [{ worker: 'api', instance: 0, state, exitsInTenMinutes: 0, exitsInDay: 0, lastExit: null }],
  });

describe('findInterlock', () => {
  it('finds none where nothing holds', () => {
    expect(find()).toBeNull();
    expect(worker({ kind: 'running', pid: 1, since: START, adopted: false })).toBeNull();
    expect(worker({ kind: 'unhealthy', pid: 1, since: START, reason: 'x' })).toBeNull();
    expect(worker({ kind: 'not_started', reason: 'x' })).toBeNull();
  });

  it('holds for maintenance of the target or of the whole host, until it ends', () => {
    const window = { target: 'api', until: later(START, minutes(5)), by: 'cli:ada', reason: 'disk' };
    expect(find({ windows: [window] })).toMatchObject({ kind: 'maintenance', until: window.until });
    expect(find({ windows: [{ ...window, target: null }] })).not.toBeNull();
    expect(find({ windows: [{ ...window, target: 'db' }] })).toBeNull();
    expect(find({ windows: [{ ...window, until: START }] })).toBeNull();
  });

  it('holds for a deploy, backup or restore', () => {
    const backup = { kind: 'backup', target: null, reason: 'a backup is under way', until: null } as const;
    expect(find({ others: [{ ...backup, target: 'db' }, backup] })).toBe(backup);
  });

  it('respects what a person or the supervisor did to a worker', () => {
    expect(worker({ kind: 'stopped', by: 'ada', at: START })).toMatchObject({
      kind: 'manual_stop',
      until: null,
    });
    expect(worker({ kind: 'gave_up', at: START, reason: 'x' })).toMatchObject({ kind: 'manual_stop' });
    const until = later(START, minutes(1));
    expect(worker({ kind: 'backing_off', until, reason: 'x' })).toMatchObject({ kind: 'supervisor', until });
    expect(worker({ kind: 'stopping', pid: 1 })).toMatchObject({ kind: 'supervisor' });
    expect(worker({ kind: 'starting', pid: 1, since: START })).toMatchObject({ kind: 'supervisor' });
  });

  it('holds for the weekly window of the configuration', () => {
    const now = at('2026-11-21T23:45:00.000Z');
    expect(find({ weekly: [night], now })).toMatchObject({ reason: 'maintenance of this host: weekly work' });
    expect(find({ weekly: [{ ...night, target: 'db' }], now })).toBeNull();
  });
});

describe('openUntil', () => {
  it('crosses midnight and the end of the week', () => {
    expect(openUntil(night, at('2026-11-21T23:29:00.000Z'), 'UTC')).toBeNull();
    expect(openUntil(night, at('2026-11-21T23:30:00.000Z'), 'UTC')).toBe(at('2026-11-22T00:30:00.000Z'));
    expect(openUntil(night, at('2026-11-22T00:20:00.000Z'), 'UTC')).toBe(at('2026-11-22T00:30:00.000Z'));
    expect(openUntil(night, at('2026-11-22T00:30:00.000Z'), 'UTC')).toBeNull();
  });

  it('is local time, also across both clock changes', () => {
    const early: WeeklyWindow = { ...night, days: ['sun'], fromMinute: 4 * 60, lasts: minutes(30) };
    expect(openUntil(early, at('2026-03-29T02:10:00.000Z'), 'Europe/Berlin')).not.toBeNull();
    expect(openUntil(early, at('2026-10-25T03:10:00.000Z'), 'Europe/Berlin')).not.toBeNull();
    expect(openUntil(early, at('2026-10-25T02:10:00.000Z'), 'Europe/Berlin')).toBeNull();
  });
});
