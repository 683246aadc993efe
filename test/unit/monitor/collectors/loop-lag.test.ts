import { describe, expect, it } from 'vitest';
import { epochMs, ms } from '../../../../src/domain/units.ts';
import { createLoopLagCollector } from '../../../../src/monitor/collectors/loop-lag.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const now = { at: epochMs(0), monotonic: ms(0) };
const { signal } = new AbortController();

function setUp() {
  const clock = createFakeClock();
  let stood = 0;
  const collector = createLoopLagCollector({ ...clock, monotonic: () => ms(clock.monotonic() + stood) });
  const beat = async () => (await collector.collect(now, signal)).map((reading) => reading.value);
  const block = (span: number): void => {
    stood += span;
  };
  return { clock, collector, beat, block };
}

describe('createLoopLagCollector', () => {
  it('says by how much the loop was late since the last beat', async () => {
    const { clock, beat, block } = setUp();
    await beat();
    await clock.advance(ms(4_900));
    block(700);
    await clock.advance(ms(100));

    const [value] = await beat();

    expect(value).toBeGreaterThanOrEqual(600);
    expect(value).toBeLessThanOrEqual(700);
  });

  it('counts a loop that stands still while the beat comes', async () => {
    const { clock, beat, block } = setUp();
    await beat();
    await clock.advance(ms(5_000));
    await beat();
    block(900);

    expect((await beat())[0]).toBeGreaterThanOrEqual(600);
  });

  it('has nothing to say at the first beat, and nothing of a loop at rest', async () => {
    const { clock, beat } = setUp();

    expect(await beat()).toEqual([]);
    await clock.advance(ms(5_000));
    expect(await beat()).toEqual([0]);
  });

  it('leaves no timer behind', async () => {
    const { clock, collector, beat } = setUp();
    await beat();

    collector.stop();
    await clock.advance(ms(1_000));

    expect((await beat())[0]).toBeGreaterThan(0);
  });
});
