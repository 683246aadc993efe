import { describe, expect, it } from 'vitest';
import { isOpsError } from '../../../src/domain/errors.ts';
import { seconds } from '../../../src/domain/units.ts';
import { withDeadline } from '../../../src/platform/deadline.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('withDeadline', () => {
  const options = { what: 'the probe', span: seconds(5) };

  it('gives the result of work that ends in time, and of work that throws its own error', async () => {
    const clock = createFakeClock();

    await expect(withDeadline(clock, options, async () => 7)).resolves.toBe(7);
    await expect(withDeadline(clock, options, () => Promise.reject(new Error('own')))).rejects.toThrow('own');
  });

  it('ends work that ignores its signal', async () => {
    const clock = createFakeClock();
    const ended = withDeadline(clock, options, () => new Promise<never>(() => {})).catch((cause) => cause);

    await clock.advance(seconds(5));

    expect(isOpsError(await ended, 'DEADLINE')).toBe(true);
  });

  it('tells the work by its signal, and passes on an early end from outside', async () => {
    const clock = createFakeClock();
    const stop = new AbortController();
    let told: unknown;
    const ended = withDeadline(clock, { ...options, signal: stop.signal }, (signal) => {
      signal.addEventListener('abort', () => {
        told = signal.reason;
      });
      return new Promise<never>(() => {});
    }).catch((cause: unknown) => cause);

    stop.abort('stopping');

    expect(await ended).toBe('stopping');
    expect(told).toBe('stopping');
  });
});
