import { describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../../../src/bot/webhook/outbound-message.ts';
import {
  backOff,
  EMPTY,
  enqueue,
  type Letter,
  MOST_WAITING,
  nextLetter,
  revived,
  settled,
} from '../../../../src/bot/webhook/outbound-queue.ts';
import { hours, minutes, after as plus, seconds, toIso } from '../../../../src/domain/units.ts';
import { START } from '../../../support/builders.ts';

const TAKEN = { kind: 'taken' } as const;
const FAILED = { kind: 'failed', reason: 'nobody listens there' } as const;

function letter(id: string, over: Partial<OutboundMessage> = {}): Letter {
  const message: OutboundMessage = {
    id,
    type: 'incident.opened',
    at: toIso(START),
    host: 'web-1',
    key: 'inc-1',
    severity: 'critical',
    text: '',
    incident: null,
    data: null,
    ...over,
  };
  return { sink: 'pager', recipient: null, message, attempts: 0, notBefore: START, lastError: '' };
}

describe('nextLetter', () => {
  it('keeps the order of one incident and lets others pass', () => {
    const first = letter('a');
    let box = enqueue(EMPTY, [first, letter('b'), letter('c', { key: 'inc-2' })]);
    box = settled(box, first, FAILED, START, 0.5);
    expect(nextLetter(box, 'pager', START)?.message.id).toBe('c');
    expect(nextLetter(box, 'pager', plus(START, seconds(10)))?.message.id).toBe('a');
  });

  it('gives nothing to another sink', () => {
    expect(nextLetter(enqueue(EMPTY, [letter('a')]), 'other', START)).toBeNull();
  });
});

describe('enqueue', () => {
  it('replaces news of an incident that nobody tried to send by newer ones', () => {
    const update = (id: string): Letter => letter(id, { type: 'incident.updated' });
    const box = enqueue(enqueue(EMPTY, [letter('a'), update('b')]), [update('c')]);
    expect(box.waiting.map(({ message }) => message.id)).toEqual(['a', 'c']);
  });

  it('is bounded, and what does not fit is a dead letter that says so', () => {
    const many = Array.from({ length: MOST_WAITING + 3 }, (_, index) =>
      letter(`m${index}`, { key: `k${index}` }),
    );
    const box = enqueue(EMPTY, many);
    expect(box.waiting).toHaveLength(MOST_WAITING);
    expect(box.dead.map(({ lastError }) => lastError)).toEqual(Array(3).fill('too many were waiting'));
  });
});

describe('settled', () => {
  it('forgets what was taken', () => {
    const box = enqueue(EMPTY, [letter('a')]);
    expect(settled(box, letter('a'), TAKEN, START, 0)).toEqual(EMPTY);
  });

  it('tries for a day, then keeps it as a dead letter that can be sent again', () => {
    let box = enqueue(EMPTY, [letter('a')]);
    let now = START;
    let tries = 0;
    while (box.waiting.length > 0 && tries < 200) {
      const next = nextLetter(box, 'pager', now);
      if (next === null) {
        now = plus(now, minutes(1));
        continue;
      }
      box = settled(box, next, FAILED, now, 0.5);
      tries += 1;
    }
    expect(now - START).toBeGreaterThan(hours(24));
    expect(now - START).toBeLessThan(hours(26));
    expect(tries).toBeLessThan(50);
    expect(box.dead).toHaveLength(1);
    const again = revived(box, null, now);
    expect(again.dead).toEqual([]);
    expect(nextLetter(again, 'pager', now)?.message.id).toBe('a');
    const failedOnce = settled(again, nextLetter(again, 'pager', now) as Letter, FAILED, now, 0.5);
    expect(failedOnce.waiting).toHaveLength(1);
  });

  it('gives up at once where the receiver calls the message itself wrong', () => {
    const box = enqueue(EMPTY, [letter('a')]);
    const told = settled(box, letter('a'), { kind: 'refused', status: 400, retryAfter: null }, START, 0);
    expect(told.dead.map(({ lastError }) => lastError)).toEqual(['answered 400']);
  });

  it('waits as long as the receiver asks', () => {
    const box = enqueue(EMPTY, [letter('a')]);
    const asked = { kind: 'refused', status: 429, retryAfter: minutes(7) } as const;
    expect(settled(box, letter('a'), asked, START, 0).waiting[0]?.notBefore).toBe(plus(START, minutes(7)));
  });
});

describe('backOff', () => {
  it('doubles from five seconds to an hour', () => {
    expect([1, 2, 3, 30].map((attempts) => backOff(attempts, 0.5))).toEqual([
      5_000, 10_000, 20_000, 3_600_000,
    ]);
  });
});

describe('a clock that was set back', () => {
  it('does not make a letter wait for the time it has lost', () => {
    const ahead = { ...letter('a'), notBefore: plus(START, hours(24)) };
    expect(nextLetter(enqueue(EMPTY, [ahead]), 'pager', START)?.message.id).toBe('a');
  });
});
