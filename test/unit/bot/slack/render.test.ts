import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Card } from '../../../../src/bot/card.ts';
import { renderCall, renderCard, renderLine, renderReply } from '../../../../src/bot/slack/render.ts';
import { START } from '../../../support/builders.ts';
import { APPROVE, card, hugeCard } from '../../../support/chat.ts';
import { buttonsOf, readableText, SLACK_METHODS } from '../../../support/slack-rules.ts';

/** As Slack itself would look at it. */
function faults(message: object): readonly string[] {
  const rule = SLACK_METHODS['chat.postMessage'];
  const checked = rule?.args.safeParse({ channel: 'C1', ...message });
  return checked?.success === true
    ? []
    : (checked?.error.issues ?? []).map(({ path, message: why }) => `${path.join('/')} ${why}`);
}

function golden(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

describe('renderCard', () => {
  it('shows what waits: what will run, why, until when, and two buttons', async () => {
    await expect(golden(renderCard(card(), null))).toMatchFileSnapshot(
      '../../../golden/chat/slack-waiting.json',
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
      stamp: { text: 'Approved by Ada, from Discord', at: START },
    });

    await expect(golden(renderCard(healed, null))).toMatchFileSnapshot(
      '../../../golden/chat/slack-healed.json',
    );
  });

  it('stays inside every limit of Slack with 60 hostile facts, and says what it left out', () => {
    const message = renderCard(hugeCard(), 'S0ONCALL');

    expect(faults(message)).toEqual([]);
    expect(readableText(message)).toMatch(/\d+ more facts, see the console/);
    expect(readableText(message)).toMatch(/\d+ more characters, see the console/);
  });

  it('lets no text of a host become a mention or a link', () => {
    const shown = JSON.stringify(renderCard(hugeCard(), null));
    const parsed = [...shown.matchAll(/"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text);

    expect(parsed.length).toBeGreaterThan(5);
    expect(parsed.join('\n')).not.toMatch(/<!(channel|here|everyone)|<@|<https?:\/\/evil|\u202e/);
    expect(shown).not.toMatch(/\\u001b/);
  });

  it('says the severity in words as well as by the colour', () => {
    const colours = (['ok', 'info', 'warn', 'crit'] as const).map(
      (tone) => renderCard(card({ tone }), null).attachments[0]?.color,
    );

    expect(new Set(colours).size).toBe(4);
    expect(renderCard(card(), null).text).toBe('Waiting · critical · rpa-worker is down on web-1');
  });

  it('asks before a dangerous button counts', () => {
    const message = renderCard(card({ buttons: [{ ...APPROVE, confirm: 'Restart rpa-worker now?' }] }), null);

    expect(buttonsOf(message)[0]?.confirm?.text.text).toBe('Restart rpa-worker now?');
  });

  it('calls people only where it is told to', () => {
    expect(renderCard(card(), 'S0ONCALL').text).toMatch(/^<!subteam\^S0ONCALL> /);
    expect(renderCard(card({ page: true }), null).text).not.toContain('<');
  });

  it('is valid for any card', () => {
    fc.assert(
      fc.property(anyCard(), (any) => {
        expect(faults(renderCard(any, null))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('renderLine', () => {
  it('has its own time, because it may arrive late', () => {
    const line = renderLine({ id: '1', at: START, tone: 'act', text: 'Restarting *rpa-worker*.' });

    expect(line.blocks[0]).toMatchObject({
      text: {
        text: expect.stringMatching(
          /^<!date\^1795312800\^\{time_secs\}\|2026-11-22 02:00 UTC> {2}Restarting/,
        ),
      },
    });
  });

  it('stays inside the limits with ten thousand characters', () => {
    expect(faults(renderLine({ id: '1', at: START, tone: 'bad', text: '<&>*'.repeat(2_500) }))).toEqual([]);
  });
});

describe('renderCall', () => {
  it('calls and names the card', () => {
    expect(renderCall(card(), 'U0ADA').text).toBe(
      '<@U0ADA> Waiting · critical · rpa-worker is down on web-1',
    );
  });
});

describe('renderReply', () => {
  it('keeps a long answer whole over several sections, and says what it left out', () => {
    const long = renderReply(Array.from({ length: 4_000 }, (_, at) => `line ${at} <b>`).join('\n'));

    expect(faults(long)).toEqual([]);
    expect(readableText(long)).toMatch(/… \d+ more parts, see the console/);
  });

  it('sets columns in a monospaced font, and leaves prose as prose', () => {
    const { blocks } = renderReply(
      'All is well.\nCPU     94 %  limit 90 %\nMemory  10 %  limit 90 %\nThat is all.',
    );

    expect(blocks.map((block) => (block.type === 'section' ? block.text.text : ''))).toEqual([
      'All is well.',
      '```CPU     94 %  limit 90 %\nMemory  10 %  limit 90 %```',
      'That is all.',
    ]);
  });

  it('says something where the answer is empty', () => {
    expect(renderReply('').text).toBe('Done.');
  });
});

function anyCard(): fc.Arbitrary<Card> {
  const text = fc.string({
    maxLength: 4_000,
    unit: fc.constantFrom('a', ' ', '\n', '<', '&', '*', '`', '_', '😀', '\u001b', '>'),
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
      facts: fc.array(fact, { maxLength: 12 }),
      buttons: fc.uniqueArray(button, { maxLength: 4, selector: ({ verb }) => verb }),
    })
    .map((over) => card(over as Partial<Card>));
}
