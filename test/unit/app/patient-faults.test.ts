import { describe, expect, it } from 'vitest';
import { createFaults, type FaultKind } from '../../../src/app/patient-faults.ts';
import { minutes, ms, seconds } from '../../../src/domain/units.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function patient(kept: readonly FaultKind[] = []) {
  const clock = createFakeClock();
  const exits: number[] = [];
  const saved: (readonly FaultKind[])[] = [];
  const faults = createFaults(kept, {
    clock,
    exit: (code) => void exits.push(code),
    save: (active) => void saved.push(active),
  });
  return { clock, exits, saved, faults };
}

describe('createFaults', () => {
  it('keeps what is active for whoever looks from outside', () => {
    const { faults, saved } = patient();

    faults.begin('slow');
    faults.begin('errors');
    faults.end('slow');
    faults.endAll();

    expect(saved).toEqual([[], ['slow'], ['slow', 'errors'], ['errors'], []]);
  });

  it('forgets everything but a crash loop when the patient starts again', () => {
    expect(patient(['hang', 'slow']).faults.active()).toEqual([]);
    expect(patient(['crash_loop', 'slow']).faults.active()).toEqual(['crash_loop']);
  });

  it('exits 1.5 s after the start in a crash loop, unless it was mended before', async () => {
    const looping = patient(['crash_loop']);
    const mended = patient(['crash_loop']);

    mended.faults.endAll();
    await looping.clock.advance(ms(1_500));
    await mended.clock.advance(seconds(10));

    expect(looping.exits).toEqual([1]);
    expect(mended.exits).toEqual([]);
  });

  it('lets the answer leave before it crashes', async () => {
    const { clock, faults, exits } = patient();

    faults.begin('crash');
    const atOnce = exits.length;
    await clock.advance(ms(100));

    expect([atOnce, exits.length]).toEqual([0, 1]);
  });

  it('stops leaking at 300 MB and gives the memory back when it is mended', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const { clock, faults } = patient();

    faults.begin('leak');
    await clock.advance(minutes(1));
    const held = (process.memoryUsage().arrayBuffers - before) / 1_048_576;
    faults.end('leak');

    expect(held).toBeGreaterThan(280);
    expect(held).toBeLessThan(320);
  });

  it('burns no longer than two minutes', async () => {
    let monotonic = 0;
    const beats: (() => void | Promise<void>)[] = [];
    const clock = {
      ...createFakeClock(),
      // Each look at the clock is a moment later: a busy loop ends without being waited for.
      monotonic: () => {
        monotonic += 10;
        return ms(monotonic);
      },
      every: (_: unknown, beat: () => void | Promise<void>) => {
        beats.push(beat);
        return () => void beats.splice(0);
      },
    };
    const faults = createFaults([], { clock, exit: () => {}, save: () => {} });

    faults.begin('cpu');
    for (let turn = 0; turn < 5_000 && beats.length > 0; turn += 1) await beats[0]?.();

    expect(faults.active()).toEqual([]);
    expect(monotonic).toBeLessThan(minutes(2.1));
  });
});
