import { describe, expect, it } from 'vitest';
import { createShownMemory } from '../../../src/bot/shown-memory.ts';

const placed = { channel: 'C', message: '1', thread: '1' };

describe('createShownMemory', () => {
  it('keeps the newest version of a card', () => {
    const shown = createShownMemory();

    shown.showed('a', placed, 3);
    shown.showed('a', { ...placed, message: '2' }, 2);

    expect(shown.card('a')).toEqual({ placed, version: 3 });
  });

  it('forgets the oldest beyond its limit', () => {
    const shown = createShownMemory(2);

    for (const id of ['1', '2', '3']) shown.wroteLine(id);

    expect(['1', '2', '3'].map((id) => shown.hasLine(id))).toEqual([false, true, true]);
  });

  it('knows for which cards people were called', () => {
    const shown = createShownMemory();

    shown.called('a', true);
    shown.called('b', true);
    shown.called('b', false);

    expect([shown.hasCalled('a'), shown.hasCalled('b')]).toEqual([true, false]);
  });
});
