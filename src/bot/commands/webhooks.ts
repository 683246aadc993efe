/** Webhooks: where others may send to, what could not be sent, and sending it again. */
import { z } from 'zod';
import type { LetterView } from '../../domain/outside.ts';
import { columns } from '../columns.ts';
import { counted } from '../figures.ts';
import { actorLabel } from '../permissions.ts';
import type { Command } from './command.ts';
import { entry } from './entry.ts';
import { word } from './options.ts';
import { notFound, ok, would } from './replies.ts';

const MOST_SHOWN = 20;

export const WEBHOOK_COMMANDS: readonly Command[] = [
  entry({
    words: ['test', 'webhook'],
    summary: 'Sends a test event to every webhook',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: true,
    example: 'test webhook',
    async run(_, { controls, actor, dryRun }) {
      if (dryRun) return would('Would send a test event to every webhook.');
      const names = await controls.webhooks.test(actorLabel(actor));
      if (names.length === 0) return notFound('No webhook is configured (webhooks.sinks in bot.json).');
      return ok(`A test goes to ${names.join(', ')}. "webhook list" tells what could not be sent.`, {
        sinks: names,
      });
    },
  }),
  entry({
    words: ['webhook', 'list'],
    summary: 'Addresses for other systems, and what could not be sent',
    role: 'operator',
    options: z.strictObject({}),
    positional: [],
    changes: false,
    example: 'webhook list',
    async run(_, { controls, actor }) {
      const { addresses, waiting, dead } = controls.webhooks;
      // The token in the path is a secret: it is told at the host and in the console, never in a chat channel.
      const isChat = actor.surface === 'slack' || actor.surface === 'discord';
      const shown = addresses().map(({ source, path }) => ({ source, path: isChat ? null : path }));
      const rows = shown.map(({ source, path }) => [source, path ?? 'its address is told in the console']);
      const text = [
        ...(rows.length === 0 ? ['No source is configured (webhooks.sources in bot.json).'] : columns(rows)),
        ...letterLines('to be sent', waiting()),
        ...letterLines('not delivered', dead()),
      ];
      return ok(text.join('\n'), { sources: shown, waiting: waiting(), dead: dead() });
    },
  }),
  entry({
    words: ['webhook', 'replay'],
    summary: 'Sends what could not be delivered again',
    role: 'operator',
    options: z.strictObject({ sink: word('only to this webhook').optional() }),
    positional: ['sink'],
    changes: true,
    example: 'webhook replay pager',
    async run({ sink = null }, { controls, dryRun }) {
      const chosen = controls.webhooks.dead().filter((letter) => sink === null || letter.sink === sink);
      if (chosen.length === 0) return notFound('Nothing waits to be sent again.');
      if (dryRun) return would(`Would send ${counted(chosen.length, 'event')} again.`);
      const count = await controls.webhooks.replay(sink);
      return ok(`${counted(count, 'event')} will be sent again.`, { count });
    },
  }),
];

function letterLines(what: string, letters: readonly LetterView[]): readonly string[] {
  if (letters.length === 0) return [];
  const rows = letters
    .slice(-MOST_SHOWN)
    .map(({ sink, type, at, attempts, lastError }) => [sink, type, at, `${attempts} tries`, lastError]);
  return [`${counted(letters.length, 'event')} ${what}:`, ...columns(rows)];
}
