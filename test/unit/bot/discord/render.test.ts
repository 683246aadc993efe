import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Card } from '../../../../src/bot/card.ts';
import {
  renderCall,
  renderCard,
  renderConfirm,
  renderLine,
  renderReply,
  threadName,
} from '../../../../src/bot/discord/render.ts';
import { START } from '../../../support/builders.ts';
import { APPROVE, card, hugeCard } from '../../../support/chat.ts';
import {
  buttonsOf,
  checkMessage,
  isFault,
  type MessageBody,
  readable,
} from '../../../support/discord-rules.ts';

const ROLE = { kind: 'role', id: '400000000000000001' } as const;

/** As Discord itself would look at it; throws what Discord would answer. */
function accepted(body: unknown): MessageBody {
  const checked = checkMessage(JSON.parse(JSON.stringify(body)));
  if (isFault(checked)) throw new Error(checked.message);
  return checked;
}

function golden(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

describe('renderCard', () => {
  it('shows what waits: what will run, why, until when, and two buttons', async () => {
    await expect(golden(renderCard(card(), null))).toMatchFileSnapshot(
      '../../../golden/chat/discord-waiting.json',
    );
  });

  it('shows how it ended, without buttons', async () => {
    const healed = card({
      tone: 'ok',
      word: 'Healed',
      buttons: [],
      expiresAt: null,
      code: null,
      next: 'Nothing. It stays under watch.',
      stamp: { text: 'Approved by Ada, from Slack', at: START },
    });

    await expect(golden(renderCard(healed, null))).toMatchFileSnapshot(
      '../../../golden/chat/discord-healed.json',
    );
  });

  it('stays inside every limit of Discord with 60 hostile facts, and says what it left out', () => {
    const message = accepted(renderCard(hugeCard(), ROLE));

    expect(readable(message)).toMatch(/\d+ more facts, see the console/);
    expect(readable(message)).toMatch(/\d+ more characters, see the console/);
  });

  it('pings nobody but the one who is called', () => {
    expect(renderCard(hugeCard(), null)).toMatchObject({ content: '', allowed_mentions: { parse: [] } });
    expect(renderCard(card(), ROLE)).toMatchObject({
      content: '<@&400000000000000001>',
      allowed_mentions: { parse: [], roles: ['400000000000000001'] },
    });
  });

  it('lets no text of a host become a mention or a link', () => {
    const message = accepted(renderCard({ ...hugeCard(), link: null }, null));
    const parsed = readable({ ...message, components: [] }).replaceAll(/```[\s\S]*?```/g, '');

    expect(parsed).not.toMatch(/@everyone|[^\\]<@|https:\/\//);
  });

  it('says the severity in words as well as by the colour', () => {
    const embeds = (['ok', 'info', 'warn', 'crit'] as const).map(
      (tone) => renderCard(card({ tone }), null).embeds[0],
    );

    expect(new Set(embeds.map((embed) => embed?.color)).size).toBe(4);
    expect(embeds[0]?.title).toBe('Waiting · critical · rpa-worker is down on web-1');
  });

  it('marks a button that is asked about first', () => {
    const message = renderCard(card({ buttons: [{ ...APPROVE, confirm: 'Sure?' }, APPROVE] }), null);

    expect(buttonsOf(message as MessageBody).map(({ custom_id }) => custom_id)).toEqual([
      'ask.approve:apr-1',
      'approve:apr-1',
    ]);
  });

  it('is valid for any card', () => {
    fc.assert(
      fc.property(anyCard(), (any) => {
        expect(() => accepted(renderCard(any, null))).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});

describe('renderLine', () => {
  it('has its own time, because it may arrive late, and pings nobody', () => {
    const line = renderLine({
      id: '1',
      at: START,
      tone: 'act',
      text: 'Restarting rpa-worker for @everyone.',
    });

    expect(line).toEqual({
      content: '<t:1795312800:T>  Restarting rpa-worker for @\u200beveryone.',
      allowed_mentions: { parse: [] },
    });
  });

  it('stays inside the limits with ten thousand characters', () => {
    expect(() =>
      accepted(renderLine({ id: '1', at: START, tone: 'bad', text: '*<@1>'.repeat(2_000) })),
    ).not.toThrow();
  });
});

describe('renderCall', () => {
  it('calls and names the card', () => {
    expect(renderCall(card(), ROLE).content).toBe(
      '<@&400000000000000001> Waiting · critical · rpa-worker is down on web-1',
    );
  });
});

describe('renderConfirm', () => {
  it('asks with one button', () => {
    const asked = renderConfirm('Restart *now*?', {
      type: 2,
      style: 3,
      label: 'Approve',
      custom_id: 'approve:1',
    });

    expect(accepted(asked).content).toBe('Restart \\*now\\*?');
  });
});

describe('renderReply', () => {
  it('keeps a long answer whole over several messages, and says what it left out', () => {
    const long = renderReply(Array.from({ length: 4_000 }, (_, at) => `line ${at} *b*`).join('\n'));

    expect(long).toHaveLength(4);
    for (const content of long) expect(() => accepted({ content })).not.toThrow();
    expect(long.at(-1)).toMatch(/… \d+ more parts, see the console$/);
  });

  it('sets columns in a monospaced font, and leaves prose as prose', () => {
    expect(
      renderReply('All is well.\nCPU     94 %  limit 90 %\nMemory  10 %  limit 90 %\nThat is all.'),
    ).toEqual(['All is well.\n```\nCPU     94 %  limit 90 %\nMemory  10 %  limit 90 %\n```\nThat is all.']);
  });

  it('says something where the answer is empty', () => {
    expect(renderReply(' ')).toEqual(['Done.']);
  });
});

describe('threadName', () => {
  it('is the title within 100 characters, or the key', () => {
    expect(threadName(card({ title: 'x'.repeat(300) }))).toHaveLength(100);
    expect(threadName(card({ title: ' ' }))).toBe('inc-7f3a');
  });
});

function anyCard(): fc.Arbitrary<Card> {
  const text = fc.string({
    maxLength: 4_000,
    unit: fc.constantFrom('a', ' ', '\n', '<', '@', '*', '`', '_', '😀', '\u001b', '>', '-'),
  });
  const button = fc.record({
    verb: fc.constantFrom('approve', 'deny', 'ack', 'more'),
    label: text,
    tone: fc.constantFrom('go', 'stop', 'neutral'),
    subject: fc.string({ minLength: 1, maxLength: 64 }),
    confirm: fc.option(text),
  });
  const fact = fc.record({ label: text, value: text, weight: fc.constantFrom(1, 2, 3) });
  return fc
    .record({
      title: text,
      lead: text,
      next: text,
      code: fc.option(text),
      facts: fc.array(fact, { maxLength: 24 }),
      buttons: fc.uniqueArray(button, { maxLength: 4, selector: ({ verb }) => verb }),
    })
    .map((over) => card(over as Partial<Card>));
}
