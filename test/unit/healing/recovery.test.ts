import { describe, expect, it } from 'vitest';
import { actionId } from '../../../src/domain/units.ts';
import { line, type Order } from '../../../src/healing/executor.ts';
import { readIntents } from '../../../src/healing/recovery.ts';
import { plan } from '../../support/healing-builders.ts';
import { createMemoryAudit } from '../../support/memory-ports.ts';

const ORDER: Order = { actor: 'nightshift', dryRun: false, inverse: false, approvalId: null };

describe('readIntents', () => {
  it('pairs every intent with its outcome, in whatever order the lines come', async () => {
    const audit = createMemoryAudit();
    const done = plan({ actionId: actionId('done') });
    const open = plan({ actionId: actionId('open') });
    await audit.append(line('intent', 'x', done, ORDER));
    await audit.append(line('intent', 'x', open, { ...ORDER, inverse: true, approvalId: 'a1' }));
    const outcome = { kind: 'succeeded', note: '' } as const;
    await audit.append({ ...line('outcome', 'x', done, ORDER), data: { outcome, inverse: false } });

    const found = readIntents([...audit.lines].reverse());

    expect(found).toHaveLength(2);
    expect(found.find(({ plan: { actionId: id } }) => id === 'done')).toMatchObject({
      outcome,
      isInverse: false,
    });
    expect(found.find(({ plan: { actionId: id } }) => id === 'open')).toMatchObject({
      outcome: null,
      isInverse: true,
      approvalId: 'a1',
    });
  });

  it('passes over other lines and lines it cannot read', async () => {
    const audit = createMemoryAudit();
    await audit.append({ kind: 'incident', actor: 'nightshift', text: 'opened' });
    await audit.append({ kind: 'intent', actor: 'nightshift', text: 'x', data: { plan: 'none' } });
    await audit.append({
      kind: 'outcome',
      actor: 'nightshift',
      text: 'x',
      actionId: 'a',
      data: { outcome: 'none' },
    });
    await audit.append({ ...line('intent', 'x', plan(), ORDER) });
    const lines = audit.lines.map((one) => (one.actionId === 'act-1' ? { ...one, time: 'yesterday' } : one));

    expect(readIntents(lines)).toEqual([]);
  });
});
