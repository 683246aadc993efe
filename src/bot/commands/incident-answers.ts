/** What a person says to an incident: on it, over, or quiet for a while. */
import { z } from 'zod';
import type { Incident } from '../../domain/incident.ts';
import { days, hours, minutes } from '../../domain/units.ts';
import type { Command, Reply } from './command.ts';
import { entry } from './entry.ts';
import { findByIdOrTarget } from './lookup.ts';
import { phrase, span, word } from './options.ts';
import { endsByItself, fromControl, would } from './replies.ts';

const SILENCE_SPAN = hours(2);

const idOrTarget = {
  id: word('incident id, or the beginning of one').optional(),
  target: word('the target instead of an id').optional(),
};

export const ANSWER_COMMANDS: readonly Command[] = [
  entry({
    words: ['ack'],
    summary: 'Says that somebody is on it: no repeats until something changes',
    role: 'responder',
    options: z.strictObject(idOrTarget),
    positional: ['id'],
    changes: true,
    example: 'ack inc-7f3a',
    async run(options, { controls, actor, dryRun }) {
      const found = findByIdOrTarget(controls, options);
      if (found.kind === 'none') return found.reply;
      if (dryRun) return would(`Would acknowledge ${named(found.value)}.`);
      return fromControl(await controls.acknowledge(found.value.id, actor));
    },
  }),
  entry({
    words: ['resolve'],
    summary: 'Closes an incident by hand, with the reason',
    role: 'responder',
    options: z.strictObject({ ...idOrTarget, reason: phrase('why it is over') }),
    positional: ['id', 'reason'],
    changes: true,
    example: 'resolve inc-7f3a rolled the deploy back by hand',
    async run(options, { controls, actor, dryRun }) {
      const found = findByIdOrTarget(controls, options);
      if (found.kind === 'none') return found.reply;
      if (dryRun) return would(`Would resolve ${named(found.value)}: ${options.reason}`);
      return fromControl(await controls.resolve(found.value.id, actor, options.reason));
    },
  }),
  entry({
    words: ['silence'],
    summary: 'No messages about a target or metric for a while; healing goes on',
    role: 'responder',
    options: z.strictObject({
      target: word('target or metric').optional(),
      id: word('the target of this incident instead').optional(),
      for: span('how long (2h)', minutes(1), days(30)).optional(),
      reason: phrase('why').optional(),
    }),
    positional: ['target', 'for', 'reason'],
    changes: true,
    example: 'silence rpa-worker 2h known noise',
    async run({ target, id, reason = '', for: length = SILENCE_SPAN }, context) {
      const { controls, actor, dryRun } = context;
      const quiet = async (subject: string): Promise<Reply> =>
        endsByItself(
          await controls.silence(subject, length, actor, reason, dryRun),
          length,
          'no messages about it, and healing goes on.',
          context,
        );
      if (id === undefined && target !== undefined) return quiet(target);
      const found = findByIdOrTarget(controls, { id, target: undefined });
      return found.kind === 'none' ? found.reply : quiet(subjectOf(found.value));
    },
  }),
];

function named(incident: Incident): string {
  return `${incident.id} (${incident.title})`;
}

/** An incident of the whole host is silenced by the metric that opened it. */
function subjectOf(incident: Incident): string {
  return incident.target ?? incident.anomalies[0]?.evidence.metric ?? incident.kind;
}
