import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/domain/strategy.ts';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { describeOutcome, type ExecutorDeps, execute, type Order } from '../../../src/healing/executor.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { plan } from '../../support/healing-builders.ts';
import { createMemoryAudit, createMemoryLogger } from '../../support/memory-ports.ts';

const ORDER: Order = { actor: 'nightshift', dryRun: false, inverse: false, approvalId: null };

function stage(over: Partial<ExecutorDeps> = {}) {
  const clock = createFakeClock();
  const audit = createMemoryAudit();
  const log = createMemoryLogger();
  const leaving = new AbortController();
  const order: string[] = [];
  const note = (what: string): void =>
    void order.push(`${what} after ${audit.lines.map(({ kind }) => kind).join(' ')}`);
  const deps: ExecutorDeps = {
    clock,
    audit,
    log,
    leaving: leaving.signal,
    charge: async () => {
      note('charge');
      return true;
    },
    begin: async () => note('begin'),
    run: async (): Promise<Outcome> => {
      note('run');
      return { kind: 'succeeded', note: 'restarted' };
    },
    ...over,
  };
  return { clock, audit, log, leaving, order, deps };
}

describe('execute', () => {
  it('writes the intent, charges, records, and only then acts; the outcome last', async () => {
    const { audit, order, deps } = stage();

    const execution = await execute(plan(), ORDER, deps);

    expect(execution).toEqual({ ran: true, outcome: { kind: 'succeeded', note: 'restarted' } });
    expect(order).toEqual(['charge after intent', 'begin after intent', 'run after intent']);
    expect(audit.lines.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'intent: About to do, attempt 1 of 3 this hour: restart it',
      'outcome: Done (restarted): restart it',
    ]);
    expect(audit.lines[0]).toMatchObject({
      target: 'rpa-worker',
      data: { plan: { hash: 'h' }, inverse: false },
    });
  });

  it('touches nothing in a dry run and spends nothing', async () => {
    const { audit, order, deps } = stage();

    const execution = await execute(plan({ target: null }), { ...ORDER, dryRun: true }, deps);

    expect(execution).toEqual({ ran: false, outcome: { kind: 'dry-run' } });
    expect(order).toEqual([]);
    expect(audit.lines.map(({ kind }) => kind)).toEqual(['proposal']);
  });

  it('does not act when the intent cannot be written', async () => {
    const { audit, order, deps } = stage();
    audit.fail(true);

    await expect(execute(plan(), ORDER, deps)).rejects.toThrow('audit disk full');
    expect(order).toEqual([]);
  });

  it('does not act on a plan that was run before, and says so', async () => {
    const { audit, order, deps } = stage({ charge: async () => false });

    const execution = await execute(plan(), ORDER, deps);

    expect(execution).toEqual({
      ran: false,
      outcome: { kind: 'failed', reason: 'not run: this plan was run before' },
    });
    expect(order).toEqual([]);
    expect(audit.lines.map(({ kind }) => kind)).toEqual(['intent', 'outcome']);
  });

  it('does not act when the charge or the record cannot be saved', async () => {
    const broken = async (): Promise<never> => {
      throw new Error('disk full');
    };
    for (const over of [{ charge: broken }, { begin: broken }]) {
      const { order, deps, log } = stage(over);
      expect(await execute(plan(), ORDER, deps)).toMatchObject({ ran: false, outcome: { kind: 'failed' } });
      expect(order.some((step) => step.startsWith('run'))).toBe(false);
      expect(log.lines).toHaveLength(1);
    }
  });

  it('begins nothing when Nightshift is leaving', async () => {
    const { deps, leaving, order } = stage();
    leaving.abort();

    expect(await execute(plan(), ORDER, deps)).toEqual({
      ran: false,
      outcome: { kind: 'failed', reason: 'not run: Nightshift is stopping' },
    });
    expect(order.some((step) => step.startsWith('run'))).toBe(false);
  });

  it('keeps a failure as an outcome and never throws for it', async () => {
    const { deps } = stage({ run: () => Promise.reject(new Error('no such process')) });

    expect(await execute(plan(), ORDER, deps)).toEqual({
      ran: true,
      outcome: { kind: 'failed', reason: 'no such process' },
    });
  });

  it('ends waiting at the time limit, even when the action ignores its signal', async () => {
    let signal: AbortSignal | undefined;
    const { deps, clock, audit } = stage({
      run: (_plan, given) => {
        signal = given;
        return new Promise(() => {});
      },
    });

    const running = execute(plan(), ORDER, deps);
    await clock.advance(seconds(59));
    expect(signal?.aborted).toBe(false);
    await clock.advance(seconds(2));

    expect(await running).toEqual({ ran: true, outcome: { kind: 'unknown', reason: 'no end within 60 s' } });
    expect(signal?.aborted).toBe(true);
    expect(audit.lines.at(-1)).toMatchObject({
      kind: 'outcome',
      text: 'Unknown (no end within 60 s): restart it',
    });
  });

  it('calls an action that rejects because of its signal unknown, not failed', async () => {
    const { deps, clock } = stage({
      run: (_plan, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });

    const running = execute(plan(), ORDER, deps);
    await clock.advance(minutes(2));

    expect((await running).outcome.kind).toBe('unknown');
  });

  it('puts an action that runs while Nightshift leaves on record as unknown', async () => {
    const { deps, leaving, clock } = stage({ run: () => new Promise(() => {}) });

    const running = execute(plan(), ORDER, deps);
    await clock.settle();
    leaving.abort();

    expect(await running).toEqual({
      ran: true,
      outcome: { kind: 'unknown', reason: 'Nightshift stopped while it ran' },
    });
  });

  it('still tells what happened when the outcome line cannot be written', async () => {
    const { deps, audit, log } = stage();
    const run = async (): Promise<Outcome> => {
      audit.fail(true);
      return { kind: 'succeeded', note: '' };
    };

    expect(await execute(plan(), ORDER, { ...deps, run })).toMatchObject({
      ran: true,
      outcome: { kind: 'succeeded' },
    });
    expect(log.lines).toMatchObject([{ message: 'outcome could not be logged' }]);
  });

  it('says of an inverse that it takes something back', async () => {
    const { deps, audit } = stage();
    await execute(plan(), { ...ORDER, inverse: true }, deps);
    expect(audit.lines[0]?.text).toBe('About to undo: restart it');
  });
});

describe('describeOutcome', () => {
  it('says each in words', () => {
    expect(describeOutcome({ kind: 'succeeded', note: '' })).toBe('Done');
    expect(describeOutcome({ kind: 'dry-run' })).toBe('Dry run, nothing done');
    expect(describeOutcome({ kind: 'failed', reason: 'exit 1' })).toBe('Failed (exit 1)');
    expect(describeOutcome({ kind: 'unknown', reason: 'no answer' })).toBe('Unknown (no answer)');
  });
});
